"""Runs, audits and exports over URLs: the same as over files, and no secret of a URL is kept or said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runs.command import at, english, lines, written
from runs.here import proutt
from servers.objects import Objects, serving
from servers.scripted import ScriptedServer

pytest.importorskip("fsspec")
KEY = "canary5b1c0ffee"


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    return written(tmp_path / "chats.jsonl", [english(f"d{number}", 5) for number in range(2)])


@pytest.fixture
def web(chats: Path) -> Iterator[Objects]:
    """A web server with the dialogues, for whoever has the key."""
    with serving(Objects({"/chats.jsonl": chats.read_bytes()}, key=KEY)) as server:
        yield server


def pairs(run: Path) -> list[dict[str, object]]:
    """Pairs without what names the file that they are from."""
    return [{key: value for key, value in row.items() if key != "source"} for row in lines(run / "pairs.jsonl")]


def test_a_run_over_a_url_is_that_over_the_file(
    chats: Path, web: Objects, server: ScriptedServer, tmp_path: Path
) -> None:
    """By several workers too; it goes on with another signature, and no file of it holds one."""
    assert proutt("synthesize", chats, *at(server), "--out", tmp_path / "file").returncode == 0
    out = tmp_path / "url"
    url = f"{web.url}/chats.jsonl?token="
    order = ("synthesize", url + KEY, *at(server), "--out", out, "--engine", "processes", "--workers", "2")
    done = proutt(*order)
    assert (done.returncode, KEY in done.stdout + done.stderr) == (0, False)
    assert pairs(out)
    assert pairs(out) == pairs(tmp_path / "file")
    assert f"- {url}…\n" in (out / "run.yaml").read_text("utf-8")
    assert [path for path in out.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []
    web.key = "another"
    again = proutt("synthesize", f"{url}another", *at(server), "--out", out)
    assert again.returncode == 0
    assert f"Going on with {out}" in again.stderr


def test_what_is_refused_is_an_error_with_a_remedy(web: Objects, server: ScriptedServer, tmp_path: Path) -> None:
    """One line, exit code 2, and no key in it."""
    for name, says in (("chats.jsonl?token=stale", "permission"), (f"none.jsonl?token={KEY}", "no such object")):
        done = proutt("synthesize", f"{web.url}/{name}", *at(server), "--out", tmp_path / "run")
        assert (done.returncode, says in done.stderr) == (2, True)
        assert not {"stale", KEY} & set(done.stderr.replace("=", " ").split())
    assert not (tmp_path / "run" / "pairs.jsonl").exists()


def test_rows_of_a_url_are_audited_and_exported(
    chats: Path, web: Objects, server: ScriptedServer, tmp_path: Path
) -> None:
    """Pairs that lie behind a URL are read as those of a file."""
    run, url = tmp_path / "run", f"{web.url}/pairs.jsonl?token={KEY}"
    assert proutt("synthesize", chats, *at(server), "--out", run).returncode == 0
    web.held = {"/pairs.jsonl": (run / "pairs.jsonl").read_bytes()}
    audited = proutt("audit", url, "--json", "--only", "near-duplicates")
    assert audited.returncode == 0
    assert KEY not in audited.stdout + audited.stderr
    counted = proutt("stats", url, "--json")
    assert (counted.returncode, KEY in counted.stdout) == (0, False)
    for verb in ("show", "report"):  # for what is on this machine
        refused = proutt(verb, url)
        assert (refused.returncode, KEY in refused.stdout + refused.stderr) == (2, False)
    exported = proutt("export", url, "--to", "trl-sft", "--out", tmp_path / "rows")
    assert (exported.returncode, KEY in exported.stdout) == (0, False)
    assert proutt("export", run, "--to", "trl-sft", "--out", tmp_path / "own").returncode == 0
    assert lines(tmp_path / "rows" / "train.jsonl") == lines(tmp_path / "own" / "train.jsonl")
    assert KEY.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "rows").iterdir())
    assert proutt("export", url, "--to", "trl-sft").returncode == 2


def test_an_export_goes_out_in_parts_and_is_read_from_there(
    chats: Path, server: ScriptedServer, tmp_path: Path
) -> None:
    """Behind a URL as in a folder; what does not go together is refused before anything is written."""
    run, parts = tmp_path / "run", f"file://{tmp_path}/parts"
    assert proutt("synthesize", chats, *at(server), "--out", run).returncode == 0
    order = ("export", run, "--to", "trl-preference", "--include-unverified", "--out", tmp_path / "rows")
    for said, sent in ((f"Put 4 files and their manifest into {parts}", 4), ("(4 were there already)", 4)):
        done = proutt(*order, "--parquet", "--parts-to", parts, "--part-rows", len(pairs(run)) - 1)
        assert (done.returncode, said in done.stdout) == (0, True)
        assert len(list((tmp_path / "parts").iterdir())) == sent + 1
    again = proutt("export", parts, "--to", "trl-preference", "--out", tmp_path / "again")
    assert again.returncode == 0
    assert lines(tmp_path / "again" / "train.jsonl") == lines(tmp_path / "rows" / "train.jsonl")
    assert proutt(*order, "--part-rows", "5").returncode == 2
    assert proutt(*order, "--to", "trl-sft", "--parts-to", parts).returncode == 2
