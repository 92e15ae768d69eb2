"""The run of an evaluation: a record is a test case, its items are the repeats."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.evaluation.synpt.agents import steps_of
from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.evaluating import Evaluating
from proutt.evaluation.synpt.inquiring import cases_in
from proutt.evaluation.synpt.record import EvaluatedDialogue, InquiryRecord
from proutt.evaluation.synpt.results import Evaluation
from proutt.evaluation.synpt.stored import DIALOGUES, INQUIRIES, derived, inquiries_in
from proutt.intent.task import Seed
from proutt.llm import ModelSpec
from proutt.methods.synpt.steps import Steps
from proutt.prompts import Ask, Role, prompt_version
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.making import MakingOf
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.standing import Words
from proutt.runs.stream import Stream
from proutt.runs.summary import taken
from proutt.runs.synthesis import dialogue_budget

WORDS = Words("evaluated", "ends", items="dialogues", record="test case")


def evaluate(
    config: EvaluateConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for an evaluation. Raises UserError where there is something to mend."""
    return make(_Evaluation(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed)


@dataclass(frozen=True)
class _Evaluation(MakingOf[EvaluateConfig]):
    """`Making` of an evaluation."""

    words = WORDS
    prompts = "synpt_evaluation"

    @property
    def prompt_version(self) -> str:
        return f"{super().prompt_version}-{prompt_version('synpt')}"

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return self.decided.specs

    @cached_property
    def _test_set(self) -> tuple[list[Case], dict[str, str]]:
        return cases_and_inquiries(self.decided, self.report)

    @property
    def cases(self) -> list[Case]:
        """The test set. Raises UserError where there is none."""
        return self._test_set[0]

    def count(self) -> int:
        return len(self.cases) * self.decided.repeats

    async def work(self, session: Session, stream: Stream) -> bool:
        models = session.calls.models

        def steps(ask: Ask, role: Role) -> Steps:
            budget = dialogue_budget(models[role].context_tokens)
            return steps_of(ask, budget=budget, small=self.decided.small(role), seed=self.decided.seed)

        cases, inquiries = self._test_set
        return await Evaluating(stream, self.decided, steps, dict(inquiries)).run(cases)

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        lines = [item.record for item, _ in journal.items("evaluated")]
        dialogues = [EvaluatedDialogue.model_validate_json(line) for line in lines]
        directory.write(DIALOGUES, lambda: (f"{line}\n" for line in lines))
        directory.write(INQUIRIES, lambda: (f"{line.model_dump_json()}\n" for line in _inquiries(dialogues)))
        directory.write(FAILURES, directory.failures)
        results: dict[str, Any] | None = None
        if dialogues:
            results, _, files = derived([Evaluation(str(directory.path), dialogues)], self.decided.failed)
            for name, text in files.items():
                directory.write(name, lambda text=text: [text])  # type: ignore[misc]
        summary = _summary(directory, self.decided, self.cases, self.report, ended) | {"results": results}
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary


def cases_and_inquiries(config: EvaluateConfig, report: ReadingReport) -> tuple[list[Case], dict[str, str]]:
    """The test set, and seed id → the first words, where an earlier evaluation wrote them.

    report: what of the seeds is left out. Raises UserError where there is no test set.
    """
    if config.inquiries is None:
        return cases_in(config, report), {}
    known = inquiries_in(Path(config.inquiries))
    cases = _as_inquired(config.read_seeds(report), known, config.inquiries)
    return cases, {seed_id: each.utterance for seed_id, each in known.items()}


def _as_inquired(seeds: Sequence[Seed], inquiries: dict[str, InquiryRecord], where: str) -> list[Case]:
    """The test cases of an earlier evaluation. Raises UserError where their seeds are others now, or not there."""
    cases = []
    for seed in seeds:
        known = inquiries.get(seed.id)
        if known is None:
            continue
        if (known.task, known.values) != (seed.task.name, dict(seed.values)):
            raise UserError(
                f"seed {seed.id} is another one than that of the inquiry.",
                where=where,
                remedy="Give the seeds and tasks that the inquiries were written for.",
            )
        cases.append(Case(seed, tuple(known.told), known.part))
    if not cases:
        raise UserError("has no inquiry of these seeds.", where=where, remedy="Mend --inquiries, or the seeds.")
    return cases


def _inquiries(dialogues: Sequence[EvaluatedDialogue]) -> list[InquiryRecord]:
    first = {each.seed_id: each for each in reversed(dialogues)}
    return [
        InquiryRecord(
            seed_id=each.seed_id,
            task=each.task,
            language=each.language,
            part=each.part,
            told=each.told,
            values=each.values,
            utterance=each.turns[0].user,
        )
        for each in reversed(first.values())
    ]


def _summary(
    directory: RunDirectory, config: EvaluateConfig, cases: Sequence[Case], report: ReadingReport, ended: Ended
) -> dict[str, Any]:
    """The content of `summary.json`: dialogues in = evaluated + failed + undecided."""
    journal = directory.journal
    failed = journal.failed_by_reason()
    ((evaluated,),) = journal.rows("SELECT COUNT(*) FROM items WHERE state = 'evaluated'")
    wanted = len(cases) * config.repeats
    return {
        "complete": ended.complete,
        "system": config.system,
        "subject": config.subject,
        "cases": len(cases),
        "parts": dict(Counter(each.part for each in cases)),
        "repeats": config.repeats,
        "dialogues": {
            "in": wanted,
            "evaluated": evaluated,
            "failed": sum(failed.values()),
            "undecided": wanted - evaluated - sum(failed.values()),
        },
        "failed": failed,
        "skipped_records": dict(report.skipped),
        **taken(journal, ended),
    }
