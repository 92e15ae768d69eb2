"""The files load in `datasets` with the types that formats name, by file and by folder, as lines and as tables."""

from __future__ import annotations

import os

import pytest

from proutt.errors import UserError
from proutt.export import ExportSettings, Split, export_pairs
from records import a_hostile_pair, a_pair
from row_shapes import SHAPES, shape

PAIRS = [
    a_pair(),
    a_pair(dialogue_id="d2", language="zh", branch="high"),
    a_pair(dialogue_id="d3", branch="low", ablate=("intent-tree",)),
    a_hostile_pair(),
]


@pytest.fixture
def datasets(monkeypatch):
    """The library, offline."""
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    return pytest.importorskip("datasets", reason="datasets is not installed: pip install 'proutt[hub]'")


@pytest.mark.parametrize("name", SHAPES)
def test_every_row_loads_as_lines_and_as_a_table(datasets, name, tmp_path):
    """No row is lost, both forms hold the same, and each row has the keys and types that the format names."""
    export_pairs(PAIRS, tmp_path / "out", ExportSettings(name, parquet=True))
    loaded = {
        kind: datasets.load_dataset(
            kind, data_files=str(tmp_path / "out" / f"train.{ending}"), split="train", cache_dir=str(tmp_path / kind)
        )
        for kind, ending in (("json", "jsonl"), ("parquet", "parquet"))
    }
    rows = loaded["json"].to_list()
    assert len(rows) == len(PAIRS) * (2 if name.endswith("-kto") else 1)
    assert loaded["parquet"].to_list() == rows
    for row in rows:
        assert shape(row) == SHAPES[name]


def test_the_released_shape_loads_as_lines_only(datasets, tmp_path):
    """Its trees have topics for keys: a table would give every row every topic."""
    export_pairs(PAIRS, tmp_path / "out", ExportSettings("proutt"))
    files = str(tmp_path / "out" / "train.jsonl")
    rows = datasets.load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    assert len(rows) == len(PAIRS)
    with pytest.raises(UserError, match=r"--parquet.*no table"):
        export_pairs(PAIRS, tmp_path / "table", ExportSettings("proutt", parquet=True))
    assert not (tmp_path / "table").exists()


@pytest.mark.parametrize("parquet", [False, True])
def test_the_folder_loads_by_its_card(datasets, parquet, tmp_path):
    """The card's front matter says which file is which part, and keeps the metadata apart."""
    many = [a_pair(dialogue_id=f"d{number}", context=said(number)) for number in range(30)]
    settings = ExportSettings("trl-sft", split=Split((0.6, 0.2, 0.2)), parquet=parquet)
    manifest = export_pairs(many, tmp_path / "out", settings)
    ending = ".parquet" if parquet else ".jsonl"
    rows = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    meta = datasets.load_dataset(str(tmp_path / "out"), "metadata", cache_dir=str(tmp_path / "cache"))
    for part in ("train", "validation", "test"):
        assert len(rows[part]) == len(meta[part]) == manifest["files"][f"{part}{ending}"]["rows"]
    assert set(rows["train"].column_names) == {"prompt", "completion"}
    assert meta["train"]["row"][:] == list(range(len(meta["train"])))


def said(number: int):
    """A context that is like no other's."""
    from proutt.methods.record import ContextRecord, TurnRecord

    words = " ".join(f"word{number}x{place}" for place in range(60))
    return ContextRecord(turns=[TurnRecord(user=words, assistant="yes")])
