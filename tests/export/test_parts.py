"""An export in parts: all rows and no other, the manifest last, and nothing that is there sent again."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from proutt.errors import UserError
from proutt.export import ExportSettings, export_pairs
from proutt.export.parts import put_in_parts
from proutt.export.reading import pairs_in
from proutt.export.store import store_of
from proutt.methods.record import ContextRecord, TurnRecord
from records import a_pair

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(params=["folder", "url"])
def place(request, tmp_path):
    """Where parts go, as the user names it: a folder of this machine, or a URL."""
    return str(tmp_path / "parts") if request.param == "folder" else f"file://{tmp_path}/parts"


def exported(tmp_path, number=7, **options):
    """An export of so many pairs: its folder and its manifest."""
    settings = ExportSettings("trl-preference", **options)
    turns = [[TurnRecord(user=f"This is what number {each} asks.", assistant="I see.")] for each in range(number)]
    pairs = [a_pair(dialogue_id=f"d{at}", context=ContextRecord(turns=each)) for at, each in enumerate(turns)]
    return tmp_path / "whole", export_pairs(pairs, tmp_path / "whole", settings)


@pytest.mark.parametrize("parquet", [False, True])
def test_parts_hold_the_rows_in_their_order(tmp_path, place, parquet):
    """Read back from where they are, they are the export; hashes and counts are those of the files."""
    folder, manifest = exported(tmp_path, parquet=parquet)
    put = put_in_parts(folder, manifest, place, rows=3)
    files = put.manifest["files"]
    assert [entry["rows"] for name, entry in files.items() if ".meta." not in name] == [3, 3, 1]
    assert {name.split(".", 1)[1] for name in files} == {"parquet" if parquet else "jsonl", "meta.jsonl"}
    for name, entry in files.items():
        assert sha256((tmp_path / "parts" / name).read_bytes()).hexdigest() == entry["sha256"]
    assert [(each.messages, each.chosen) for each in pairs_in(place)] == [
        (each.messages, each.chosen) for each in pairs_in(folder)
    ]
    assert [each.dialogue_id for each in pairs_in(tmp_path / "parts")] == [f"d{each}" for each in range(7)]


def test_what_is_there_is_not_sent_again(tmp_path, place):
    """After a kill the finished parts stay; of an earlier export only what the new one has not is removed."""
    folder, manifest = exported(tmp_path)
    first = put_in_parts(folder, manifest, place, rows=3)
    assert (first.sent, first.kept) == (6, 0)
    store_of(place).remove("manifest.json")
    (lost, *_) = [name for name in first.manifest["files"] if "00001-of" in name]
    store_of(place).remove(lost)
    again = put_in_parts(folder, manifest, place, rows=3)
    assert (again.sent, again.kept, again.manifest) == (1, 5, first.manifest)
    other = put_in_parts(folder, manifest, place, rows=7)
    assert {path.name for path in (tmp_path / "parts").iterdir()} == {*other.manifest["files"], "manifest.json"}


def test_a_kill_leaves_nothing_that_passes_for_whole(tmp_path, place, monkeypatch):
    """Parts without their manifest are no data set, and no half of a part has a part's name."""
    folder, manifest = exported(tmp_path)
    kind, names = type(store_of(place)), []

    def put(self, file, name, real=kind.put):
        names.append(name)
        if len(names) == 3:
            raise KeyboardInterrupt
        real(self, file, name)

    monkeypatch.setattr(kind, "put", put)
    with pytest.raises(KeyboardInterrupt):
        put_in_parts(folder, manifest, place, rows=3)
    assert {path.name for path in (tmp_path / "parts").iterdir()} == set(names[:2])
    with pytest.raises(UserError, match="parts of an export that is not whole"):
        list(pairs_in(place))


def test_parts_of_a_killed_export_do_not_stay(tmp_path, place):
    """Whoever names the parts by a pattern gets no row twice; files that are called otherwise stay."""
    folder, manifest = exported(tmp_path)
    (tmp_path / "parts").mkdir()
    for name in (
        "train-00000-of-00002-0123456789ab.jsonl",
        "train-00000-of-00002-0123456789ab.meta.jsonl",
        "theirs.jsonl",
    ):
        (tmp_path / "parts" / name).write_text("", "utf-8")
    put = put_in_parts(folder, manifest, place, rows=7)
    assert {each.name for each in (tmp_path / "parts").iterdir()} == {
        *put.manifest["files"],
        "manifest.json",
        "theirs.jsonl",
    }


def test_a_listed_part_that_is_gone_is_missed(tmp_path, place):
    """Fewer rows are not passed off as all."""
    folder, manifest = exported(tmp_path)
    put = put_in_parts(folder, manifest, place, rows=3)
    store_of(place).remove(next(name for name in put.manifest["files"] if ".meta." not in name))
    with pytest.raises(UserError, match="parts of an export that is not whole"):
        list(pairs_in(place))


def test_a_place_that_cannot_be_asked_is_no_empty_place(tmp_path, monkeypatch):
    """A failure is not taken for a manifest that is not there; what is said holds no secret."""
    folder, manifest = exported(tmp_path, 1)

    def refused(*_, **__):
        raise PermissionError("no")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem.info", refused)
    with pytest.raises(UserError, match="there is no permission"):
        put_in_parts(folder, manifest, "memory://parts")
    monkeypatch.undo()
    fsspec.filesystem("memory").pipe("/user:SECRET@foreign/manifest.json", b"{}")
    with pytest.raises(UserError, match=r"memory://foreign: manifest.json is there already") as error:
        put_in_parts(folder, manifest, "memory://user:SECRET@foreign")
    assert "SECRET" not in str(error.value)


def test_no_manifest_of_others_is_overwritten(tmp_path, place):
    """Nor that of an export that is not in parts."""
    folder, manifest = exported(tmp_path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "manifest.json").write_text(json.dumps({"proutt": "1", "files": {}}), "utf-8")
    with pytest.raises(UserError, match="is of no export in parts"):
        put_in_parts(folder, manifest, place)


def test_places_that_take_nothing(tmp_path):
    """A web server, and a folder that is a file."""
    folder, manifest = exported(tmp_path, 1)
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(UserError, match="a web server is not written to"):
        put_in_parts(folder, manifest, "https://user:pass@host/x")
    with pytest.raises(UserError, match="can't be written"):
        put_in_parts(folder, manifest, str(tmp_path / "file"))
