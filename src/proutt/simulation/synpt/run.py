"""The run that makes SynPT's dialogues: one of each seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.intent.task import Seed
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.simulated import record_of
from proutt.methods.synpt.small_steps import SmallSteps
from proutt.methods.synpt.steps import Steps
from proutt.methods.synpt.whole_steps import WholeSteps
from proutt.prompts import Ask, prompt_version
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.journal import Item
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, Making, countable, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream
from proutt.simulation.synpt.config import ROLES, SynPTConfig, synpt_config_of
from proutt.simulation.synpt.summary import summary_of

DIALOGUES = "dialogues.jsonl"
WORDS = Words("dialogues", "flags", items="seeds", record="seed", verb="simulate synpt")
#: A seed has one item, its dialogue.
DIALOGUE = 1


def simulate(
    config: SynPTConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for SynPT's dialogues. Raises UserError where there is something to mend."""
    config.settings()  # what contradicts itself fails before anything is made
    making = _Dialogues(config.resolved())
    return make(making, out, observer, reuse=reuse, retry_failed=retry_failed)


def steps_of(settings: SynPTSettings, ask: Ask) -> Steps:
    """The agents' questions as the settings want them, put by `ask`."""
    return SmallSteps(ask, settings) if settings.small_steps else WholeSteps(ask)


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Dialogues(synpt_config_of(values).resolved())


@dataclass(frozen=True)
class _Dialogues:
    """`Making` of dialogues. decided: a resolved configuration."""

    decided: SynPTConfig
    report: ReadingReport = field(default_factory=ReadingReport)
    words: Words = WORDS

    @cached_property
    def settings(self) -> SynPTSettings:
        return self.decided.settings()

    @property
    def config(self) -> dict[str, Any]:
        return {**self.decided.model_dump(mode="json"), "prompt_version": prompt_version("synpt")}

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            {role: decided.spec(role) for role in ROLES},
            concurrency=decided.concurrency or 1,
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            self.decided.read_tasks()  # what is wrong with them fails here
            return None
        return sum(1 for _ in self.decided.seeds(ReadingReport()))

    def session(self, session: Session) -> Session:
        return session

    async def work(self, session: Session, stream: Stream) -> bool:
        identities = {role.value: model.identity for role, model in session.calls.models.items()}

        async def one(number: int, seed: Seed, missing: Sequence[int]) -> None:
            await stream.items(number, {k: self._dialogue(stream, number, seed, identities) for k in missing})

        seeds = self.decided.seeds(self.report, stdin=standard_input())
        return await stream.run((entry_of(seed) for seed in seeds), one)

    async def _dialogue(self, stream: Stream, number: int, seed: Seed, models: Mapping[str, str]) -> Item:
        ask = stream.calls.for_item((number, DIALOGUE), rounds=stream.journal.rounds(number))
        steps = steps_of(self.settings, ask)
        made = await simulate_dialogue(seed, settings=self.settings, steps=steps, ask=ask)
        record = record_of(made, models=models, usage=ask.usage, usage_by_module=ask.usage_by_step)
        stream.progress.marks.update(record.flags)
        return Item(number, DIALOGUE, "simulated", record=record.model_dump_json())

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        directory.write(DIALOGUES, lambda: (f"{item.record}\n" for item, _ in journal.items("simulated")))
        directory.write(FAILURES, lambda: _failures(directory))
        summary = summary_of(journal, self.decided.read_tasks(), self.report, ended, method=self.decided.method)
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary


def _failures(directory: RunDirectory) -> Iterator[str]:
    """The lines of `failures.jsonl`, which names seeds and not turns."""
    for line in directory.failures():
        failure = json.loads(line)
        del failure["k"]
        yield json.dumps({"seed_id": failure.pop("dialogue_id"), **failure}, ensure_ascii=False) + "\n"


def entry_of(seed: Seed) -> Entry[Seed]:
    """A seed as the journal knows it: the same only with the same values and the same task."""
    said = json.dumps([seed.id, dict(seed.values), asdict(seed.task)], ensure_ascii=False, sort_keys=True)
    fingerprint = hashlib.sha256(said.encode()).hexdigest()[:32]
    return Entry(seed, seed.id, fingerprint, (DIALOGUE,), seed.source or seed.id)
