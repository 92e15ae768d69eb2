"""The run that makes UPC's corpus: a dialogue with each persona."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from proutt.dialogue import ReadingReport
from proutt.intent.persona import Persona
from proutt.methods.upc.algorithm import simulate_dialogue
from proutt.methods.upc.record import UPCDialogue
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import record_of
from proutt.methods.upc.small_steps import SmallSteps
from proutt.methods.upc.steps import Steps
from proutt.methods.upc.whole_steps import WholeSteps
from proutt.prompts import Ask, Role
from proutt.runs.calls import ItemAsk
from proutt.runs.journal import Journal
from proutt.runs.run import Made, Making, make
from proutt.runs.session import Ended, Observer
from proutt.runs.sharded import Workers
from proutt.runs.standing import Words
from proutt.simulation.dialogue_run import DialogueRun
from proutt.simulation.upc.config import UPCConfig, upc_config_of
from proutt.simulation.upc.summary import summary_of

WORDS = Words("dialogues", "flags", items="personas", record="persona", verb="simulate upc")


def simulate(
    config: UPCConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    workers: Workers | None = None,
) -> Made:
    """`make` for UPC's dialogues. Raises UserError where there is something to mend."""
    return make(_Dialogues(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed, workers=workers)


def steps_of(settings: UPCSettings, ask: Ask) -> Steps:
    """The questions as the settings want them, put by `ask`."""
    return SmallSteps(ask, settings) if settings.small_steps else WholeSteps(ask, settings)


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Dialogues(upc_config_of(values).resolved())


@dataclass(frozen=True)
class _Dialogues(DialogueRun[UPCConfig, Persona]):
    """`Making` of dialogues, one with each persona."""

    words = WORDS
    prompts = "upc"

    @property
    def roles(self) -> Sequence[Role]:
        return self.decided.roles_asked

    @cached_property
    def settings(self) -> UPCSettings:
        return self.decided.settings()

    def read(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[Persona]:
        return self.decided.personas(report, stdin=stdin)

    def facts(self, given: Persona) -> Any:
        return facts_of(given)

    async def dialogue(self, given: Persona, ask: ItemAsk, models: Mapping[str, str]) -> UPCDialogue:
        made = await simulate_dialogue(given, settings=self.settings, steps=steps_of(self.settings, ask))
        return record_of(made, models=models, usage=ask.usage, usage_by_module=ask.usage_by_step)

    def summary(self, journal: Journal, ended: Ended) -> dict[str, Any]:
        return summary_of(journal, self.report, ended, settings=self.settings)


def facts_of(persona: Persona) -> dict[str, Any]:
    """A persona as journals know it: the same only with the same name, background, language and group."""
    return {name: value for name, value in asdict(persona).items() if name != "source"}
