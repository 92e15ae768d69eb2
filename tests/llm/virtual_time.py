"""An event loop in which no time is lost: its clock stands while anything can run, then jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class Hung(Exception):
    """Somebody waits, and nothing will ever happen."""


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting for a timer it puts the clock forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Hung
        self.now += timeout
        return []


class VirtualTime(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def in_no_time(work: Coroutine[Any, Any, Any]) -> Any:
    """What the work comes to. Raises Hung where it waits for what nobody will do."""
    loop = VirtualTime()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
