"""Copies without the flagged rows."""

from __future__ import annotations

import gzip
import json

import pytest

from proutt.errors import UserError
from proutt.quality.audit.cleaning import clean_copy


def without(*places):
    return lambda place: not place.endswith(places)


def test_lines_are_copied_byte_by_byte(tmp_path):
    """Spacing, escapes and what is no JSON stay as they were; a last line gets its end."""
    source, copy = tmp_path / "rows.jsonl", tmp_path / "clean.jsonl"
    lines = [b'{"a":  1}\n', b"\n", b'{"a": "\\u4eac"}\n', b"no json\r\n", b'{"a": 4}']
    source.write_bytes(b"".join(lines))
    assert clean_copy(source, copy, without(":1")) == 3
    assert copy.read_bytes() == lines[2] + lines[3] + lines[4] + b"\n"


@pytest.mark.parametrize(("name", "opened"), [("clean.jsonl", open), ("clean.jsonl.gz", gzip.open)])
def test_packed_lines_come_out_as_the_copy_is_named(tmp_path, name, opened):
    """Packed where its name ends so."""
    source = tmp_path / "rows.jsonl.gz"
    with gzip.open(source, "wb") as file:
        file.write(b'{"a": 1}\n{"a": 2}\n')
    clean_copy(source, tmp_path / name, without(":2"))
    with opened(tmp_path / name, "rb") as file:
        assert file.read() == b'{"a": 1}\n'


@pytest.mark.parametrize("kept", [["[0]"], ["[0]", "[1]", "[2]"], []])
def test_an_array_stays_an_array(tmp_path, kept):
    """Of the same objects, even of none."""
    rows = [{"a": "京"}, {"b": [1, None]}, {"c": 1.5}]
    source, copy = tmp_path / "rows.json", tmp_path / "clean.json"
    source.write_text(json.dumps(rows), encoding="utf-8")
    clean_copy(source, copy, lambda place: place.endswith(tuple(kept)))
    assert json.loads(copy.read_text(encoding="utf-8")) == [row for at, row in enumerate(rows) if f"[{at}]" in kept]


def test_a_table_keeps_its_schema(tmp_path):
    """Rows go, columns and types stay."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source, copy = tmp_path / "rows.parquet", tmp_path / "clean.parquet"
    table = pa.table({"a": pa.array([1, 2, 3], pa.int16()), "b": ["x", None, "z"]})
    pq.write_table(table, source)
    assert clean_copy(source, copy, without("[1]")) == 2
    assert pq.read_table(copy).equals(table.take([0, 2]))


def test_the_file_under_audit_is_never_overwritten(tmp_path):
    """Not even by another name for it."""
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b'{"a": 1}\n')
    with pytest.raises(UserError, match="is the file under audit"):
        clean_copy(source, tmp_path / "." / "rows.jsonl", without())
    assert source.read_bytes() == b'{"a": 1}\n'


def test_no_piece_of_a_copy_is_left_behind(tmp_path):
    """Where it can't be written, nothing is."""
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b'{"a": 1}\n')
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="can't be written"):
        clean_copy(source, tmp_path / "taken" / "clean.jsonl", without())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["rows.jsonl", "taken"]
