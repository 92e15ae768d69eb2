"""`proutt show` of UPC's dialogues: the one that is asked for, or a list of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.export.reading.upc import UPCRow


def show_upc(
    source: Path, persona_id: str | None, bad: BadRows | None, *, as_list: bool, full: bool, as_json: bool
) -> None:
    """Print the dialogue with that persona, the first one without an id, or a line for each.

    bad  takes rows that can't be read; without it the first one is an error
    Raises UserError where there is no such dialogue.
    """
    from proutt.cli.upc_view import line_of, upc_view
    from proutt.export.reading.upc import upc_dialogues_in

    rows = upc_dialogues_in(source, on_bad=None if bad is None else bad.add)
    if as_list:
        for row in rows:
            click.echo(line_of(row.dialogue))
        return
    found = find_upc(rows, persona_id, source).dialogue
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for part in upc_view(found, full=full):
        console.print(part)


def find_upc(rows: Iterable[UPCRow], persona_id: str | None, source: Path) -> UPCRow:
    """The dialogue with a persona; the first one where none is named. Raises UserError where there is none."""
    for row in rows:
        if persona_id is None or row.dialogue.persona_id == persona_id:
            return row
    if persona_id is None:
        remedy = "See its summary.json for what became of the personas."
        raise UserError("the run has no dialogues.", where=str(source), remedy=remedy)
    remedy = "`proutt show RUN --list` lists them all."
    raise UserError(f"there is no dialogue with a persona {persona_id!r}.", where=str(source), remedy=remedy)
