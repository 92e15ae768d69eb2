"""Where a run stands: plain facts, for whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proutt.runs.calls import Calls
from proutt.runs.stream import Progress


@dataclass(frozen=True, slots=True)
class Words:
    """What a run calls the items that ended well, and what it tells apart among them.

    items   what its items are called, all of them
    record  what one record of its input is called
    verb    the command that makes them, where runs of it may be joined
    """

    made: str
    marks: str
    items: str = "turns"
    record: str = "dialogue"
    verb: str = ""


PAIRS = Words("pairs", "branches", verb="synthesize")


def standing(
    progress: Progress,
    calls: Calls,
    *,
    total: int | None,
    seconds: float,
    before: int,
    currency: str,
    waiting: int = 0,
    words: Words = PAIRS,
) -> dict[str, Any]:
    """Items, what is made of them, calls, tokens and time, by the names that `--json` prints.

    total    items to work on, or None where they were not counted; turns that are not selected are no work
    seconds  of this session
    before   items decided in earlier sessions
    waiting  calls that wait for a batch: they are not in flight
    """
    worked = progress.worked
    done = before + worked
    left = None if total is None or not worked or done >= total else (total - done) * seconds / worked
    per_minute = round(progress.made / seconds * 60, 1) if seconds and progress.made else None
    tally = calls.tally
    return {
        words.items: done,
        "of": total,
        words.made: progress.made,
        f"{words.made}_per_minute": per_minute,
        words.marks: dict(progress.marks),
        "skipped": progress.skipped - (progress.items - worked),
        "failed": progress.failed,
        "failed_by_reason": dict(progress.failures),
        "calls": tally.made,
        "reused": tally.reused,
        "in_flight": tally.in_flight - waiting,
        "waiting_for_batch": waiting,
        "limit": calls.limit,
        "prompt_tokens": tally.usage.prompt_tokens,
        "completion_tokens": tally.usage.completion_tokens,
        "cost": tally.cost,
        "currency": currency,
        "seconds": round(seconds, 1),
        "seconds_left": None if left is None else round(left, 1),
    }


def stopping(calls: Calls, waiting: int) -> str:
    """What is said when a run is asked to stop; `waiting` as in `standing`."""
    in_flight = calls.tally.in_flight - waiting
    first = f"Stopping once the {in_flight} calls in flight are answered" if in_flight else "Stopping"
    later = f"; {waiting} calls that wait for a batch are left to a later session" if waiting else ""
    return f"{first}{later}. Ctrl-C again stops at once."
