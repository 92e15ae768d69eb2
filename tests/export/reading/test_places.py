"""What a path names: a run, an export with its side files, a folder of another trainer, a folder of parts."""

from __future__ import annotations

import json

import pytest

from proutt.errors import UserError
from proutt.export import ExportSettings, Split, export_pairs
from proutt.export.reading import pairs_in, rows_in
from proutt.export.reading.places import part_of
from records import a_pair

ROW = {"prompt": "P", "chosen": "A+", "rejected": "A-"}


def about(number: int) -> dict[str, str]:
    """A turn that has no words in common with those of other numbers."""
    return {"user": " ".join(f"word{number}{at}" for at in range(9)), "assistant": f"answer{number}"}


@pytest.fixture
def run(tmp_path):
    """A run of a few dialogues about different things, two pairs each."""
    pairs = [
        a_pair(dialogue_id=f"d{number}", k=k, context={"turns": [about(number)] * k})
        for number in range(6)
        for k in (1, 2)
    ]
    (tmp_path / "run").mkdir()
    lines = "".join(f"{pair.model_dump_json()}\n" for pair in pairs)
    (tmp_path / "run" / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path / "run"


@pytest.mark.parametrize("name", [".", "pairs.jsonl"])
def test_a_run_is_its_pairs(run, name):
    """The directory and its file are the same; rows stand in the file."""
    rows = list(rows_in(run / name))
    assert [row.pair.dialogue_id for row in rows][:3] == ["d0", "d0", "d1"]
    assert rows[2].where == f"{run / 'pairs.jsonl'}:3"
    assert rows[0].part is None


def test_a_run_without_pairs_has_no_rows(run):
    """A run may have made none; whoever asks says so."""
    (run / "pairs.jsonl").write_text("", encoding="utf-8")
    assert list(rows_in(run)) == []


def test_a_damaged_run_names_its_line(run):
    """And can be read around it."""
    with (run / "pairs.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"dialogue_id": "x"}\n')
    with pytest.raises(UserError, match=r"pairs\.jsonl:13: not a preference pair: k"):
        list(rows_in(run))
    assert len(list(rows_in(run, on_bad=lambda _: None))) == 12


def test_an_unfinished_run_says_so(tmp_path):
    """There is a journal, and no pairs yet."""
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(UserError, match="not finished"):
        list(rows_in(tmp_path))


@pytest.mark.parametrize("format", ["trl-preference", "trl-sft", "llamafactory-preference", "llamafactory-sft"])
def test_an_export_knows_its_parts_and_dialogues(run, tmp_path, format):
    """The manifest names the parts, the side files every row's dialogue, K and language."""
    settings = ExportSettings(format=format, split=Split((0.5, 0.5)))
    export_pairs(pairs_in(run), tmp_path / "out", settings)
    rows = list(rows_in(tmp_path / "out"))
    assert [row.part for row in rows] == sorted((row.part for row in rows), key=["train", "test"].index)
    assert {row.part for row in rows} == {"train", "test"}
    assert sorted(row.pair.id for row in rows) == [f"d{number}:{k}" for number in range(6) for k in (1, 2)]
    assert {row.pair.language for row in rows} == {"en"}
    by_part = {row.pair.dialogue_id: row.part for row in rows}
    assert all(by_part[row.pair.dialogue_id] == row.part for row in rows)


def test_a_file_of_an_export_knows_as_much(run, tmp_path):
    """Named directly, it has its part and its side file."""
    export_pairs(pairs_in(run), tmp_path / "out", ExportSettings(format="trl-preference"))
    rows = list(rows_in(tmp_path / "out" / "train.jsonl"))
    assert (rows[1].part, rows[1].pair.id) == ("train", "d0:2")


def test_a_side_file_that_tells_of_other_rows_is_an_error(run, tmp_path):
    """Rows that were taken out by hand shift all that come after."""
    export_pairs(pairs_in(run), tmp_path / "out", ExportSettings(format="trl-preference"))
    side = tmp_path / "out" / "train.meta.jsonl"
    side.write_text("".join(side.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(UserError, match=r"train\.meta\.jsonl: has no line for row 0"):
        list(rows_in(tmp_path / "out"))


def test_an_export_in_the_released_shape_comes_back_as_records(run, tmp_path):
    """Parts are known there, too."""
    export_pairs(pairs_in(run), tmp_path / "out", ExportSettings(format="proutt"))
    rows = list(rows_in(tmp_path / "out"))
    assert {(row.format, row.part) for row in rows} == {("proutt", "train")}


def test_a_folder_of_llamafactory_names_files_and_columns(written, tmp_path):
    """`dataset_info.json` says which column is what; files that are elsewhere are passed over."""
    written([{"q": "P", "better": "A+", "worse": "A-"}], "mine/pref.json")
    info = {
        "mine": {
            "file_name": "pref.json",
            "ranking": True,
            "columns": {"prompt": "q", "chosen": "better", "rejected": "worse"},
        },
        "theirs": {"hf_hub_url": "a/b"},
    }
    (tmp_path / "mine" / "dataset_info.json").write_text(json.dumps(info))
    [row] = rows_in(tmp_path / "mine")
    assert (row.format, row.pair.prompt, row.pair.chosen, row.pair.rejected) == ("alpaca-preference", "P", "A+", "A-")


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd"])
def test_a_folder_names_no_files_outside_itself(written, tmp_path, name):
    """Whoever made it does not choose what is read here."""
    written([ROW], "secret.json")
    written([], "mine/other.json")
    (tmp_path / "mine" / "dataset_info.json").write_text(json.dumps({"x": {"file_name": name}}))
    with pytest.raises(UserError, match="names no file that is here"):
        list(rows_in(tmp_path / "mine"))


def test_a_folder_of_parts_is_read_whole(written, tmp_path):
    """As data sets lie on disk: a file a part, or several."""
    for name in ("data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl", "data/test.jsonl"):
        written([ROW], name)
    assert [row.part for row in rows_in(tmp_path / "data")] == ["test", "train", "train"]


@pytest.mark.parametrize(
    ("stem", "part"),
    [
        ("train", "train"),
        ("train-00000-of-00002", "train"),
        ("LMSYS_test", "test"),
        ("pref.val", "validation"),
        ("dev", "validation"),
        ("LMSYS_pref", None),
        ("restrained", None),
        ("tests", None),
    ],
)
def test_a_files_name_may_tell_its_part(stem, part):
    """A whole word of it, never a piece of one."""
    assert part_of(stem) == part


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no such file"), ("", "holds no file")])
def test_a_path_without_data_is_an_error(tmp_path, name, message):
    """What was named, and what could be."""
    with pytest.raises(UserError, match=message):
        list(rows_in(tmp_path / name))
