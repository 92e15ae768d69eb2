"""SynPT's dialogues from whatever a path names: a run of `proutt simulate synpt`, its file, or a released file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from proutt.dialogue import Problem
from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.sources import Source, records
from proutt.errors import ItemFailed, UserError
from proutt.export.reading.places import DataFile, part_of
from proutt.export.reading.released_dialogue import looks_released_dialogue, read_released_dialogue
from proutt.methods.synpt.record import SynPTDialogue
from proutt.runs.directory import DIALOGUES
from proutt.runs.pairs import PAIRS

#: ours: lines of DIALOGUES; released: SynPT's own files
Form = Literal["dialogues", "synpt"]


@dataclass(frozen=True, slots=True)
class DialogueRow:
    """One dialogue, where it stands, and what of a released one could not be read."""

    dialogue: SynPTDialogue
    where: str
    form: Form
    unread: tuple[str, ...] = ()


def holds_dialogues(path: str | Path) -> bool:
    """Whether a path names SynPT's dialogues: told from its first record, never from its name alone."""
    file = dialogues_file(path)
    if file is None:
        return False
    first = next(records(Source("file", str(file)), io.BytesIO(), whole=True), None) if _begun(file) else None
    if first is None:  # a run that made none
        return Path(path).is_dir()
    return first.problem is None and form_of(first.value) is not None


def dialogues_file(path: str | Path) -> Path | None:
    """The file of dialogues that a path can name; None where it can't."""
    place = Path(path)
    try:
        if place.is_dir():
            return place / DIALOGUES if (place / DIALOGUES).is_file() and not (place / PAIRS).exists() else None
        return place if place.is_file() else None
    except (OSError, ValueError):  # too long, or no path at all
        return None


def data_files_of(path: str | Path) -> list[DataFile]:
    """The same as a file of rows. Raises UserError where there is none."""
    file = dialogues_file(path)
    if file is None:
        remedy = "Name the --out directory of `proutt simulate synpt`, or a file."
        raise UserError(f"there is no {DIALOGUES} here.", where=str(path), remedy=remedy)
    return [DataFile(Source("file", str(file)), part=part_of(file.name.split(".")[0]))]


def _begun(file: Path) -> bool:
    return file.stat().st_size > 0


def form_of(row: Any) -> Form | None:
    """Which of the two forms a row has."""
    if isinstance(row, Mapping) and {"seed_id", "turns", "values", "usage_by_module"} <= set(row):
        return "dialogues"
    return "synpt" if looks_released_dialogue(row) else None


def dialogues_in(path: str | Path, *, on_bad: Callable[[Problem], None] | None = None) -> Iterator[DialogueRow]:
    """Every dialogue, in order, one at a time.

    on_bad  is given each row that can't be read, and the reading goes on; without it the first one ends the reading
    Raises UserError where there is nothing to read, and at a bad row (without on_bad).
    """
    (file,) = data_files_of(path)
    for record in records(file.source, io.BytesIO(), whole=True) if _begun(Path(file.source.name)) else ():
        try:
            yield _read(record)
        except ItemFailed as bad:
            problem = Problem(record.place, bad.reason, bad.message)
            if on_bad is None:
                remedy = "Mend the row, or leave it out with --skip-bad."
                raise UserError(problem.message, where=problem.place, remedy=remedy) from bad
            on_bad(problem)


def _read(record: Record) -> DialogueRow:
    if record.problem is not None:
        raise record.problem
    form = form_of(record.value)
    if form is None:
        raise bad_record("no-dialogue", "it is neither a dialogue of `proutt simulate synpt` nor a released one.")
    if form == "synpt":
        dialogue, unread = read_released_dialogue(record.value, record.source)
        return DialogueRow(dialogue, record.place, form, tuple(unread.what))
    try:
        return DialogueRow(SynPTDialogue.model_validate(record.value), record.place, form)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise bad_record("bad-row", f"not a dialogue of SynPT: {place}: {first['msg']}.") from None
