"""Where two texts differ, word by word; character by character where a script has no spaces between words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `own` where the other side does not have it."""

    text: str
    own: bool


def differences(one: str, other: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts as runs, those that only one of them has marked. The runs of each side join to its text."""
    left, right = _PIECE.findall(one), _PIECE.findall(other)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        for side, pieces in zip(sides, (left[start:end], right[other_start:other_end]), strict=True):
            if pieces:
                side.append(Piece("".join(pieces), own=tag != "equal"))
    return list(_joined(sides[0])), list(_joined(sides[1]))


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Neighbours that are both marked, with nothing but space between them, become one: fewer marks read better."""
    held: list[Piece] = []
    for piece in pieces:
        held.append(piece)
        if len(held) >= 3 and held[-1].own and held[-3].own and not held[-2].own and held[-2].text.isspace():
            held[-3:] = [Piece("".join(each.text for each in held[-3:]), own=True)]
    yield from held
