"""What the views of a pair are laid out from: sections, utterances, two sides. All text is sanitised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from proutt.cli.differences import Piece, differences
from proutt.cli.terminal import plain

#: Narrower terminals show chosen above rejected.
SIDE_BY_SIDE = 100
#: An utterance of the context is cut to this many characters unless all is asked for.
CLIPPED = 300
#: Two texts are compared word by word up to this product of their lengths (a second of work); beyond it, only what they
#: begin and end with alike is found.
COMPARED = 20_000_000

_MARKS = {"chosen": ("{+", "+}", "green"), "rejected": ("[-", "-]", "red")}


def section(title: str, body: RenderableType) -> Iterator[RenderableType]:
    """A rule with a title, and what stands under it."""
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", characters="─")
    yield body


def count(number: int, noun: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def said(speaker: str, text: str, *, full: bool) -> Table:
    """What somebody said, beside their name; a long text is cut unless all is asked for."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=10, no_wrap=True)
    table.add_column(overflow="fold")
    shown = text if full or len(text) <= CLIPPED else f"{text[:CLIPPED]}… ({len(text) - CLIPPED:,} more characters)"
    table.add_row(Text(speaker, style="bold" if speaker == "User" else "dim"), Text(plain(shown)))
    return table


def sides(chosen: Mapping[str, str], rejected: Mapping[str, str], width: int) -> RenderableType:
    """Title → text of both sides, each text compared with the one under the same title; `width` of the terminal."""
    rows = _compared(chosen, rejected)
    if width < SIDE_BY_SIDE:
        left = panel("chosen", [(title, text) for title, text, _ in rows])
        return Group(left, panel("rejected", [(title, text) for title, _, text in rows]))
    table = Table(show_lines=True, expand=True)
    for side in _MARKS:
        table.add_column(Text(side), ratio=1, overflow="fold")
    for title, one, other in rows:
        table.add_row(*(Group(Text(title, style="dim"), text) for text in (one, other)))
    return table


def panel(side: str, rows: Sequence[tuple[str, Text]]) -> Panel:
    """One side in a frame: each title with its text."""
    body = [part for title, text in rows for part in (Text(title, style="dim"), Padding(text, (0, 0, 0, 2)))]
    return Panel(Group(*body), title=Text(side), title_align="left")


def _compared(chosen: Mapping[str, str], rejected: Mapping[str, str]) -> list[tuple[str, Text, Text]]:
    rows = []
    for title in dict.fromkeys([*chosen, *rejected]):
        one, other = _differences(chosen.get(title, ""), rejected.get(title, ""))
        rows.append((title, _marked("chosen", one), _marked("rejected", other)))
    return rows


def _differences(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts as runs; of texts too long to compare word by word, the middle is all different."""
    if len(one) * len(other) <= COMPARED:
        return differences(one, other)
    start = _shared(one, other)
    end = _shared(one[start:][::-1], other[start:][::-1])
    return _ends(one, start, end), _ends(other, start, end)


def _ends(text: str, start: int, end: int) -> list[Piece]:
    middle = len(text) - end
    pieces = [Piece(text[:start], own=False), Piece(text[start:middle], own=True), Piece(text[middle:], own=False)]
    return [piece for piece in pieces if piece.text]


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _marked(side: str, pieces: Sequence[Piece]) -> Text:
    """The text with what only this side says in colour and between marks, so that it reads without colour too."""
    before, after, style = _MARKS[side]
    text = Text()
    for piece in pieces:
        if piece.own and piece.text.strip():
            text.append(f"{before}{plain(piece.text)}{after}", style=style)
        else:
            text.append(plain(piece.text))
    return text
