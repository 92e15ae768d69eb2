"""What the verbs that read personas have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from proutt.cli.run_options import Option

if TYPE_CHECKING:
    from proutt.intent.persona import Persona

READING: tuple[Option, ...] = (
    click.argument("files", nargs=-1, required=True, metavar="FILE..."),
    click.option("--language", metavar="CODE", help="Language of all personas; else told from their backgrounds."),
    click.option("--strict", is_flag=True, help="Stop at the first bad record instead of leaving it out."),
)


def read_all(files: Sequence[str], language: str | None, *, strict: bool) -> list[Persona]:
    """All personas of the files; what was left out of them is said on standard error."""
    from proutt.cli.terminal import plain
    from proutt.dialogue import ReadingReport
    from proutt.simulation.upc.personas import read_personas

    report = ReadingReport()
    personas = list(read_personas(files, report, language=language, strict=strict))
    if report.skipped:
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.skipped.most_common())
        click.echo(f"Left out: {reasons}.", err=True)
        for problem in report.problems[:3]:
            click.echo(plain(f"  {problem.place}: {problem.message}"), err=True)
    return personas
