"""`proutt show`: one pair, or one simulated dialogue, for a person to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows, reading_options
from proutt.errors import UserError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from proutt.export.reading import TextPair
    from proutt.methods.record import PreferencePair


@click.command("show")
@click.argument("source", metavar="RUN|FILE", type=click.Path(path_type=Path))
@click.argument("pair_id", metavar="[ID]", required=False)
@click.option("--list", "as_list", is_flag=True, help="List all pairs or dialogues, one a line.")
@click.option("--full", is_flag=True, help="Show the whole context; by default long texts are cut.")
@reading_options
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def command(
    source: Path,
    pair_id: str | None,
    *,
    as_list: bool,
    full: bool,
    format_name: str | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Show a pair: context, tree, candidates, and both trajectories with their differences marked.

    RUN is the --out directory of `proutt synthesize`. FILE is an export, a released ProUtt file, or any preference or
    SFT file that trainers read (docs/released.md); of rows without a record, the prompt and both texts are shown. ID is
    a row's or a dialogue's id, or id:K for one of its pairs; without it, the first pair is shown.

    Of a RUN of `proutt simulate synpt`, or a released SynPT file, a dialogue is shown, ID being its seed's: what the
    user wants, what both agents thought turn by turn, and what the checks found. Of a RUN of `proutt simulate upc`, ID
    being its persona's: every attempt at a response with its scores; with --full, the critic's reasons, too.
    """
    from proutt.cli.show_dialogue import show_dialogue
    from proutt.cli.show_upc import show_upc
    from proutt.export.reading import pairs_in
    from proutt.export.reading.dialogues import holds_dialogues
    from proutt.export.reading.upc import holds_upc

    bad = BadRows()
    if format_name is None and holds_upc(source):
        show_upc(source, pair_id, bad if skip_bad else None, as_list=as_list, full=full, as_json=as_json)
        bad.tell()
        return
    if format_name is None and holds_dialogues(source):
        show_dialogue(source, pair_id, bad if skip_bad else None, as_list=as_list, full=full, as_json=as_json)
        bad.tell()
        return
    pairs = pairs_in(source, format=format_name, on_bad=bad.add if skip_bad else None)
    if as_list:
        for pair in pairs:
            click.echo(_line(pair))
        bad.tell()
        return
    pair = find_pair(pairs, pair_id, source)
    bad.tell()
    if as_json:
        click.echo(_json(pair))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for part in _view(pair, width=console.width, full=full):
        console.print(part)


def find_pair(
    pairs: Iterable[PreferencePair | TextPair], pair_id: str | None, source: Path
) -> PreferencePair | TextPair:
    """The pair that `pair_id` names: the first row or dialogue of that id, else `dialogue_id:K`, else the first one.

    Ids may hold colons: a whole id goes before an id with a K. Raises UserError where there is none.
    """
    by_turn: PreferencePair | TextPair | None = None
    for pair in pairs:
        if pair_id is None or pair_id in (pair.dialogue_id, getattr(pair, "id", None)):
            return pair
        if by_turn is None and f"{pair.dialogue_id}:{pair.k}" == pair_id:
            by_turn = pair
    if by_turn is not None:
        return by_turn
    if pair_id is None:
        remedy = "See its summary.json for what became of them."
        raise UserError("the run has no pairs.", where=str(source), remedy=remedy)
    remedy = "`proutt show RUN --list` lists them all."
    raise UserError(f"there is no pair {pair_id!r}.", where=str(source), remedy=remedy)


def _view(pair: PreferencePair | TextPair, *, width: int, full: bool) -> Iterator[RenderableType]:
    from proutt.cli.pair_view import pair_view
    from proutt.cli.text_view import text_view
    from proutt.export.reading import TextPair

    if isinstance(pair, TextPair):
        return text_view(pair, width=width, full=full)
    return pair_view(pair, width=width, full=full)


def _json(pair: PreferencePair | TextPair) -> str:
    from proutt.export.reading import TextPair

    if isinstance(pair, TextPair):
        return json.dumps(asdict(pair), ensure_ascii=False, indent=2)
    return pair.model_dump_json(indent=2)


def _line(pair: PreferencePair | TextPair) -> str:
    from proutt.export.reading import TextPair

    return _text_line(pair) if isinstance(pair, TextPair) else _record_line(pair)


def _text_line(pair: TextPair) -> str:
    """Its id, its part of a split, and the first thing that its chosen side predicts or says."""
    from proutt.cli.terminal import one_line
    from proutt.export.reading import subject_of

    side = subject_of(pair).chosen
    said = side.utterances[0] if side.utterances else side.text
    told = [one_line(pair.id, 60), *([pair.part] if pair.part else []), one_line(said, 80)]
    return "  ".join(told)


def _record_line(pair: PreferencePair) -> str:
    from proutt.cli.terminal import one_line

    name = f"{one_line(pair.dialogue_id, 60)}:{pair.k}"
    mark = "  not verified" if pair.verified is False else ""
    return f"{name}  {pair.language}  {pair.branch}  J_max {pair.j_max:.2f}{mark}  {one_line(pair.truth.utterance, 60)}"
