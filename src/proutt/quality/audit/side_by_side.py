"""Rows looked at by several workers: the checks that look at each row by itself, ahead of the audit that counts.

What a check over the whole data set keeps is kept in one place, so such checks stay with the audit, which goes through
the rows in their order and takes the outcomes that are there already. So nothing of what it finds depends on who the
workers are (`processes.py`, `ray_actors.py`), on their number, or on how many of them are killed: looking at a row
changes nothing, so another one looks again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Protocol, TypeVar

from proutt.errors import UserError
from proutt.quality.audit.auditing import Outcome, Started
from proutt.quality.audit.check import Check, Setup
from proutt.quality.audit.subject import Subject

T = TypeVar("T")
Outcomes = Mapping[str, Outcome]

#: Rows that a worker is given at a time: enough that sending them is not what takes time.
ROWS_AT_ONCE = 16
#: How often a row that was among those over which a worker was killed is looked at by itself before it is given up.
TRIES_ALONE = 3

#: What a worker makes for itself, once: the setup and the checks. It must be of a kind that `pickle` can send.
Begin = Callable[[], tuple[Setup, Mapping[str, Check]]]


class Killed(Exception):
    """A worker was killed before it had looked at all its rows. They may be given again."""


#: Waits until rows are looked at: the outcomes of each. Raises Killed; UserError where a worker can't begin.
Seen = Callable[[], list[Outcomes]]


class Lookers(Protocol):
    """Workers that look at rows, each with a `Looker` of its own. number: how many."""

    number: int

    def look(self, subjects: Sequence[Subject | None]) -> Seen:
        """Give rows to one of them; of None there is nothing to see."""
        ...

    def close(self) -> None:
        """End them; what they were given last is looked at no more."""
        ...


class Looker:
    """In a worker: looks at rows. It begins with the first of them, so that one killed at that is killed over rows."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._started: Started | None = None

    def look(self, subjects: Sequence[Subject | None]) -> list[Outcomes]:
        """The outcomes of each row by the checks that look at it by itself."""
        if self._started is None:
            setup, checks = self._begin()
            self._started = Started(setup, {name: check for name, check in checks.items() if check.by_itself})
        return [{} if subject is None else self._started.outcomes(subject) for subject in subjects]


def outcomes_ahead(
    items: Iterable[T], subject_of: Callable[[T], Subject | None], lookers: Lookers
) -> Iterator[tuple[T, Outcomes]]:
    """The items in their order, each with the outcomes of the checks that look at its row by itself.

    subject_of  the row of an item; None: nobody looks at it
    Memory holds a few times ROWS_AT_ONCE rows a worker. Raises UserError where workers are killed over one row again
    and again.
    """
    rest = iter(items)
    waiting: deque[tuple[list[T], list[Subject | None], Seen]] = deque()
    while chunk := list(islice(rest, ROWS_AT_ONCE)):
        subjects = [subject_of(item) for item in chunk]
        waiting.append((chunk, subjects, lookers.look(subjects)))
        if len(waiting) > 2 * lookers.number:
            yield from _ended(lookers, *waiting.popleft())
    while waiting:
        yield from _ended(lookers, *waiting.popleft())


def _ended(
    lookers: Lookers, chunk: list[T], subjects: list[Subject | None], seen: Seen
) -> Iterator[tuple[T, Outcomes]]:
    try:
        outcomes = seen()
    except Killed:  # by one of these rows, or by none of them: one after the other it shows
        outcomes = [{} if subject is None else _alone(lookers, subject) for subject in subjects]
    return zip(chunk, outcomes, strict=True)


def _alone(lookers: Lookers, subject: Subject) -> Outcomes:
    """The outcomes of one row, given to a worker by itself."""
    for _ in range(TRIES_ALONE):
        with suppress(Killed):
            return lookers.look([subject])()[0]
    said = f"each of {TRIES_ALONE} workers that looked at this row alone was killed."
    remedy = "Is there memory enough? Fewer --workers need less. Else leave the row out."
    raise UserError(said, where=subject.where, remedy=remedy)
