"""Parquet: rows in small batches, of the columns that dialogues need and no others, unless all are asked for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from proutt.dialogue.raw import Record
from proutt.dialogue.sources.columns import wanted_columns
from proutt.dialogue.sources.naming import Source
from proutt.dialogue.sources.remote import opened
from proutt.errors import UserError

BATCH_ROWS = 64


def parquet_records(source: Source, stream: BinaryIO, *, whole: bool = False) -> Iterator[Record]:
    """A record for each row; rows count from 0. whole: of all columns.

    A stream that cannot be sought in (standard input, gzip) goes to a temporary file: Parquet is read from its end. Of
    an object behind a URL only its end and the columns that are read are fetched, row group by row group.
    Raises UserError where the file is damaged.
    """
    import pyarrow as pa

    with tempfile.TemporaryFile() as spooled, ExitStack() as stack:
        file = _sought_in(source, stack)
        if file is None:
            shutil.copyfileobj(stream, spooled)
            file = spooled
        position = 0
        try:
            for row in _rows(file, whole=whole):
                yield Record(source.name, f"[{position}]", f"{source.stem}-{position}", row)
                position += 1
        except (pa.ArrowException, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UserError(
                f"the Parquet data is damaged after row {position}: {reason}.",
                where=source.name,
                remedy="Fetch the file again.",
            ) from error


def _sought_in(source: Source, stack: ExitStack) -> Any:
    """The source as a Parquet file that can be sought in; None where it is a pipe, or packed."""
    if source.remote is None:
        return source.name if _on_disk(source) else None
    file = stack.enter_context(opened(source.name, source.remote, at_random=True))
    return file if file.read(4) == b"PAR1" else None


def _on_disk(source: Source) -> bool:
    """The source itself is a Parquet file that can be sought in: no pipe, and not packed."""
    if source.kind != "file" or not Path(source.name).is_file():
        return False
    with open(source.name, "rb") as file:
        return file.read(4) == b"PAR1"


def _rows(file: Any, *, whole: bool) -> Iterator[dict[str, Any]]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(file, pre_buffer=False) as table:
        leaves = [table.schema.column(index).path for index in range(len(table.schema))]
        columns = None if whole else wanted_columns(leaves)
        for batch in table.iter_batches(batch_size=BATCH_ROWS, columns=columns, use_threads=False):
            yield from batch.to_pylist()
