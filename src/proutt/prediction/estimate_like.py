"""What a run measured of its model and its method, and an estimate that rests on it.

The run's own cases are rehearsed too: what it really took, step by step, against what its rehearsal takes, is how far
the rehearsal of the cases to come is off. So nothing needs to be known of a method but how to rehearse it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError
from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import Counts
from proutt.runs.journal import Journal
from proutt.runs.making import Decided


@dataclass(frozen=True, slots=True)
class StepMeasure:
    """One step of a run. calls, prompt: times what a rehearsal has; answer: tokens of one, thinking included.

    Each low, mean and high: first draws alone and quartiles, as measured, upper 95 % and quartiles.
    """

    calls: tuple[float, float, float]
    prompt: float
    answer: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Measures:
    """What a run measured. seconds_per_call: of the whole run, as many at once as it had."""

    cases: int
    failed: int
    model: str
    concurrency: int
    steps: Mapping[str, StepMeasure]
    seconds_per_call: float | None

    def applied(self, rehearsed: Table) -> dict[Course, Table]:
        """The courses of a run whose expected rehearsal is given."""
        courses: dict[Course, int] = {"kept": 0, "revised": 0, "expected": 1, "high": 2}
        return {
            course: {place: self._counts(place[1], counts, at) for place, counts in rehearsed.items()}
            for course, at in courses.items()
        }

    def _counts(self, step: str, rehearsed: Counts, at: int) -> Counts:
        known = self.steps.get(step)
        if known is None:  # the run had no such question
            return rehearsed
        calls = rehearsed.calls * known.calls[at]
        prompt = known.calls[at] * known.prompt
        return Counts(calls, rehearsed.prompt_tokens * prompt, rehearsed.computed * prompt, calls * known.answer[at])


def refuse_other(like: Journal, wanted: Decided, same: Sequence[str], *, made: int, verb: str, what: str) -> None:
    """Raise UserError where a run can't tell of another: it made nothing, or with other settings.

    same  settings that must be the same
    made  how many it made;  verb, what: by which verb, and what that makes one of
    """
    where = str(like.path)
    if not made:
        remedy = f"Name a run of proutt {verb} with some {what}s, or leave --like out."
        raise UserError(f"this run has made no {what}: nothing can be measured in it.", where=where, remedy=remedy)
    before, now = like.config() or {}, wanted.model_dump(mode="json")
    other = [f"{name}: {before.get(name)!r} → {now[name]!r}" for name in same if before.get(name) != now[name]]
    if other:
        remedy = "Give the same settings as that run had, or leave --like out."
        raise UserError(f"this run was made with other settings ({'; '.join(other)}).", where=where, remedy=remedy)


def measures_of(journal: Journal, rehearsed: Table, *, cases: int, model: str, made_up_for: bool = False) -> Measures:
    """What a run took against a rehearsal of what it made.

    cases        how many it made; of those that failed nobody wrote down what they were made of
    made_up_for  whether it made others in the place of those that failed, as the run to come will
    """
    failed = sum(journal.failed_by_reason().values())
    share = 1.0 if made_up_for else (cases + failed) / cases
    ((paid,),) = journal.rows("SELECT COUNT(*) FROM calls WHERE paid")
    seconds = float(journal.meta("seconds") or 0.0)
    return Measures(
        cases,
        failed,
        model,
        int((journal.config() or {}).get("concurrency") or 1),
        {step: _measured(journal, step, counts, share) for (_, step), counts in rehearsed.items()},
        seconds / paid if paid and seconds else None,
    )


def _measured(journal: Journal, step: str, rehearsed: Counts, share: float) -> StepMeasure:
    rows = journal.rows("SELECT prompt_tokens, completion_tokens FROM calls WHERE step = ?", (step,))
    if not rows:
        return StepMeasure((0.0, 0.0, 0.0), 1.0, (0.0, 0.0, 0.0))
    calls = rehearsed.calls * share
    answers = sorted(float(tokens) for _, tokens in rows)
    drawn = len(rows) / calls
    return StepMeasure(
        calls=(min(drawn, 1.0), drawn, (len(rows) + 2 * math.sqrt(max(len(rows) - calls, 0.0))) / calls),
        prompt=(sum(tokens for tokens, _ in rows) / len(rows)) / (rehearsed.prompt_tokens / rehearsed.calls),
        answer=(answers[len(answers) // 4], sum(answers) / len(answers), answers[(3 * len(answers)) // 4]),
    )


def journal_at(run: Path) -> Journal:
    """The journal of a run directory, or the journal itself, for reading. Raises UserError where there is none."""
    from proutt.runs.directory import JOURNAL

    path = run / JOURNAL if run.is_dir() else run
    if not path.is_file():
        raise UserError("is no run: it has no journal.", where=str(run), remedy="Name a run's directory.")
    return Journal(path, reading=True)
