"""The run that makes UPC's corpus: a dialogue with each persona."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.intent.persona import Persona
from proutt.methods.upc.algorithm import simulate_dialogue
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import record_of
from proutt.methods.upc.small_steps import SmallSteps
from proutt.methods.upc.steps import Steps
from proutt.methods.upc.whole_steps import WholeSteps
from proutt.prompts import Ask, prompt_version
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.journal import Item
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, countable, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream
from proutt.simulation.upc.config import UPCConfig
from proutt.simulation.upc.summary import summary_of

DIALOGUES = "dialogues.jsonl"
WORDS = Words("dialogues", "flags", items="personas", record="persona")
#: A persona has one item, its dialogue.
DIALOGUE = 1


def simulate(
    config: UPCConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for UPC's dialogues. Raises UserError where there is something to mend."""
    return make(_Dialogues(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed)


def steps_of(settings: UPCSettings, ask: Ask) -> Steps:
    """The questions as the settings want them, put by `ask`."""
    return SmallSteps(ask, settings) if settings.small_steps else WholeSteps(ask, settings)


@dataclass(frozen=True)
class _Dialogues:
    """`Making` of dialogues. decided: a resolved configuration."""

    decided: UPCConfig
    report: ReadingReport = field(default_factory=ReadingReport)
    words: Words = WORDS

    @cached_property
    def settings(self) -> UPCSettings:
        return self.decided.settings()

    @property
    def config(self) -> dict[str, Any]:
        return {**self.decided.model_dump(mode="json"), "prompt_version": prompt_version("upc")}

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            {role: decided.spec(role) for role in decided.roles_asked},
            concurrency=decided.concurrency or 1,
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            return None
        return sum(1 for _ in self.decided.personas(ReadingReport()))

    def session(self, session: Session) -> Session:
        return session

    async def work(self, session: Session, stream: Stream) -> bool:
        identities = {role.value: model.identity for role, model in session.calls.models.items()}

        async def one(number: int, persona: Persona, missing: Sequence[int]) -> None:
            await stream.items(number, {k: self._dialogue(stream, number, persona, identities) for k in missing})

        personas = self.decided.personas(self.report, stdin=standard_input())
        return await stream.run((entry_of(persona) for persona in personas), one)

    async def _dialogue(self, stream: Stream, number: int, persona: Persona, models: Mapping[str, str]) -> Item:
        ask = stream.calls.for_item((number, DIALOGUE), rounds=stream.journal.rounds(number))
        made = await simulate_dialogue(persona, settings=self.settings, steps=steps_of(self.settings, ask))
        record = record_of(made, models=models, usage=ask.usage, usage_by_module=ask.usage_by_step)
        stream.progress.marks.update(record.flags)
        return Item(number, DIALOGUE, "simulated", record=record.model_dump_json())

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        directory.write(DIALOGUES, lambda: (f"{item.record}\n" for item, _ in journal.items("simulated")))
        directory.write(FAILURES, lambda: failures_of(directory))
        summary = summary_of(journal, self.report, ended, settings=self.settings)
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary


def failures_of(directory: RunDirectory) -> Iterator[str]:
    """The lines of `failures.jsonl`, which names personas and not turns."""
    for line in directory.failures():
        failure = json.loads(line)
        del failure["k"]
        yield json.dumps({"persona_id": failure.pop("dialogue_id"), **failure}, ensure_ascii=False) + "\n"


def entry_of(persona: Persona) -> Entry[Persona]:
    """A persona as the journal knows it: the same only with the same name, background, language and group."""
    facts = {name: value for name, value in asdict(persona).items() if name != "source"}
    fingerprint = hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
    return Entry(persona, persona.id, fingerprint, (DIALOGUE,), persona.source or persona.id)
