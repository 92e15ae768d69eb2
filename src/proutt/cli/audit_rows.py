"""What an audit looks at, one row after the other: pairs, or the dialogues of SynPT or UPC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proutt.dialogue import Problem
    from proutt.methods.record import PreferencePair
    from proutt.quality.audit import Subject

UNVERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class Looked:
    """One row before it is looked at. left_out: why it is not, unless the user wants it."""

    subject: Subject
    where: str
    format: str
    left_out: str | None = None
    pair: PreferencePair | None = None


def pairs(path: str, format: str | None, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    """Rows of preference and SFT data; pairs that failed verification are left out."""
    from proutt.export.reading import rows_in, subject_of
    from proutt.methods.record import PreferencePair

    for row in rows_in(path, format=format, on_bad=unreadable):
        pair = row.pair if isinstance(row.pair, PreferencePair) else None
        reason = UNVERIFIED if pair is not None and pair.verified is False else None
        yield Looked(subject_of(row.pair, where=row.where, part=row.part), row.where, row.format, reason, pair)


def dialogues(path: str, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    """SynPT's dialogues; what exports leave out by default is left out here, too. UPC's, all of them: their flags are
    warnings for whoever trains."""
    from proutt.export.reading.upc import holds_upc

    if holds_upc(path):
        yield from _of_upc(path, unreadable)
        return
    from proutt.export.dialogues import left_out
    from proutt.export.reading.dialogues import dialogues_in
    from proutt.quality.audit.dialogue_checks import subject_of_dialogue

    for row in dialogues_in(path, on_bad=unreadable):
        subject = subject_of_dialogue(row.dialogue, row.where)
        yield Looked(subject, row.where, row.form, left_out(row.dialogue))


def _of_upc(path: str, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    from proutt.export.reading.upc import upc_dialogues_in
    from proutt.quality.audit.upc_checks import subject_of_upc

    for row in upc_dialogues_in(path, on_bad=unreadable):
        yield Looked(subject_of_upc(row.dialogue, row.where), row.where, "upc")
