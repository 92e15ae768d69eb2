"""Rows looked at by several processes: the checks that look at each row by itself, ahead of the audit that counts.

What a check over the whole data set keeps is kept in one place, so such checks stay with the audit, which goes through
the rows in their order and takes the outcomes that are there already. So nothing of what it finds depends on the number
of processes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from proutt.errors import UserError
from proutt.quality.audit.auditing import Outcome, Started
from proutt.quality.audit.check import Check, Setup
from proutt.quality.audit.subject import Subject

T = TypeVar("T")
Outcomes = Mapping[str, Outcome]

#: Rows that a process is given at a time: enough that sending them is not what takes time.
ROWS_AT_ONCE = 16

#: What a process makes for itself, once: the setup and the checks. It must be of a kind that `pickle` can send.
Begin = Callable[[], tuple[Setup, Mapping[str, Check]]]


def outcomes_ahead(
    items: Iterable[T], subject_of: Callable[[T], Subject | None], begin: Begin, workers: int
) -> Iterator[tuple[T, Outcomes]]:
    """The items in their order, each with the outcomes of the checks that look at its row by itself.

    subject_of  the row of an item; None: nobody looks at it
    Memory holds a few times ROWS_AT_ONCE rows a worker. Raises UserError where a process is killed.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(begin,))
    rest, waiting = iter(items), deque[tuple[list[T], Future[list[Outcomes]]]]()
    try:
        while chunk := list(islice(rest, ROWS_AT_ONCE)):
            waiting.append((chunk, pool.submit(_look, [subject_of(item) for item in chunk])))
            if len(waiting) > 2 * workers:
                yield from _ended(*waiting.popleft())
        while waiting:
            yield from _ended(*waiting.popleft())
    except BrokenProcessPool:
        remedy = "Is there memory enough? Fewer --workers need less."
        raise UserError("a process that looked at rows was killed.", where="--workers", remedy=remedy) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _ended(chunk: list[T], looked: Future[list[Outcomes]]) -> Iterator[tuple[T, Outcomes]]:
    return zip(chunk, looked.result(), strict=True)


# In a process ---------------------------------------------------------------------------------------------------------

_started: list[Started] = []


def _begin(begin: Begin) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who began it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    setup, checks = begin()
    _started.append(Started(setup, {name: check for name, check in checks.items() if check.by_itself}))


def _end_with_parent() -> None:
    """Whoever waits at a queue does not learn that nobody is left to fill it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(subjects: list[Subject | None]) -> list[Outcomes]:
    return [{} if subject is None else _started[0].outcomes(subject) for subject in subjects]
