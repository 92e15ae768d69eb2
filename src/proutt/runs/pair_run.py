"""A run that makes preference pairs: begin or resume it, do one session's work, write what follows from its journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.judge import SimilarityJudge
from proutt.judge.embedding import EmbeddingJudge
from proutt.prompts import Role, prompt_version
from proutt.runs.baseline_synthesis import BaselineSynthesis
from proutt.runs.config import SynthesisConfig
from proutt.runs.directory import RunDirectory
from proutt.runs.reading import standard_input
from proutt.runs.session import Ended, Observer, Session, Terms, check_models, run_session
from proutt.runs.standing import standing, stopping
from proutt.runs.summary import summary_of
from proutt.runs.synthesis import NOT_SELECTED, Synthesis

#: Inputs up to this size are counted first, so that progress can say how much is left.
COUNTED_BYTES = 64 * 2**20

#: Dialogues at work at once where calls go as batches: so many, that a stage of them fills a batch.
BATCH_WINDOW = 5000


@dataclass(frozen=True)
class Made:
    """What a run has come to.

    summary  the content of summary.json; report  what of the input was left out
    why      what stopped this session short, a matter each; empty where it is complete or the user stopped it
    """

    summary: dict[str, Any]
    report: ReadingReport
    why: list[str]

    @property
    def complete(self) -> bool:
        return bool(self.summary["complete"])


def make_pairs(
    config: SynthesisConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    batch: str | None = None,
) -> Made:
    """Do or resume a run in the directory `out`, and write its files.

    reuse         older runs whose answers are taken where the question is the same
    retry_failed  the reason whose failed turns are taken up again, "*" for all, None for none
    batch         "api" or "files": calls go as batches

    Raises UserError where there is something to mend; nothing finished is lost, and the files say what was finished.
    """
    config.settings()  # what contradicts itself fails before anything is made
    decided = config.resolved()
    check_models({role: decided.spec(role) for role in decided.opened_roles})
    total = _counted(config)
    directory = RunDirectory(out)
    try:
        for older in reuse:
            directory.reuse(older)
        prompts = prompt_version("proutt" if decided.method == "proutt" else "baselines")
        resumed = directory.begin({**decided.model_dump(mode="json"), "prompt_version": prompts})
        if retry_failed is not None:
            observer.note(taken_up(directory, retry_failed))
        elif resumed:
            observer.note(f"Going on with {out}.")
        report = ReadingReport()
        work = _Pairs(decided, directory, report, total, observer)
        ended = run_session(directory, _terms(decided, batch), work.do, observer)
        return Made(_derived(directory, report, ended), report, ended.why)
    finally:
        directory.close()


def _terms(decided: SynthesisConfig, batch: str | None) -> Terms:
    return Terms(
        {role: decided.spec(role) for role in decided.opened_roles},
        concurrency=decided.concurrency or 1,
        seed=decided.seed,
        idle=frozenset({Role.JUDGE} if decided.judge == "embedding" else ()),
        max_tokens=decided.max_tokens,
        max_cost=decided.max_cost,
        batch=batch,
    )


def _counted(config: SynthesisConfig) -> int | None:
    """The (dialogue, K) to work on where counting is quick; an unreadable input fails here, before any work."""
    if not countable(config.inputs):
        return None
    report = ReadingReport()
    with_pairs = sum(1 for dialogue in config.dialogues(report, language="en") if dialogue.ks)
    return report.pairs if config.turns == "all" else with_pairs


def countable(inputs: Sequence[str]) -> bool:
    """Whether the inputs can be read twice, and the first time quickly."""
    files = [Path(name) for name in inputs]
    if any(name == "-" or name.startswith("hf:") for name in inputs):
        return False
    if any(file.exists() and not file.is_file() for file in files):  # a folder, or a pipe that can be read but once
        return False
    return sum(file.stat().st_size for file in files if file.is_file()) <= COUNTED_BYTES


def taken_up(directory: RunDirectory, reason: str) -> str:
    """Make failed turns undecided again; what to tell. Raises UserError where none has failed for that reason."""
    failed = directory.journal.failed_by_reason()
    if reason != "*" and reason not in failed and not directory.journal.undecided:
        there = ", ".join(f"{name} ({count})" for name, count in failed.items()) or "none at all"
        raise UserError(
            f"no turn of this run has failed for {reason!r}; failed: {there}.",
            where=str(directory.path),
            remedy="Write --retry-failed=REASON, or --retry-failed alone after the files for all.",
        )
    count = directory.journal.retry_failed(None if reason == "*" else reason)
    return f"Taking {count} failed turns up again." if count else f"Going on with {directory.path}."


@dataclass(frozen=True)
class _Pairs:
    """The work of a session that makes pairs. total: (dialogue, K) to work on, where they were counted."""

    config: SynthesisConfig
    directory: RunDirectory
    report: ReadingReport
    total: int | None
    observer: Observer

    async def do(self, session: Session) -> bool:
        """The method over the dialogues of the input."""
        calls = session.calls
        synthesis = self._synthesis(session)
        query = "SELECT COUNT(*) FROM items WHERE reason != ?"
        ((before,),) = self.directory.journal.rows(query, (NOT_SELECTED,))

        def now(seconds: float) -> dict[str, Any]:
            facts = {"total": self.total, "before": before, "currency": session.currency, "waiting": session.waiting}
            return standing(synthesis.progress, calls, seconds=seconds, **facts)

        async with self.observer.working(now):
            return await synthesis.run(self.config.dialogues(self.report, stdin=standard_input()))

    def _synthesis(self, session: Session) -> Synthesis:
        calls, config = session.calls, self.config
        window = BATCH_WINDOW if session.terms.batch else max(2, session.terms.limit)
        embedding = None
        if config.judge == "embedding" and Role.JUDGE in config.opened_roles:
            embedding = SimilarityJudge(EmbeddingJudge())
        given = (calls, config.settings(), config.judge or "llm", window)

        def on_stop() -> None:
            self.observer.note(stopping(calls, session.waiting))

        if config.method == "proutt":
            return Synthesis(*given, embedding=embedding, on_stop=on_stop)
        return BaselineSynthesis(*given, embedding=embedding, on_stop=on_stop, method=config.method)


def _derived(directory: RunDirectory, report: ReadingReport, ended: Ended) -> dict[str, Any]:
    """The summary, after the files are written. Raises UserError where a failure has ended the session."""
    summary = summary_of(
        directory.journal,
        complete=ended.complete,
        seconds=float(directory.journal.meta("seconds") or 0.0),
        models=ended.identities,
        skipped_records=report.skipped,
        cost=ended.spent,
        currency=ended.currency,
    )
    directory.derive(summary)
    if ended.failure is not None:
        remedy = "Nothing finished is lost: mend it and run the same command."
        raise UserError(str(ended.failure), remedy=remedy) from ended.failure
    return summary
