"""The run that makes preference pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.judge import SimilarityJudge
from proutt.judge.embedding import EmbeddingJudge
from proutt.prompts import Role, prompt_version
from proutt.runs.baseline_synthesis import BaselineSynthesis
from proutt.runs.config import SynthesisConfig, config_of
from proutt.runs.directory import RunDirectory
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, Making, countable, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.standing import PAIRS, Words
from proutt.runs.stream import Stream
from proutt.runs.summary import summary_of
from proutt.runs.synthesis import Synthesis


def make_pairs(
    config: SynthesisConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    batch: str | None = None,
) -> Made:
    """`make` for preference pairs. batch: "api" or "files" where calls go as batches.

    Raises UserError where there is something to mend.
    """
    config.settings()  # what contradicts itself fails before anything is made
    return make(_Pairs(config.resolved(), batch), out, observer, reuse=reuse, retry_failed=retry_failed)


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Pairs(config_of(values).resolved(), None)


@dataclass(frozen=True)
class _Pairs:
    """`Making` of preference pairs. decided: a resolved configuration."""

    decided: SynthesisConfig
    batch: str | None
    report: ReadingReport = field(default_factory=ReadingReport)
    words: Words = PAIRS

    @property
    def config(self) -> dict[str, Any]:
        prompts = prompt_version("proutt" if self.decided.method == "proutt" else "baselines")
        return {**self.decided.model_dump(mode="json"), "prompt_version": prompts}

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            {role: decided.spec(role) for role in decided.opened_roles},
            concurrency=decided.concurrency or 1,
            seed=decided.seed,
            idle=frozenset({Role.JUDGE} if decided.judge == "embedding" else ()),
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
            batch=self.batch,
        )

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            return None
        report = ReadingReport()
        with_pairs = sum(1 for dialogue in self.decided.dialogues(report, language="en") if dialogue.ks)
        return report.pairs if self.decided.turns == "all" else with_pairs

    def session(self, session: Session) -> Session:
        return session

    async def work(self, session: Session, stream: Stream) -> bool:  # noqa: ARG002
        return await self._synthesis(stream).run(self.decided.dialogues(self.report, stdin=standard_input()))

    def _synthesis(self, stream: Stream) -> Synthesis:
        decided, settings = self.decided, self.decided.settings()
        judges = decided.judge == "embedding" and Role.JUDGE in decided.opened_roles
        embedding = SimilarityJudge(EmbeddingJudge()) if judges else None
        if decided.method == "proutt":
            return Synthesis(stream, settings, embedding)
        return BaselineSynthesis(stream, settings, embedding, method=decided.method)

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        summary = summary_of(
            directory.journal,
            complete=ended.complete,
            seconds=float(directory.journal.meta("seconds") or 0.0),
            models=ended.identities,
            skipped_records=self.report.skipped,
            cost=ended.spent,
            currency=ended.currency,
        )
        directory.derive(summary)
        return summary
