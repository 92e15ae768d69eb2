"""`--dry-run` of the verbs that make something: an estimate, by the measures of a run where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from proutt.runs.journal import Journal, State

EstimateT = TypeVar("EstimateT")


def rehearsed(
    estimate: Callable[[Journal | None], EstimateT], *, like: Path | None, out: Path | None, state: State
) -> EstimateT:
    """What the estimate says; it is given the journal of a run to measure, or None.

    like   a run of the same model and settings
    out    where the run would be, or is: without `like` its own measures count, as soon as it has items of that state
    """
    from proutt.prediction.estimate_like import journal_at

    journal = journal_at(like) if like is not None else _own(out, state)
    try:
        return estimate(journal)
    finally:
        if journal is not None:
            journal.close()


def _own(out: Path | None, state: State) -> Journal | None:
    from proutt.prediction.estimate_like import journal_at
    from proutt.runs.directory import JOURNAL

    if out is None or not (out / JOURNAL).is_file():
        return None
    journal = journal_at(out)
    if next(journal.items(state), None) is None:
        journal.close()
        return None
    return journal
