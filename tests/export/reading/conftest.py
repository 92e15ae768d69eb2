"""Files of rows, made on the spot."""

from __future__ import annotations

import gzip
import json

import pytest


@pytest.fixture
def written(tmp_path):
    """Writes rows into a file in the way its suffix says, and gives the path."""

    def write(rows, name="rows.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if name.endswith(".parquet"):
            import pyarrow as pa
            from pyarrow import parquet

            parquet.write_table(pa.Table.from_pylist(rows), path)
        elif name.endswith(".gz"):
            path.write_bytes(gzip.compress(lines.encode()))
        elif name.endswith(".json"):
            path.write_text(json.dumps(rows, ensure_ascii=False, indent=4), encoding="utf-8")
        else:
            path.write_text(lines, encoding="utf-8")
        return path

    return write
