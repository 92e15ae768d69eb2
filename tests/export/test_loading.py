"""The files load in `datasets` with the types that formats name."""

from __future__ import annotations

import os

import pytest

from proutt.export import FORMATS, ExportSettings, export_pairs
from records import a_hostile_pair, a_pair

PAIRS = [
    a_pair(),
    a_pair(language="zh", branch="high"),
    a_pair(branch="low", ablate=("intent-tree",)),
    a_hostile_pair(),
]


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Export the pairs as a format and load the rows, offline, with a cache of the test's own."""
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="datasets is not installed: pip install 'proutt[hub]'")

    def loaded(name: str):
        export_pairs(PAIRS, tmp_path / name, ExportSettings(name))
        files = str(tmp_path / name / "train.jsonl")
        return datasets.load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))

    return loaded


@pytest.mark.parametrize("name", FORMATS)
def test_every_row_loads(load, name):
    """No row is lost, and the first keeps its texts."""
    assert len(load(name)) == len(PAIRS)


@pytest.mark.parametrize("name", ["trl-preference", "trl-sft"])
def test_message_lists_stay_lists_of_messages(load, name):
    """Each column is a list of role and content, both strings, in every row."""
    data = load(name)
    for column in data.column_names:
        for row in data:
            (message,) = row[column]
            assert {key: type(value) for key, value in message.items()} == {"role": str, "content": str}


def test_preference_sides_stay_objects(load):
    """LLaMA-Factory takes chosen and rejected only as objects of from and value."""
    for row in load("llamafactory-preference"):
        for side in (row["chosen"], row["rejected"], *row["conversations"]):
            assert {key: type(value) for key, value in side.items()} == {"from": str, "value": str}


def test_metadata_loads(load, tmp_path):
    """The side file is a table of its own, row for row."""
    import datasets

    load("trl-sft")
    files = str(tmp_path / "trl-sft" / "train.meta.jsonl")
    meta = datasets.load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    assert meta["row"][:] == list(range(len(PAIRS)))
