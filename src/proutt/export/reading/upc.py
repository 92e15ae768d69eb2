"""UPC's dialogues from whatever a path names: a run of `proutt simulate upc`, or its file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from proutt.dialogue import Problem
from proutt.dialogue.raw import bad_record
from proutt.dialogue.sources import Source, records
from proutt.errors import ItemFailed, UserError
from proutt.export.reading.dialogues import data_files_of, dialogues_file
from proutt.methods.upc.record import UPCDialogue


@dataclass(frozen=True, slots=True)
class UPCRow:
    """One dialogue and where it stands."""

    dialogue: UPCDialogue
    where: str


def holds_upc(path: str | Path) -> bool:
    """Whether a path names UPC's dialogues: told from its first record, never from its name alone."""
    file = dialogues_file(path)
    if file is None or file.stat().st_size == 0:
        return False
    first = next(records(Source("file", str(file)), io.BytesIO(), whole=True), None)
    if first is None or first.problem is not None or not isinstance(first.value, Mapping):
        return False
    return {"persona_id", "introduction", "turns"} <= set(first.value)


def upc_dialogues_in(path: str | Path, *, on_bad: Callable[[Problem], None] | None = None) -> Iterator[UPCRow]:
    """Every dialogue, in order, one at a time.

    on_bad  is given each row that can't be read, and the reading goes on; without it the first one ends the reading
    Raises UserError where there is nothing to read, and at a bad row (without on_bad).
    """
    (file,) = data_files_of(path)
    for record in records(file.source, io.BytesIO(), whole=True):
        try:
            if record.problem is not None:
                raise record.problem
            yield UPCRow(_dialogue(record.value), record.place)
        except ItemFailed as bad:
            problem = Problem(record.place, bad.reason, bad.message)
            if on_bad is None:
                remedy = "Mend the row, or leave it out with --skip-bad."
                raise UserError(problem.message, where=problem.place, remedy=remedy) from bad
            on_bad(problem)


def _dialogue(value: object) -> UPCDialogue:
    try:
        return UPCDialogue.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise bad_record("bad-row", f"not a dialogue of UPC: {place}: {first['msg']}.") from None
