"""Progress of a run: one live line on a terminal, a plain line now and then elsewhere, JSON Lines for machines."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TextIO

REFRESH_S = 0.5
PLAIN_EVERY_S = 30.0
NO_LIMIT = 100_000  # as in batches: then nobody is held back


@dataclass(frozen=True)
class Shown:
    """What of a run is shown while it works.

    quiet    nothing; as_json  events as JSON Lines on standard output in place of text on standard error
    """

    quiet: bool = False
    as_json: bool = False
    stream: TextIO | None = None

    @property
    def out(self) -> TextIO:
        return self.stream or (sys.stdout if self.as_json else sys.stderr)

    def event(self, name: str, facts: Mapping[str, Any]) -> None:
        """One JSON line."""
        self.out.write(json.dumps({"event": name, **facts}) + "\n")
        self.out.flush()

    def note(self, text: str) -> None:
        """Something that the user should know now: an endpoint that is gone, a stop."""
        from proutt.cli.terminal import one_line

        if self.as_json and not self.quiet:
            self.event("note", {"text": text})
        elif not self.quiet:
            clear = "\r\x1b[2K" if self.out.isatty() else ""
            self.out.write(f"{clear}{one_line(text, 400)}\n")
            self.out.flush()


def line(now: Mapping[str, Any], *, made: str | None = None, items: str = "turns") -> str:
    """One line of progress for a person, of the facts that `runs/standing.py` gives.

    made, items  what the run's words are (`Words`), where it makes neither pairs nor predictions
    """
    share = f"{now[items]}/{now['of']}" if now["of"] is not None else f"{now[items]}"
    made = made or ("predictions" if "predictions" in now else "pairs")
    rate = f" ({now[f'{made}_per_minute']}/min)" if now[f"{made}_per_minute"] else ""
    parts = [f"{share} {items}", f"{now[made]} {made}{rate}"]
    if now["skipped"]:
        parts.append(f"{now['skipped']} skipped")
    if now["failed"]:
        reasons = ", ".join(f"{name} {count}" for name, count in sorted(now["failed_by_reason"].items()))
        parts.append(f"{now['failed']} failed ({reasons})")
    limit = f" of {now['limit']}" if now["limit"] < NO_LIMIT else ""
    waiting = f", {now['waiting_for_batch']} waiting for a batch" if now["waiting_for_batch"] else ""
    parts.append(f"{now['calls']} calls ({now['in_flight']} in flight{limit}{waiting})")
    parts.append(f"{now['prompt_tokens'] / 1000:.1f}k+{now['completion_tokens'] / 1000:.1f}k tokens")
    if now["cost"]:
        parts.append(f"{now['cost']:.4g} {now['currency']}")
    parts.append(clock(now["seconds"]))
    if now["seconds_left"] is not None:
        parts.append(f"about {clock(now['seconds_left'])} left")
    if now.get("branches"):
        parts.append(" ".join(f"{name} {now['branches'].get(name, 0)}" for name in ("high", "middle", "low")))
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """A stretch of time, as 1:05 or 2:01:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@asynccontextmanager
async def progressing(
    now: Callable[[float], Mapping[str, Any]], shown: Shown, said: Callable[[Mapping[str, Any]], str] | None = None
) -> AsyncIterator[None]:
    """Show what `now` gives for the seconds gone by, as `said` puts it into one line, until the block ends."""
    if shown.quiet:
        yield
        return
    live = shown.out.isatty() and not shown.as_json
    task = asyncio.create_task(_refresh(now, shown, said or line, time.monotonic(), live))
    try:
        yield
    finally:
        task.cancel()
        if live:
            shown.out.write("\r\x1b[2K")
            shown.out.flush()


async def _refresh(
    now: Callable[[float], Mapping[str, Any]],
    shown: Shown,
    said: Callable[[Mapping[str, Any]], str],
    began: float,
    live: bool,
) -> None:
    while True:
        await asyncio.sleep(REFRESH_S if live else PLAIN_EVERY_S)
        facts = now(time.monotonic() - began)
        if shown.as_json:
            shown.event("progress", facts)
            continue
        text = said(facts)
        if live:
            text = f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}"
        shown.out.write(text if live else f"{text}\n")
        shown.out.flush()
