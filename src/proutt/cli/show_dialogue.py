"""`proutt show` of SynPT's dialogues: the one that is asked for, or a list of all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.export.reading.dialogues import DialogueRow


def show_dialogue(
    source: Path, seed_id: str | None, bad: BadRows | None, *, as_list: bool, full: bool, as_json: bool
) -> None:
    """Print the dialogue of that seed, the first one without an id, or a line for each.

    bad  takes rows that can't be read; without it the first one is an error
    Raises UserError where there is no such dialogue.
    """
    from proutt.cli.dialogue_view import dialogue_view, line_of
    from proutt.export.reading.dialogues import dialogues_in

    rows = dialogues_in(source, on_bad=None if bad is None else bad.add)
    if as_list:
        for row in rows:
            click.echo(line_of(row.dialogue))
        return
    found = find_dialogue(rows, seed_id, source)
    if as_json:
        click.echo(found.dialogue.model_dump_json(indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for part in dialogue_view(found.dialogue, full=full):
        console.print(part)
    if found.unread:
        console.print(f"\nnot read of this row: {', '.join(found.unread)}")


def find_dialogue(rows: Iterable[DialogueRow], seed_id: str | None, source: Path) -> DialogueRow:
    """The dialogue of a seed; the first one where none is named. Raises UserError where there is none."""
    for row in rows:
        if seed_id is None or row.dialogue.seed_id == seed_id:
            return row
    if seed_id is None:
        raise UserError(
            "the run has no dialogues.", where=str(source), remedy="See its summary.json for what became of the seeds."
        )
    remedy = "`proutt show RUN --list` lists them all."
    raise UserError(f"there is no dialogue of a seed {seed_id!r}.", where=str(source), remedy=remedy)
