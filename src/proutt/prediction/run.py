"""A run of predictions: begin or resume it, do one session's work, write what follows from its journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.export.prompt import instruction_version
from proutt.llm import ChatModel, ModelSpec
from proutt.prediction.cases import selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.methods import METHODS
from proutt.prediction.scheduling import Predictions
from proutt.prompts import Role, prompt_version
from proutt.runs.calls import Calls
from proutt.runs.directory import FAILURES, SUMMARY, RunDirectory
from proutt.runs.pair_run import countable, taken_up
from proutt.runs.reading import standard_input
from proutt.runs.session import Ended, Observer, Session, Terms, check_models, run_session
from proutt.runs.standing import stopping
from proutt.runs.summary import calls_of

PREDICTIONS = "predictions.jsonl"
#: Methods that need a model that goes on as the user.
CONTINUED = frozenset({"user-header"})
#: Methods that annotate the context: the same model has a second role then.
ANNOTATING = frozenset({"proutt-pipeline"})


@dataclass(frozen=True)
class Predicted:
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


def predict(
    config: PredictConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Predicted:
    """Do or resume a run in the directory `out`, and write its files.

    reuse         older runs whose answers are taken where the question is the same
    retry_failed  the reason whose failed cases are taken up again, "*" for all, None for none

    Raises UserError where there is something to mend; nothing finished is lost, and the files say what was finished.
    """
    decided = config.resolved()
    roles = (Role.REASONER, *((Role.ANNOTATOR,) if decided.method in ANNOTATING else ()))
    specs = dict.fromkeys(roles, decided.spec)
    check_models(specs)
    total = _counted(decided)
    directory = RunDirectory(out)
    try:
        for older in reuse:
            directory.reuse(older)
        resumed = directory.begin({**decided.model_dump(mode="json"), "prompt_version": _prompts()})
        if retry_failed is not None:
            observer.note(taken_up(directory, retry_failed))
        elif resumed:
            observer.note(f"Going on with {out}.")
        work = _Work(decided, directory, ReadingReport(), total, observer)
        terms = Terms(
            specs,
            concurrency=decided.concurrency or 1,
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )
        ended = run_session(directory, terms, work.do, observer)
        return Predicted(_derived(directory, decided, work.report, ended), work.report, ended.why)
    finally:
        directory.close()


def _counted(config: PredictConfig) -> int | None:
    """The test cases where counting is quick; an unreadable input fails here, before any work."""
    if not countable(config.inputs):
        return None
    dialogues = config.dialogues(ReadingReport(), language="en")
    return sum(len(selected(dialogue, config.turns, config.seed)) for dialogue in dialogues)


def _prompts() -> str:
    """A short hash of all that words the questions."""
    return f"{prompt_version('prediction')}-{prompt_version('proutt')}-{instruction_version()}"


@dataclass(frozen=True)
class _Work:
    """The work of a session that predicts. total: test cases, where they were counted."""

    config: PredictConfig
    directory: RunDirectory
    report: ReadingReport
    total: int | None
    observer: Observer

    async def do(self, session: Session) -> bool:
        calls = self._calls(session)
        model = calls.models[Role.REASONER]
        ((before,),) = self.directory.journal.rows("SELECT COUNT(*) FROM items")
        predictions = Predictions(
            calls,
            self.config,
            METHODS[self.config.method](self.config.setting(model.context_tokens)),
            model.identity,
            window=max(2, session.terms.limit),
            on_stop=lambda: self.observer.note(stopping(calls, 0)),
        )
        now = _standing(predictions, self.total, int(before), session.currency)
        async with self.observer.working(now):
            return await predictions.run(self.config.dialogues(self.report, stdin=standard_input()))

    def _calls(self, session: Session) -> Calls:
        """The session's calls; where the method goes on as the user, those of models that do."""
        if self.config.method not in CONTINUED:
            return session.calls
        continuing = continued(session.calls.models[Role.REASONER], self.config.spec)
        models = {Role.REASONER: continuing}
        terms = session.terms
        return Calls(models, self.directory.journal, terms.limit, terms.seed, ceiling=session.calls.ceiling)


def continued(model: ChatModel, spec: ModelSpec) -> ChatModel:
    """An opened model as one that goes on with a chat as its user, tried again as it is."""
    from proutt.llm.pool import Pool
    from proutt.prediction.continuing import Continuing, Server

    pool = cast("Pool", model)
    members = [Continuing(cast("Server", member.model), spec.model) for member in pool.members]
    return Pool(members, ceiling=pool.ceiling)


def _standing(
    predictions: Predictions, total: int | None, before: int, currency: str
) -> Callable[[float], Mapping[str, Any]]:
    """Where the run stands, by the names that `--json` prints."""
    progress, tally = predictions.progress, predictions.calls.tally

    def now(seconds: float) -> dict[str, Any]:
        worked = progress.predicted + progress.failed
        done = before + worked
        left = None if total is None or not worked or done >= total else (total - done) * seconds / worked
        per_minute = round(progress.predicted / seconds * 60, 1) if seconds and progress.predicted else None
        return {
            "turns": done,
            "of": total,
            "predictions": progress.predicted,
            "predictions_per_minute": per_minute,
            "skipped": 0,
            "failed": progress.failed,
            "failed_by_reason": dict(progress.failures),
            "problems": dict(progress.problems),
            "calls": tally.made,
            "reused": tally.reused,
            "in_flight": tally.in_flight,
            "waiting_for_batch": 0,
            "limit": predictions.calls.limit,
            "prompt_tokens": tally.usage.prompt_tokens,
            "completion_tokens": tally.usage.completion_tokens,
            "cost": tally.cost,
            "currency": currency,
            "seconds": round(seconds, 1),
            "seconds_left": None if left is None else round(left, 1),
        }

    return now


def _derived(directory: RunDirectory, config: PredictConfig, report: ReadingReport, ended: Ended) -> dict[str, Any]:
    """The summary, after the files are written. Raises UserError where a failure has ended the session."""
    journal = directory.journal
    directory.write(PREDICTIONS, lambda: (f"{item.record}\n" for item, _ in journal.items("predicted")))
    directory.write(FAILURES, directory.failures)
    summary = _summary(directory, config, report, ended)
    directory.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])
    if ended.failure is not None:
        remedy = "Nothing finished is lost: mend it and run the same command."
        raise UserError(str(ended.failure), remedy=remedy) from ended.failure
    return summary


def _summary(directory: RunDirectory, config: PredictConfig, report: ReadingReport, ended: Ended) -> dict[str, Any]:
    """The content of `summary.json`: test cases in = predicted + failed + undecided."""
    journal = directory.journal
    ((dialogues, cases),) = journal.rows("SELECT COUNT(*), COALESCE(SUM(items), 0) FROM dialogues")
    ((without,),) = journal.rows("SELECT COUNT(*) FROM dialogues WHERE items = 0")
    problems: Counter[str] = Counter()
    suggestions: Counter[int] = Counter()
    truths = 0
    for item, _ in journal.items("predicted"):
        record = json.loads(item.record)
        problems.update(record["problems"])
        suggestions[len(record["suggestions"])] += 1
        truths += record["truth"] is not None
    failed = journal.failed_by_reason()
    predicted = suggestions.total()
    return {
        "complete": ended.complete,
        "system": config.system,
        "method": config.method,
        "dialogues": dialogues,
        "dialogues_without_a_case": without,
        "skipped_records": dict(report.skipped),
        "cases": {
            "in": cases,
            "predicted": predicted,
            "failed": sum(failed.values()),
            "undecided": cases - predicted - sum(failed.values()),
            "with_truth": truths,
        },
        "failed": failed,
        "suggestions": {str(count): suggestions[count] for count in sorted(suggestions, reverse=True)},
        "problems": dict(problems.most_common()),
        "models": ended.identities,
        "calls": calls_of(journal),
        "cost": None if ended.spent is None else round(ended.spent, 6),
        "currency": ended.currency,
        "seconds": round(float(journal.meta("seconds") or 0.0), 1),
    }
