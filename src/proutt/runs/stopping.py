"""Being asked to stop: Ctrl-C (or a polite kill) once lets what is under way end well, twice stops at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

#: What is to be told, of what is under way in this process, that it should end.
_under_way: list[Callable[[], None]] = []


def end_soon() -> None:
    """Ask what is under way to end, as the first Ctrl-C does; for who has no signal to send. From the event loop."""
    for stop in list(_under_way):
        stop()


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Within it the first signal calls `stop`, in the event loop; the next does what it does to any program."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def asked(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)  # before anybody is told: the next one is no longer ours
        stop()

    installed = []
    for number in signals:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, asked, number)
            installed.append(number)
    _under_way.append(stop)
    try:
        yield
    finally:
        _under_way.remove(stop)
        for number in installed:
            loop.remove_signal_handler(number)
