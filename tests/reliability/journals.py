"""Looking into the journals of runs, and damaging copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.runs.journal import Journal

JOURNAL = "journal.sqlite"
_PAGE = 4096
_LOG_HEADER, _FRAME_HEADER = 32, 24

Rows = list[tuple[Any, ...]]


def copied(run: Path, folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A run directory with the same journal, one of whose files is changed."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in run.glob(f"{JOURNAL}*"):
        if not path.name.endswith("-shm"):
            content = path.read_bytes()
            (copy / path.name).write_bytes(change(content) if path.name == name else content)
    return copy


def all_rows(run: Path) -> Rows | None:
    """Every call and every item, as the package itself reads them; None where it says that it can't."""
    try:
        journal = Journal(run / JOURNAL)
        try:
            calls = journal.rows("SELECT * FROM calls ORDER BY key")
            return calls + journal.rows("SELECT * FROM items ORDER BY number, k")
        finally:
            journal.close()
    except UserError:
        return None


def committed(run: Path, folder: Path) -> set[str]:
    """The rows of a run that was killed: a copy of it is opened, and so recovered, in `folder`.

    Raises ValueError where it can't be read.
    """
    rows = all_rows(copied(run, folder, "", lambda content: content))
    if rows is None:
        raise ValueError("the journal can't be read")
    return {repr(row) for row in rows}


def cut_points(log: Path) -> list[int]:
    """The sizes to which a write-ahead log is cut to tear its last transaction at every byte.

    A frame that ends a transaction names the size of the database in the second word of its header.
    """
    content = log.read_bytes()
    frames = range(_LOG_HEADER, len(content) - _FRAME_HEADER - _PAGE + 1, _FRAME_HEADER + _PAGE)
    ends = [at + _FRAME_HEADER + _PAGE for at in frames if int.from_bytes(content[at + 4 : at + 8], "big")]
    return list(range(ends[-2], ends[-1] + 1))


def last_record(run: Path) -> tuple[int, int]:
    """Where the text that the journal of a finished run holds last is in the file: first byte, and one past it."""
    content = (run / JOURNAL).read_bytes()
    rows = all_rows(run) or []
    places = []
    for row in rows:
        for text in row:
            known = text.encode() if isinstance(text, str) and len(text) > 40 else b""
            at = content.rfind(known) if known else -1
            if at >= 0:
                places.append((at, at + len(known)))
    return max(places, key=lambda place: place[1])


def silent_changes(run: Path, name: str, flips: Iterable[tuple[int, int]], folder: Path) -> list[str]:
    """Those of the flips (byte, bits) after which a row comes back that was never written, or a foreign error."""
    rows = all_rows(copied(run, folder, "", lambda content: content)) or []
    written = {repr(row) for row in rows}
    found = []
    for at, bits in flips:

        def flipped(content: bytes, at: int = at, bits: int = bits) -> bytes:
            return content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]

        try:
            after = all_rows(copied(run, folder, name, flipped))
        except Exception as error:
            found.append(f"{name}, byte {at} ^ {bits}: {error!r}")
        else:
            if after is not None and not {repr(row) for row in after} <= written:
                found.append(f"{name}, byte {at} ^ {bits}: unseen")
    return found
