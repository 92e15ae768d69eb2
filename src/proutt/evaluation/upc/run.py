"""The run of an evaluation: a record is a test persona, its items are the repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.evaluation.upc.config import PERPLEXITY, UPCEvaluateConfig
from proutt.evaluation.upc.evaluating import Evaluating
from proutt.evaluation.upc.likelihoods import measuring
from proutt.evaluation.upc.record import UPCEvaluated
from proutt.evaluation.upc.results import Evaluation
from proutt.evaluation.upc.stored import DIALOGUES, derived
from proutt.evaluation.upc.unseen import Seen, refuse_seen, seen_of, trained_with
from proutt.intent.persona import Persona
from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.making import MakingOf
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.standing import Words
from proutt.runs.stream import Stream
from proutt.runs.summary import calls_of
from proutt.simulation.dialogue_run import failures_of

WORDS = Words("evaluated", "ends", items="dialogues", record="persona")


def evaluate(
    config: UPCEvaluateConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for an evaluation. Raises UserError where there is something to mend."""
    making = _Evaluation(config.resolved())
    refuse_seen(making.seen)
    if making.seen.groups:
        observer.note(f"Occupation groups that were trained with are tested on: {', '.join(making.seen.groups)}.")
    return make(making, out, observer, reuse=reuse, retry_failed=retry_failed)


@dataclass(frozen=True)
class _Evaluation(MakingOf[UPCEvaluateConfig]):
    """`Making` of an evaluation."""

    words = WORDS
    prompts = "upc_evaluation"

    @property
    def specs(self) -> Mapping[Role, ModelSpec]:
        return self.decided.specs

    @cached_property
    def personas(self) -> list[Persona]:
        """The test set."""
        return list(self.decided.personas(self.report, stdin=standard_input()))

    @cached_property
    def seen(self) -> Seen:
        """What of the test set the chatbot was trained with, as far as that was named."""
        places = self.decided.unseen_from
        return seen_of(self.personas, trained_with(places)) if places else Seen((), ())

    def count(self) -> int:
        return len(self.personas) * self.decided.repeats

    def session(self, session: Session) -> Session:
        """With a model that is asked for likelihoods, where perplexity is measured."""
        return session if self.decided.perplexity_model is None else measuring(session, self.decided.spec(PERPLEXITY))

    async def work(self, session: Session, stream: Stream) -> bool:  # noqa: ARG002
        return await Evaluating(stream, self.decided, self.decided.settings()).run(self.personas)

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        lines = [item.record for item, _ in directory.journal.items("evaluated")]
        directory.write(DIALOGUES, lambda: (f"{line}\n" for line in lines))
        directory.write(FAILURES, lambda: failures_of(directory, WORDS.record))
        results: dict[str, Any] | None = None
        if lines:
            dialogues = [UPCEvaluated.model_validate_json(line) for line in lines]
            found = derived([Evaluation(str(directory.path), dialogues)], failed=self.decided.failed)
            results = found[0]
            for name, text in found[2].items():
                directory.write(name, lambda text=text: [text])  # type: ignore[misc]
        summary = self._summary(directory, len(lines), ended, results)
        directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
        return summary

    def _summary(
        self, directory: RunDirectory, evaluated: int, ended: Ended, results: dict[str, Any] | None
    ) -> dict[str, Any]:
        """The content of `summary.json`: dialogues in = evaluated + failed + undecided."""
        journal, config = directory.journal, self.decided
        failed = journal.failed_by_reason()
        mine: dict[str, Any] = {} if results is None else results["systems"][0]
        return {
            "complete": ended.complete,
            "method": "upc",
            "system": config.system,
            "baseline": config.baseline,
            "personas": len(self.personas),
            "repeats": config.repeats,
            "seen_groups": list(self.seen.groups),
            "dialogues": {
                "in": self.count(),
                "evaluated": evaluated,
                "failed": sum(failed.values()),
                "undecided": self.count() - evaluated - sum(failed.values()),
            },
            "failed": failed,
            "skipped_records": dict(self.report.skipped),
            "scores": mine.get("scores"),
            "perplexity": mine.get("perplexity"),
            "models": ended.identities,
            "calls": calls_of(journal),
            "cost": None if ended.spent is None else round(ended.spent, 6),
            "currency": ended.currency,
            "seconds": round(float(journal.meta("seconds") or 0.0), 1),
            "results": results,
        }
