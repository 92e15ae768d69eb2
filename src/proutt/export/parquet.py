"""Rows as Parquet: the same keys and types as the lines, in row groups, so that memory does not grow with the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from proutt.errors import UserError

ROWS_AT_ONCE = 1000


def write_parquet(lines: Path, table: Path) -> None:
    """The file of rows as a table. Raises UserError where a column's type changes from row to row.

    The first rows say the types; a column that is empty in all of them has no type yet, so more are looked at.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        schema = None
        for rows in _batches(lines):
            found = pyarrow.Table.from_pylist(rows).schema
            schema = found if schema is None else pyarrow.unify_schemas([schema, found], promote_options="permissive")
        with parquet.ParquetWriter(table, schema, compression="zstd") as writer:
            for rows in _batches(lines):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
    except pyarrow.ArrowException as error:
        raise UserError(
            f"these rows make no table: {str(error).splitlines()[0]}.", where=table.name, remedy="Leave --parquet out."
        ) from error


def _batches(lines: Path) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    with lines.open(encoding="utf-8") as file:
        for line in file:
            batch.append(json.loads(line))
            if len(batch) == ROWS_AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch
