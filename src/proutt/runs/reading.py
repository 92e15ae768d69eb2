"""Reads a run's input in a thread of its own, so that one that is slow (a pipe, a hub) holds up nothing else.

Not the calls in flight, whose answers are read meanwhile, and not a stop: who is asked to stop waits for no input.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import BinaryIO, Generic, Self, TypeVar

T = TypeVar("T")

#: Most items that are read and not yet taken.
AHEAD = 8


class ReadAhead(AsyncIterator[T], Generic[T]):
    """Items in their order, read a few ahead; iterated once, within `with`.

    ahead  most items that are read and not yet taken
    left   whether it was left before its end

    What goes wrong in reading is raised in the place of the item that it concerns. The thread is a daemon: where it
    waits for input that does not come, it ends with the process.
    """

    def __init__(self, items: Iterable[T], *, ahead: int = AHEAD) -> None:
        if ahead < 1:
            raise ValueError(f"ahead={ahead} is below 1")
        self._items, self._room = items, threading.Semaphore(ahead - 1)
        self._read: deque[T] = deque()
        self._error: BaseException | None = None
        self._ended = self.left = False
        self._news = asyncio.Event()

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read_all, name="proutt-reading", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Give out what was read, and wait for nothing more."""
        self.left = self.left or not self._ended
        self._room.release()
        self._news.set()

    async def __anext__(self) -> T:
        while not (self._read or self._ended or self.left):
            self._news.clear()
            await self._news.wait()
        if self._read:
            self._room.release()
            return self._read.popleft()
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    # In the thread.

    def _read_all(self) -> None:
        error = None
        try:
            for item in self._items:
                self._tell(self._arrived, item)
                self._room.acquire()
                if self.left:
                    return
        except BaseException as failed:  # whatever it is, it belongs to who asks for the next item
            error = failed
        self._tell(self._end, error)

    def _tell(self, what: Callable[..., None], *facts: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *facts)
        except RuntimeError:  # the loop is closed: nobody waits
            self.left = True

    # In the loop.

    def _arrived(self, item: T) -> None:
        self._read.append(item)
        self._news.set()

    def _end(self, error: BaseException | None) -> None:
        self._error, self._ended = error, True
        self._news.set()


def standard_input() -> BinaryIO | None:
    """Standard input as a file object of its own; None where it is no file of the system (as in some tests).

    A thread may be waiting for it when the process ends. The interpreter takes `sys.stdin` apart then, and aborts where
    somebody holds it.
    """
    try:
        return open(os.dup(sys.stdin.fileno()), "rb")
    except (OSError, ValueError, AttributeError):
        return None
