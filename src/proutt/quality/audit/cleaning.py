"""A copy of a data file without the rows that an audit flagged; what stays, stays as it was.

Lines of JSON Lines are copied byte by byte (a packed file comes out unpacked unless the copy's name ends in .gz), rows
of Parquet keep their schema, objects of a JSON array their values.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import IO, Any

from proutt.dialogue.sources import Source, records
from proutt.dialogue.sources.sniffing import Container, container_of
from proutt.errors import UserError

_GZIP, _PARQUET, _BOM = b"\x1f\x8b", b"PAR1", b"\xef\xbb\xbf"
_HEAD = 128 * 1024


def clean_copy(source: Path, copy: Path, kept: Callable[[str], bool]) -> int:
    """Write the rows of `source` whose place in the file ("source:412", "source[17]") is kept, and count them.

    The copy comes into place when it is whole. Raises UserError where it would be the source, or can't be written.
    """
    if copy.exists() and copy.resolve() == source.resolve():
        raise UserError("is the file under audit.", where=str(copy), remedy="Name another file with --write-clean.")
    partial = copy.with_name(f".{copy.name}.{os.getpid()}.partial")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        written = _copied(source, partial, kept, packed=copy.suffix == ".gz")
        partial.replace(copy)
    except OSError as error:
        remedy = "Name another file with --write-clean."
        raise UserError(f"can't be written ({error.strerror}).", where=str(copy), remedy=remedy) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return written


def _copied(source: Path, partial: Path, kept: Callable[[str], bool], *, packed: bool) -> int:
    with _unpacked(source) as stream:
        head = stream.read(_HEAD)
    if head.startswith(_PARQUET):
        return _table(source, partial, kept)
    with ExitStack() as opened:
        out: Any = opened.enter_context(partial.open("wb"))
        if packed:
            out = opened.enter_context(gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0))
        if container_of(head.removeprefix(_BOM), whole=True) is Container.LINES:
            return _lines(source, out, kept)
        return _array(source, out, kept)


@contextmanager
def _unpacked(source: Path) -> Iterator[IO[bytes]]:
    with source.open("rb") as stream:
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        if not packed:
            yield stream
            return
        with gzip.open(stream) as unpacked:
            yield unpacked  # type: ignore[misc]  # it reads like any binary stream


def _lines(source: Path, out: IO[bytes], kept: Callable[[str], bool]) -> int:
    written = 0
    with _unpacked(source) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip() and kept(f"{source}:{number}"):
                out.write(line if line.endswith(b"\n") else line + b"\n")
                written += 1
    return written


def _array(source: Path, out: IO[bytes], kept: Callable[[str], bool]) -> int:
    written = 0
    for record in records(Source("file", str(source)), BytesIO(), whole=True):
        if record.problem is None and kept(record.place):
            text = json.dumps(record.value, ensure_ascii=False)
            out.write((",\n" if written else "[\n").encode() + text.encode("utf-8", "replace"))
            written += 1
    out.write(b"\n]\n" if written else b"[]\n")
    return written


def _table(source: Path, partial: Path, kept: Callable[[str], bool]) -> int:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, ParquetWriter

    written, positions = 0, count()
    with ParquetFile(source) as table, ParquetWriter(partial, table.schema_arrow) as out:
        for batch in table.iter_batches(batch_size=1024):
            mask = pa.array([kept(f"{source}[{next(positions)}]") for _ in range(batch.num_rows)], pa.bool_())
            left = batch.filter(mask)
            out.write_batch(left)
            written += left.num_rows
    return written
