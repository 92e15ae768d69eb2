"""What the verbs that read pairs have in common: the option that names a format, and what becomes of bad rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from proutt.dialogue import Problem

#: The names that `--format` takes; `proutt.export.reading.SHAPES` has the same (a test says so).
FORMAT_NAMES = (
    *("pairs", "proutt", "openai-preference", "axolotl-orpo", "llamafactory-preference", "trl-preference"),
    *("alpaca-preference", "trl-sft", "messages-sft", "alpaca-sft"),
)

_format = click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMAT_NAMES),
    metavar="NAME",
    help="The form of the rows.  [default: told from the first one]",
)
_skip_bad = click.option("--skip-bad", is_flag=True, help="Leave out rows that can't be read, and say how many.")


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--format` (format_name) and `--skip-bad` (skip_bad)."""
    return _format(_skip_bad(command))


@dataclass(slots=True)
class BadRows:
    """Rows that could not be read: how many, and the first."""

    count: int = 0
    first: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        self.count += 1
        if not self.first:
            self.first.append(problem)

    def tell(self) -> None:
        """One line to standard error, where there were any."""
        from proutt.cli.terminal import plain

        if self.first:
            rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
            example = f"{self.first[0].place}: {self.first[0].message}"
            click.echo(plain(f"Left out: {rows} that can't be read. The first: {example}"), err=True)
