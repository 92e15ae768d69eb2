"""The run that makes preference pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.judge import SimilarityJudge
from proutt.judge.embedding import EmbeddingJudge
from proutt.llm import ModelSpec
from proutt.prompts import Role, prompt_version
from proutt.runs import standing
from proutt.runs.baseline_synthesis import BaselineSynthesis
from proutt.runs.config import SynthesisConfig, config_of
from proutt.runs.directory import RunDirectory
from proutt.runs.making import MakingOf
from proutt.runs.pairs import PAIRS
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, Making, countable, make
from proutt.runs.session import Ended, Observer, Session, Terms
from proutt.runs.sharded import Workers
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
    workers: Workers | None = None,
    batch: str | None = None,
) -> Made:
    """`make` for preference pairs. batch: "api" or "files" where calls go as batches.

    Raises UserError where there is something to mend.
    """
    config.settings()  # what contradicts itself fails before anything is made
    return make(
        _Pairs(config.resolved(), batch=batch), out, observer, reuse=reuse, retry_failed=retry_failed, workers=workers
    )


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Pairs(config_of(values).resolved())


@dataclass(frozen=True)
class _Pairs(MakingOf[SynthesisConfig]):
    """`Making` of preference pairs. batch: as in `make_pairs`."""

    words = standing.PAIRS

    batch: str | None = None

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {role: self.decided.spec(role) for role in self.decided.opened_roles}

    @property
    def prompt_version(self) -> str:
        return prompt_version("proutt" if self.decided.method == "proutt" else "baselines")

    @property
    def terms(self) -> Terms:
        idle = frozenset({Role.JUDGE} if self.decided.judge == "embedding" else ())
        return replace(super().terms, idle=idle, batch=self.batch)

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            return None
        report = ReadingReport()
        with_pairs = sum(1 for dialogue in self.decided.dialogues(report, language="en") if dialogue.ks)
        return report.pairs if self.decided.turns == "all" else with_pairs

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
        summary = summary_of(directory.journal, ended, skipped_records=self.report.skipped)
        directory.derive(PAIRS, directory.records("paired"), summary)
        return summary
