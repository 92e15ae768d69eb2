"""Processes of this machine that look at rows (`side_by_side.py`)."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from proutt.quality.audit.side_by_side import Begin, Killed, Looker, Outcomes, Seen
from proutt.quality.audit.subject import Subject
from proutt.runs.forking import forked_from


class Processes:
    """`Lookers`, so many at once. Where one is killed its fellows end too, and others take their places."""

    def __init__(self, number: int, begin: Begin) -> None:
        self.number, self._begin = number, begin
        self._pool = self._begun()

    def look(self, subjects: Sequence[Subject | None]) -> Seen:
        try:
            looked = self._pool.submit(_look, subjects)
        except BrokenProcessPool:
            self.close()
            self._pool = self._begun()
            looked = self._pool.submit(_look, subjects)
        return lambda: _seen(looked)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _begun(self) -> ProcessPoolExecutor:
        context = forked_from(__name__)
        return ProcessPoolExecutor(self.number, context, initializer=_enter, initargs=(self._begin,))


def _seen(looked: Future[list[Outcomes]]) -> list[Outcomes]:
    try:
        return looked.result()
    except BrokenProcessPool:
        raise Killed from None


# In a process ---------------------------------------------------------------------------------------------------------

_lookers: list[Looker] = []


def _enter(begin: Begin) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who began it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _lookers.append(Looker(begin))


def _end_with_parent() -> None:
    """Whoever waits at a queue does not learn that nobody is left to fill it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(subjects: Sequence[Subject | None]) -> list[Outcomes]:
    return _lookers[0].look(subjects)
