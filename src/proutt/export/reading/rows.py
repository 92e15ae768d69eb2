"""Rows of preference and SFT data from whatever a path names, one at a time.

The shape of a file's rows is told from its first readable row; all others must have it. A bad row is named with its
file and line: it stops the reading, or is handed to whoever asked for that, and the reading goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from proutt.dialogue import Problem
from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.readers.fields import ID_KEYS, id_of
from proutt.dialogue.sources import records
from proutt.errors import ItemFailed, UserError
from proutt.export.reading.formats import SHAPES, RecordShape, format_of, known_format
from proutt.export.reading.places import DataFile, data_files
from proutt.export.reading.preference import Parts
from proutt.export.reading.textpair import TextPair
from proutt.methods.record import PreferencePair

_DIALOGUE_KEYS = ("dialogue_id", "dialog_id", "conversation_id", "conversation_hash", "session_id", "chat_id")
_ROW_KEYS = ("id", "row_id", "prompt_id", *(key for key in ID_KEYS if key not in {"id", *_DIALOGUE_KEYS}))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the pair it holds, where it stands (file and line), its part of a split, and the shape it came in."""

    pair: PreferencePair | TextPair
    where: str
    part: str | None
    format: str


def pairs_in(
    path: str | Path, *, format: str | None = None, on_bad: Callable[[Problem], None] | None = None
) -> Iterator[PreferencePair | TextPair]:
    """The pairs of all rows; as `rows_in`."""
    return (row.pair for row in rows_in(path, format=format, on_bad=on_bad))


def rows_in(
    path: str | Path,
    *,
    format: str | None = None,
    on_bad: Callable[[Problem], None] | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Row]:
    """Every row of a run, an export, a folder, a file, `-` or `hf:owner/name[:split]`, in order, one at a time.

    format  one of SHAPES; else told from the rows
    on_bad  is given each row that can't be read, and the reading goes on; without it the first one ends the reading
    stdin   what "-" reads; the process's standard input if not given

    Raises UserError where there is nothing to read, at a bad row (without on_bad), and where no row of a file is one.
    """
    chosen = known_format(format) if format else None
    for file in data_files(path):
        yield from _Reading(file, chosen or file.format, on_bad).rows(stdin or sys.stdin.buffer)


@dataclass(slots=True)
class _Reading:
    """The reading of one file. format: of its rows, once it is known."""

    file: DataFile
    format: str | None
    on_bad: Callable[[Problem], None] | None

    def rows(self, stdin: BinaryIO) -> Iterator[Row]:
        readable, first_problem = 0, None
        with ExitStack() as opened:
            side = _side_lines(self.file.side, opened)
            for number, record in enumerate(records(self.file.source, stdin, whole=True)):
                told = _told(side, number, self.file.side)
                try:
                    row = self._row(record, told)
                except ItemFailed as bad:
                    problem = Problem(record.place, bad.reason, bad.message)
                    if self.on_bad is None:
                        raise _stopped_at(problem) from bad
                    self.on_bad(problem)
                    first_problem = first_problem or problem
                    continue
                readable += 1
                yield row
        if not readable and not (self.file.may_be_empty and first_problem is None):
            raise _nothing_in(self.file, first_problem)

    def _row(self, record: Record, told: Mapping[str, Any]) -> Row:
        if record.problem is not None:
            raise record.problem
        value = _renamed(record.value, self.file.columns)
        if self.format is None:
            self.format = format_of(value)
        if not isinstance(value, dict):
            raise bad_record("no-pair", "it is no object.")
        shape = SHAPES[self.format]
        pair: PreferencePair | TextPair
        if isinstance(shape, RecordShape):
            pair = shape.read(value, record.source)
        else:
            pair = _text_pair(shape.read(value), record, self.file.part, {**value, **told})
        return Row(pair, record.place, self.file.part, self.format)


def _renamed(value: Any, columns: Mapping[str, str]) -> Any:
    return (
        {columns.get(key, key): each for key, each in value.items()} if isinstance(value, dict) and columns else value
    )


def _text_pair(parts: Parts, record: Record, part: str | None, told: Mapping[str, Any]) -> TextPair:
    """The pair with what its row, or the side file, tells besides its texts."""
    dialogue_id = id_of(told, _DIALOGUE_KEYS)
    k, language = told.get("k"), told.get("language")
    k = k if isinstance(k, int) and not isinstance(k, bool) and k >= 1 else None
    made_id = record.made_id if dialogue_id is None or k is None else f"{dialogue_id}:{k}"
    return TextPair(
        id=id_of(told, _ROW_KEYS) or made_id,
        where=record.place,
        messages=parts.messages,
        chosen=parts.chosen,
        rejected=parts.rejected,
        part=part,
        dialogue_id=dialogue_id,
        k=k,
        language=language if isinstance(language, str) and language.isalpha() and len(language) <= 3 else None,
    )


def _side_lines(side: Path | None, opened: ExitStack) -> Iterator[str] | None:
    return None if side is None else opened.enter_context(side.open(encoding="utf-8"))


def _told(lines: Iterator[str] | None, number: int, side: Path | None) -> Mapping[str, Any]:
    """What the side file tells of a row. Raises UserError where it tells of another one."""
    if lines is None:
        return {}
    try:
        told = json.loads(next(lines, "null"))
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("row") != number:
        raise UserError(
            f"has no line for row {number} of the file beside it.",
            where=str(side),
            remedy="One of them was changed: export again, or move the side file away.",
        )
    return told


def _stopped_at(problem: Problem) -> UserError:
    return UserError(problem.message, where=problem.place, remedy="Mend the row, or name its format with --format.")


def _nothing_in(file: DataFile, first: Problem | None) -> UserError:
    if first is None:
        return UserError("is empty: it holds no rows.", where=file.source.name, remedy="Was it written to its end?")
    return UserError(
        f"no row could be read. The first problem: {first.place}: {first.message}",
        where=file.source.name,
        remedy=f"Is it preference or SFT data? If so, name its format: --format {'|'.join(SHAPES)}.",
    )
