"""The first words of a test set, written once and before any model is tested, so that all are tested on the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.journal import Item
from proutt.runs.making import MakingOf
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream
from proutt.runs.summary import taken
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
class _Inquiring(MakingOf[EvaluateConfig]):
    """`Making` of inquiries."""

    words = WORDS
    prompts = "synpt"

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {Role.USER_AGENT: self.decided.specs[Role.USER_AGENT]}

    @cached_property
    def cases(self) -> list[Case]:
        return cases_in(self.decided, self.report)

    def count(self) -> int:
        return len(self.cases)

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
            **taken(journal, ended),
        }
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary
