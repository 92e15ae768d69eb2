"""The end of a run in words: what was made, what was not and why, what it took, what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proutt.cli.terminal import one_line

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
    lines = stopped(complete=summary["complete"], why=why)
    begun = "" if summary["complete"] else " begun"
    lines.append(
        f"{summary['dialogues']} dialogues{begun}, {turns['in']} turns to predict: "
        f"{turns['paired']} paired + {turns['skipped']} skipped + {turns['failed']} failed"
        + (f" + {turns['undecided']} not yet done" if turns["undecided"] else "")
    )
    lines += _reasons("skipped", summary["skipped"])
    lines += failed(summary["failed"])
    lines += left_out(summary, report)
    if turns["paired"]:
        lines.append(
            f"pairs: {pairs['verified']} verified of {pairs['all']}"
            + (f", {pairs['unchecked']} not checked" if pairs["unchecked"] else "")
            + f"; by branch: {counts(summary['branches'])}"
        )
        if pairs["marked"]:
            lines.append(f"  marked, and left out of exports by default: {counts(pairs['marked'])}")
        lines.append(f"J_max: {_histogram(summary['j_max'])}")
    calls = summary["calls"]
    lines.append(
        f"in all sessions: {calls['calls']} calls, "
        f"{calls['prompt_tokens']} prompt tokens ({calls['cached_tokens']} from cache) "
        f"+ {calls['completion_tokens']} answer tokens, {_duration(summary['seconds'])}"
        + (f", {summary['cost']:.4g} {summary['currency']}" if summary["cost"] else "")
    )
    lines += reused(summary)
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


def stopped(*, complete: bool, why: Sequence[str]) -> list[str]:
    """That a run is not at its end, and how to go on; nothing of one that is. why: a matter each."""
    if complete:
        return []
    go_on = "Run the same command to go on; nothing finished is lost."
    return [*(f"Stopped: {each}" for each in why), go_on if why else f"Stopped. {go_on}"]


def left_out(summary: Mapping[str, Any], report: ReadingReport) -> list[str]:
    """Records of the input that could not be taken, and the first three by place."""
    if not summary["skipped_records"]:
        return []
    told = [f"    {problem.place}: {problem.message}" for problem in report.problems[:3]]
    return [f"  records left out: {counts(summary['skipped_records'])}", *told]


def failed(reasons: Mapping[str, int]) -> list[str]:
    """Items that failed, by reason, and what to do about them."""
    if not reasons:
        return []
    why = "    why, with the model's words: failures.jsonl. --retry-failed takes them up again."
    return [f"  failed: {counts(reasons)}", why]


def spent(summary: Mapping[str, Any]) -> str:
    """Calls, tokens, time and money of all sessions."""
    calls = summary["calls"]
    return (
        f"in all sessions: {calls['calls']} calls, {calls['prompt_tokens']} prompt tokens "
        f"+ {calls['completion_tokens']} answer tokens, {summary['seconds']:g} s"
        + (f", {summary['cost']:.4g} {summary['currency']}" if summary["cost"] else "")
    )


def reused(summary: Mapping[str, Any]) -> list[str]:
    """Answers that cost nothing here."""
    number = summary["calls"]["reused"]
    return [f"  {number} answers were taken from older runs"] if number else []


def counts(by_name: Mapping[str, int], *, most: int | None = None) -> str:
    """ "low 3, high 2". most: of more names the first so many, and that there are more."""
    shown = [f"{one_line(name, 40)} {count:,}" for name, count in islice(by_name.items(), most)]
    return ", ".join([*shown, "…"] if len(shown) < len(by_name) else shown)


def _reasons(what: str, reasons: Mapping[str, int]) -> list[str]:
    return [f"  {what}: {counts(reasons)}"] if reasons else []


def _histogram(tenths: Mapping[str, int]) -> str:
    """Counts of J_max by tenth, those that occur: "0.3 ×2"."""
    return ", ".join(f"{tenth} ×{count}" for tenth, count in tenths.items() if count)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
