"""`proutt show`: one preference pair, for a person to read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.methods.record import PreferencePair


@click.command("show")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("pair_id", metavar="[ID]", required=False)
@click.option("--list", "as_list", is_flag=True, help="List all pairs, one a line.")
@click.option("--full", is_flag=True, help="Show the whole context; by default long texts are cut.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def command(run: Path, pair_id: str | None, *, as_list: bool, full: bool, as_json: bool) -> None:
    """Show a preference pair: context, tree, candidates, and both trajectories with their differences marked.

    RUN is the --out directory of `proutt synthesize`, or a pairs.jsonl. ID is a dialogue's id, or id:K for one of its
    pairs; without it, the first pair is shown.
    """
    from proutt.runs.pairs import read_pairs

    pairs = read_pairs(run)
    if as_list:
        for pair in pairs:
            click.echo(_line(pair))
        return
    pair = find_pair(pairs, pair_id, run)
    if as_json:
        click.echo(pair.model_dump_json(indent=2))
        return
    from rich.console import Console

    from proutt.cli.pair_view import pair_view

    console = Console(highlight=False, markup=False, emoji=False)
    for part in pair_view(pair, width=console.width, full=full):
        console.print(part)


def find_pair(pairs: Iterable[PreferencePair], pair_id: str | None, run: Path) -> PreferencePair:
    """The pair that `pair_id` names: the first of a dialogue with that id, else `dialogue_id:K`, else the first of all.

    Ids may hold colons: a whole id goes before an id with a K. Raises UserError where there is none.
    """
    by_turn: PreferencePair | None = None
    for pair in pairs:
        if pair_id is None or pair.dialogue_id == pair_id:
            return pair
        if by_turn is None and f"{pair.dialogue_id}:{pair.k}" == pair_id:
            by_turn = pair
    if by_turn is not None:
        return by_turn
    if pair_id is None:
        raise UserError("the run has no pairs.", where=str(run), remedy="See its summary.json for what became of them.")
    raise UserError(f"there is no pair {pair_id!r}.", where=str(run), remedy="`proutt show RUN --list` lists them all.")


def _line(pair: PreferencePair) -> str:
    from proutt.cli.terminal import one_line

    name = f"{one_line(pair.dialogue_id, 60)}:{pair.k}"
    mark = "  not verified" if pair.verified is False else ""
    return f"{name}  {pair.language}  {pair.branch}  J_max {pair.j_max:.2f}{mark}  {one_line(pair.truth.utterance, 60)}"
