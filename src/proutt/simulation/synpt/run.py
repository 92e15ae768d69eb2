"""The run that makes SynPT's dialogues: one of each seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from proutt.dialogue import ReadingReport
from proutt.intent.task import Seed
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.simulated import record_of
from proutt.methods.synpt.small_steps import SmallSteps
from proutt.methods.synpt.steps import Steps
from proutt.methods.synpt.whole_steps import WholeSteps
from proutt.prompts import Ask
from proutt.runs.calls import ItemAsk
from proutt.runs.journal import Journal
from proutt.runs.run import Made, Making, make
from proutt.runs.session import Ended, Observer
from proutt.runs.sharded import Workers
from proutt.runs.standing import Words
from proutt.simulation.dialogue_run import DialogueRun
from proutt.simulation.synpt.config import ROLES, SynPTConfig, synpt_config_of
from proutt.simulation.synpt.summary import summary_of

WORDS = Words("dialogues", "flags", items="seeds", record="seed", verb="simulate synpt")


def simulate(
    config: SynPTConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    workers: Workers | None = None,
) -> Made:
    """`make` for SynPT's dialogues. Raises UserError where there is something to mend."""
    config.settings()  # what contradicts itself fails before anything is made
    making = _Dialogues(config.resolved())
    return make(making, out, observer, reuse=reuse, retry_failed=retry_failed, workers=workers)


def steps_of(settings: SynPTSettings, ask: Ask) -> Steps:
    """The agents' questions as the settings want them, put by `ask`."""
    return SmallSteps(ask, settings) if settings.small_steps else WholeSteps(ask)


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Dialogues(synpt_config_of(values).resolved())


@dataclass(frozen=True)
class _Dialogues(DialogueRun[SynPTConfig, Seed]):
    """`Making` of dialogues, one of each seed."""

    words = WORDS
    prompts = "synpt"
    roles = ROLES

    @cached_property
    def settings(self) -> SynPTSettings:
        return self.decided.settings()

    def count(self) -> int | None:
        self.decided.read_tasks()  # what is wrong with them fails here, whatever the seeds come from
        return super().count()

    def read(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[Seed]:
        return self.decided.seeds(report, stdin=stdin)

    def facts(self, given: Seed) -> Any:
        return [given.id, dict(given.values), asdict(given.task)]

    async def dialogue(self, given: Seed, ask: ItemAsk, models: Mapping[str, str]) -> SynPTDialogue:
        steps = steps_of(self.settings, ask)
        made = await simulate_dialogue(given, settings=self.settings, steps=steps, ask=ask)
        return record_of(made, models=models, usage=ask.usage, usage_by_module=ask.usage_by_step)

    def summary(self, journal: Journal, ended: Ended) -> dict[str, Any]:
        return summary_of(journal, self.decided.read_tasks(), self.report, ended, method=self.decided.method)
