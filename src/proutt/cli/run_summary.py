"""The end of a run in words: what was made, what was not and why, what it took, what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proutt.dialogue import ReadingReport


def as_text(
    summary: Mapping[str, Any],
    run: Path,
    report: ReadingReport,
    *,
    why: Sequence[str] = (),
    to: str = "trl-preference",
) -> str:
    """The summary for a person.

    why  a matter each, what stopped the run and what is to be done about it
    to   the export format that is proposed
    """
    turns, pairs = summary["turns"], summary["pairs"]
    lines = []
    begun = "" if summary["complete"] else " begun"
    if not summary["complete"]:
        lines += [f"Stopped: {each}" for each in why]
        lines.append(("" if why else "Stopped. ") + "Run the same command to go on; nothing finished is lost.")
    lines.append(
        f"{summary['dialogues']} dialogues{begun}, {turns['in']} turns to predict: "
        f"{turns['paired']} paired + {turns['skipped']} skipped + {turns['failed']} failed"
        + (f" + {turns['undecided']} not yet done" if turns["undecided"] else "")
    )
    lines += _reasons("skipped", summary["skipped"])
    lines += _reasons("failed", summary["failed"])
    if turns["failed"]:
        lines.append("    why, with the model's words: failures.jsonl. --retry-failed takes them up again.")
    if summary["skipped_records"]:
        lines.append(f"  records left out: {_counts(summary['skipped_records'])}")
        lines += [f"    {problem.place}: {problem.message}" for problem in report.problems[:3]]
    if turns["paired"]:
        lines.append(
            f"pairs: {pairs['verified']} verified of {pairs['all']}"
            + (f", {pairs['unchecked']} not checked" if pairs["unchecked"] else "")
            + f"; by branch: {_counts(summary['branches'])}"
        )
        if pairs["marked"]:
            lines.append(f"  marked, and left out of exports by default: {_counts(pairs['marked'])}")
        lines.append(f"J_max: {_histogram(summary['j_max'])}")
    calls = summary["calls"]
    lines.append(
        f"in all sessions: {calls['calls']} calls, "
        f"{calls['prompt_tokens']} prompt tokens ({calls['cached_tokens']} from cache) "
        f"+ {calls['completion_tokens']} answer tokens, {_duration(summary['seconds'])}"
        + (f", {summary['cost']:.4g} {summary['currency']}" if summary["cost"] else "")
    )
    if calls["reused"]:
        lines.append(f"  {calls['reused']} answers were taken from older runs")
    for step, counted in calls["by_step"].items():
        lines.append(
            f"  {step:<15}{counted['calls']:>6} calls {counted['prompt_tokens']:>9} + {counted['completion_tokens']}"
        )
    return "\n".join([*lines, *_next(summary, run, to)])


def _next(summary: Mapping[str, Any], run: Path, to: str) -> list[str]:
    place = shlex.quote(str(run))
    if not summary["turns"]["paired"]:
        return [f"No pair was made. Reasons: {place}/failures.jsonl"] if summary["turns"]["failed"] else []
    lines = ["", f"Pairs: {place}/pairs.jsonl", "Next:", f"  proutt show {place}"]
    if summary["pairs"]["verified"] or summary["pairs"]["unchecked"]:
        lines.append(f"  proutt export {place} --to {to}")
    else:
        lines.append(f"  proutt export {place} --to {to} --include-unverified")
    return lines


def _reasons(what: str, reasons: Mapping[str, int]) -> list[str]:
    return [f"  {what}: {_counts(reasons)}"] if reasons else []


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _histogram(tenths: Mapping[str, int]) -> str:
    """Counts of J_max by tenth, those that occur: "0.3 ×2"."""
    return ", ".join(f"{tenth} ×{count}" for tenth, count in tenths.items() if count)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
