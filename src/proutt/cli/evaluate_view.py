"""What a person, or a machine, sees of an evaluation."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown, clock
from proutt.cli.terminal import one_line, plain

if TYPE_CHECKING:
    from proutt.cli.session import Display
    from proutt.evaluation.order import Task
    from proutt.evaluation.tables import Table


def line(now: Mapping[str, Any]) -> str:
    """One line of progress."""
    parts = [f"{now['judged']}/{now['of']} judged"]
    if now["failed"]:
        parts.append(f"{now['failed']} failed")
    parts.append(f"{now['calls']} calls ({now['in_flight']} in flight)")
    parts.append(f"{now['prompt_tokens'] / 1000:.1f}k+{now['completion_tokens'] / 1000:.1f}k tokens")
    if now["cost"]:
        parts.append(f"{now['cost']:.4g} {now['currency']}")
    parts.append(clock(now["seconds"]))
    left = now["of"] - now["judged"] - now["failed"]
    if now["calls"] and left > 0:
        parts.append(f"about {clock(left * now['seconds'] / now['calls'])} left")
    return ", ".join(parts)


def announce(task: Task, display: Display) -> None:
    """Say before anything is asked what it will be asked, and what makes the result doubtful."""
    from proutt.evaluation.family import family_of, same_family

    judge = task.order.judge
    names = ", ".join(task.bench.systems)
    systems = "1 system" if len(task.bench.systems) == 1 else f"{len(task.bench.systems)} systems"
    display.note(f"{len(task.cases)} test cases, {systems} ({names}).")
    missing = len(task.bench.cases) - len(task.cases)
    if missing:
        display.note(f"Left out: {missing} test cases that are not in all predictions.")
    if judge is None:
        return
    display.note(f"{task.questions} questions for {judge.model}.")
    related = same_family(judge.model, {name: system.models for name, system in task.bench.systems.items()})
    if related:
        display.note(
            f"Warning: the judge is of the family {family_of(judge.model)}, as are models of {', '.join(related)}: "
            "judges like what their own family writes. Judge with another family, too."
        )


def print_estimate(estimate: Mapping[str, Any], *, as_json: bool) -> None:
    """What an evaluation would take."""
    if as_json:
        import json

        click.echo(json.dumps(estimate))
        return
    cost = "not known" if estimate["cost"] is None else f"{estimate['cost']:.4g} {estimate['currency']}"
    click.echo(
        f"{estimate['cases']} test cases, systems: {estimate['systems']}; {estimate['calls']} calls, about "
        f"{estimate['prompt_tokens']:,} prompt and {estimate['completion_tokens']:,} answer tokens; cost {cost}."
    )


def print_results(
    results: Mapping[str, Any],
    tables: Sequence[Table],
    folder: Path | None,
    shown: Shown,
    *,
    why: Sequence[str] = (),
) -> None:
    """The tables on screen, or everything as one JSON event."""
    if shown.as_json:
        shown.event("results", results)
        return
    if shown.quiet:
        return
    print_tables(tables)
    facts = results.get("evaluation", {})
    for text in _remarks(facts, why):
        click.echo(plain(text))
    if folder is not None:
        click.echo(plain(f"Written: {folder}"))


def _remarks(facts: Mapping[str, Any], why: Sequence[str]) -> list[str]:
    found = []
    if facts.get("same_family"):
        systems = ", ".join(facts["same_family"])
        found.append(
            f"The judge is of the family {facts['judge_family']}, as are models of {systems}: see with another."
        )
    if facts.get("failed"):
        counts = ", ".join(f"{name} {count}" for name, count in facts["failed"].items())
        found.append(f"Questions without an answer: {counts} (failures.jsonl).")
    if facts.get("complete") is False:
        because = f" ({'; '.join(why)})" if why else ""
        found.append(f"Not complete{because}: the same command goes on.")
    return found


def print_tables(tables: Sequence[Table]) -> None:
    """The tables, one below the other."""
    for table in tables:
        _print_table(table)


def _print_table(table: Table) -> None:
    """Cells are text, never markup. What every row has the same in its first columns goes into the title."""
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    common = []
    for column in range(2):
        if len({row[column] for row in table.rows}) > 1 or table.header[column] not in ("metric", "data set"):
            break
        common.append(one_line(table.rows[0][column], 60))
    width = None if sys.stdout.isatty() else 200
    console = Console(highlight=False, width=width)
    title = Text(": ".join([table.title, ", ".join(common)]) if common else table.title)
    grid = Grid(title=title, title_justify="left", box=None, pad_edge=False)
    for name in table.header[len(common) :]:
        grid.add_column(Text(name))
    for row in table.rows:
        grid.add_row(*(Text(one_line(cell, 60)) for cell in row[len(common) :]))
    console.print(grid)
    if table.note:
        console.print(Text(table.note, style="dim"))
    console.print()
