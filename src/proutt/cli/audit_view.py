"""How an audit looks on the terminal: the table of checks, the table of results, an example of what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import click

from proutt.cli.terminal import one_line, plain
from proutt.quality.audit import Check, Result, percent
from proutt.quality.audit.auditing import borne

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.cli.audit_session import Done

_STYLES = {"pass": "green", "fail": "bold red", "warn": "yellow", "undecided": "cyan", "n/a": "dim"}

_COUNT_TOKENS = ("chosen-longer", "length-difference", "length-alone", "equal-after-truncation", "cut-off")


def print_checks(checks: Mapping[str, Check], levels: Mapping[str, Mapping[str, float]], *, as_json: bool) -> None:
    """Every check with what it finds, what is borne, and where that is from."""
    rows = [(check, levels.get(check.name, {})) for check in checks.values()]
    if as_json:
        entries = [
            {
                "name": check.name,
                "title": check.title,
                "severity": check.severity.value,
                "level": check.level,
                "limit": own.get("limit", check.limit),
                "borne": borne(check, own.get("limit", check.limit)),
                **{name: own.get(name, default) for name, default in check.parameters.items()},
                "needs": [need.value for need in check.needs],
                "source": check.source,
            }
            for check, own in rows
        ]
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    table = _table(("Check", "Severity", "What it finds", "Borne", "Source"))
    for check, own in rows:
        figures = "".join(f"; {name} {own.get(name, default):g}" for name, default in check.parameters.items())
        limit = borne(check, own.get("limit", check.limit)) + figures
        table.add_row(check.name, check.severity.value, check.title, limit, check.source)
    Console(highlight=False, markup=False, emoji=False).print(table)


def print_summary(done: Done, *, as_json: bool) -> None:
    """The verdict of each check, an example of each fault, where the rest is, and whether the audit passed."""
    if as_json:
        click.echo(json.dumps(done.summary, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_results([result for result in done.results if result.verdict != "n/a"]))
    for line in _lines(done):
        console.print(plain(line), soft_wrap=True)


def _results(results: Sequence[Result]) -> Table:
    from rich.text import Text

    table = _table(("Check", "Seen", "Flags", "Value", "95%", "Borne", "Verdict"), right=(1, 2, 3, 4))
    for result in results:
        measured = result.check.borne != "at most {limit} of {unit}"
        table.add_row(
            result.check.name,
            f"{result.looked:,}",
            "" if measured else f"{result.flagged:,}",
            _number(result.value, measured=measured),
            _interval(result, measured=measured),
            _short(result),
            Text(result.verdict, style=_STYLES[result.verdict]),
        )
    return table


def _short(result: Result) -> str:
    """What is borne, in few signs: "0", "≤ 0.5%", "0.5 ± 0.05"."""
    form = result.check.borne
    if "most" in form:
        return f"≤ {percent(result.limit)}" if result.limit else "0"
    return f"≥ {result.limit:g}" if "least" in form else f"{form.rsplit(' ', 1)[-1]} ± {result.limit:g}"


def _number(value: float | None, *, measured: bool) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if measured else percent(value)


def _interval(result: Result, *, measured: bool) -> str:
    if result.low is None or result.high is None:
        return ""
    if measured:
        return f"{result.low:.2f}–{result.high:.2f}"
    return f"{_percent(result.low)}–{_percent(result.high)}%"


def _table(headings: Sequence[str], right: Sequence[int] = ()) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for at, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if at in right else "left"
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=at == 0 or bool(right))
    return table


def _lines(done: Done) -> list[str]:
    """What stands under the table."""
    summary, lines = done.summary, []
    for result in done.results:
        flag = done.examples.get(result.check.name)
        if result.verdict in ("fail", "warn") and flag is not None:
            said = f": {one_line(flag.evidence, 80)}" if flag.evidence else ""
            lines.append(f"{flag.check}: {one_line(flag.id, 40)} ({flag.place}): {flag.reason}{said}")
        elif result.verdict in ("fail", "warn", "undecided"):
            lines.append(f"{result.check.name}: {result.check.title}" + (f" ({result.note})" if result.note else ""))
    missing: dict[str, list[str]] = {}
    for result in done.results:
        if result.verdict == "n/a":
            missing.setdefault(result.note, []).append(result.check.name)
    lines += [f"Not applicable, {why}: {', '.join(names)}" for why, names in missing.items()]
    counted = any(result.check.name in _COUNT_TOKENS and result.verdict != "n/a" for result in done.results)
    if counted and summary["tokens"]["estimated"]:
        lines.append("Tokens are estimated; give --tokenizer to count.")
    again = summary["judged_again"]
    if again is not None and {name.split(" ")[0] for name in again["first_judges"]} == {again["judge"]}:
        lines.append("The second judge is the first one: this measures its noise, not its bias. Name another family.")
    lines += [f"Left out: {count:,} {reason}" for reason, count in summary["left_out"].items()]
    lines += [f"  {each['where']}: {each['reason']}" for each in summary["unreadable"]]
    if done.folder is not None:
        lines.append(f"Flags: {done.folder / 'flags.jsonl'}; summary: {done.folder / 'audit.json'}")
    elif summary["rows_with_errors"]:
        lines.append("Give --out FOLDER for every flag.")
    lines += [f"Clean copy: {line}" for line in done.cleaned]
    rows = "1 row" if summary["rows"] == 1 else f"{summary['rows']:,} rows"
    verdict = "Passed." if summary["passed"] else "Failed."
    lines.append(f"{rows}, {summary['rows_with_errors']:,} with errors. {verdict}")
    return lines


def _percent(share: float) -> str:
    """Of a share, in two digits: "0.53", "21", "100"."""
    percent = share * 100
    return f"{percent:.0f}" if percent >= 9.95 else f"{percent:.2g}"
