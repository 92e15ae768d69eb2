"""Progress of a run on standard error: one live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from proutt.runs.calls import Tally
    from proutt.runs.synthesis import Progress

REFRESH_S = 0.5
PLAIN_EVERY_S = 30.0


def line(progress: Progress, tally: Tally, *, total: int | None, seconds: float, before: int) -> str:
    """One line of progress.

    total   (dialogue, K) to work on, or None where they were not counted; turns that are not selected are no work
    before  of them, decided in earlier sessions
    """
    worked = progress.items - progress.not_selected
    done = before + worked
    share = f"{done}/{total}" if total is not None else f"{done}"
    parts = [f"{share} turns", f"{progress.paired} pairs"]
    skipped = progress.skipped - progress.not_selected
    if skipped:
        parts.append(f"{skipped} skipped")
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    usage = tally.usage
    parts.append(f"{tally.made} calls ({tally.in_flight} in flight)")
    parts.append(f"{usage.prompt_tokens / 1000:.1f}k+{usage.completion_tokens / 1000:.1f}k tokens")
    parts.append(_clock(seconds))
    if total is not None and worked and done < total:
        parts.append(f"about {_clock((total - done) * seconds / worked)} left")
    return ", ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@asynccontextmanager
async def shown(say: Callable[[float], str], *, quiet: bool, out: TextIO | None = None) -> AsyncIterator[None]:
    """Show the line that `say` gives for the seconds gone by, until the block ends."""
    stream = sys.stderr if out is None else out
    if quiet:
        yield
        return
    live = stream.isatty()
    began = time.monotonic()
    task = asyncio.create_task(_refresh(say, stream, began, live))
    try:
        yield
    finally:
        task.cancel()
        if live:
            stream.write("\r\x1b[2K")
            stream.flush()


async def _refresh(say: Callable[[float], str], stream: TextIO, began: float, live: bool) -> None:
    while True:
        await asyncio.sleep(REFRESH_S if live else PLAIN_EVERY_S)
        text = say(time.monotonic() - began)
        stream.write(f"\r\x1b[2K{text}" if live else f"{text}\n")
        stream.flush()
