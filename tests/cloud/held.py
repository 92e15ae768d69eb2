"""What is put into a store, and what is found there."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from runs.command import english

DIALOGUES = [english(f"d{each}", 5) for each in range(3)]
IDS = [each["id"] for each in DIALOGUES]
LINES = "".join(json.dumps(each) + "\n" for each in DIALOGUES).encode()


def fill(system: Any, bucket: str) -> None:
    """Put the dialogues there in every shape that is read, and what is not."""
    table = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(DIALOGUES), table, row_group_size=2)
    held: Mapping[str, bytes] = {
        "a.jsonl": LINES,
        "b.jsonl.gz": gzip.compress(LINES),
        "t.parquet": table.getvalue(),
        "sub/deep/c.jsonl": LINES,
        "sub/.hidden.jsonl": b"nothing",
        "sub/notes.txt": b"nothing",
    }
    for name, data in held.items():
        system.pipe_file(f"{bucket}/{name}", data)


def objects_below(system: Any, place: str) -> dict[str, bytes]:
    """What is there, by name, hidden things too."""
    system.invalidate_cache()
    return {path.rpartition("/")[2]: system.cat_file(path) for path in system.find(place)}
