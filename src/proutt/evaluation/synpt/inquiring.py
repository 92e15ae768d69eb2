"""The first words of a test set, written once and before any model is tested, so that all are tested on the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.evaluation.synpt.agents import steps_of
from proutt.evaluation.synpt.cases import Case, cases_of, drawn
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.evaluating import fingerprint
from proutt.evaluation.synpt.record import InquiryRecord
from proutt.evaluation.synpt.stored import INQUIRIES
from proutt.prompts import Role, prompt_version
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.journal import Item
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream
from proutt.runs.summary import calls_of
from proutt.runs.synthesis import dialogue_budget

WORDS = Words("inquired", "parts", items="inquiries", record="test case")
#: A test case has one item, its inquiry.
INQUIRY = 1


def cases_in(config: EvaluateConfig, report: ReadingReport) -> list[Case]:
    """The test cases of a configuration's seeds (`cases_of`). Raises UserError where there is nothing to read."""
    seeds = config.read_seeds(report)
    if config.per_task is not None:
        seeds = drawn(seeds, per_task=config.per_task, seed=config.seed)
    return cases_of(seeds, seed=config.seed)


def inquire(config: EvaluateConfig, out: Path, observer: Observer, *, reuse: Sequence[Path] = ()) -> Made:
    """`make` for the first words: `out` then is what another evaluation takes as its `inquiries`.

    Of the configuration count what the test set is made of, and the user's model. Raises UserError.
    """
    return make(_Inquiring(config.resolved()), out, observer, reuse=reuse)


@dataclass(frozen=True)
class _Inquiring:
    """`Making` of inquiries. decided: a resolved configuration."""

    decided: EvaluateConfig
    report: ReadingReport = field(default_factory=ReadingReport)
    words: Words = WORDS

    @property
    def config(self) -> dict[str, Any]:
        return {**self.decided.model_dump(mode="json"), "prompt_version": prompt_version("synpt")}

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            {Role.USER_AGENT: decided.specs[Role.USER_AGENT]},
            concurrency=decided.calls_in_flight,
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )

    @cached_property
    def cases(self) -> list[Case]:
        return cases_in(self.decided, self.report)

    def count(self) -> int:
        return len(self.cases)

    def session(self, session: Session) -> Session:
        return session

    async def work(self, session: Session, stream: Stream) -> bool:
        budget = dialogue_budget(session.calls.models[Role.USER_AGENT].context_tokens)

        async def one(number: int, case: Case, missing: Sequence[int]) -> None:
            await stream.items(number, {k: self._inquiry(stream, number, case, budget) for k in missing})

        return await stream.run(self._entries(), one)

    def _entries(self) -> Iterator[Entry[Case]]:
        for case in self.cases:
            seed = case.seed
            yield Entry(case, seed.id, fingerprint(case, None), (INQUIRY,), seed.source or seed.id)

    async def _inquiry(self, stream: Stream, number: int, case: Case, budget: int) -> Item:
        ask = stream.calls.for_item((number, INQUIRY), rounds=stream.journal.rounds(number))
        small = self.decided.small(Role.USER_AGENT)
        steps = steps_of(ask, budget=budget, small=small, seed=self.decided.seed)
        said = await steps.inquire(f"{case.seed.id}/1/inquire", case.seed, case.told)
        record = InquiryRecord(
            seed_id=case.seed.id,
            task=case.seed.task.name,
            language=case.seed.task.language,
            part=case.part,
            told=list(case.told),
            values=dict(case.seed.values),
            utterance=said.utterance,
        )
        stream.progress.marks[case.part] += 1
        return Item(number, INQUIRY, "inquired", record=record.model_dump_json())

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        lines = [item.record for item, _ in journal.items("inquired")]
        directory.write(INQUIRIES, lambda: (f"{line}\n" for line in lines))
        directory.write(FAILURES, directory.failures)
        failed = journal.failed_by_reason()
        summary = {
            "complete": ended.complete,
            "cases": len(self.cases),
            "parts": dict(Counter(case.part for case in self.cases)),
            "inquired": len(lines),
            "failed": failed,
            "skipped_records": dict(self.report.skipped),
            "models": ended.identities,
            "calls": calls_of(journal),
            "cost": None if ended.spent is None else round(ended.spent, 6),
            "currency": ended.currency,
        }
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary
