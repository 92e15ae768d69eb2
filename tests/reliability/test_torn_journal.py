"""A journal that was torn or rotted: what was committed is kept, or there is an error. Never a fresh start."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from reliability.journals import all_rows, committed, copied, cut_points, last_record, silent_changes
from reliability.promises import Scene, outcome, unclear

JOURNAL = "journal.sqlite"
WAL = "journal.sqlite-wal"


@pytest.fixture(scope="module")
def killed(tiny_scene: Scene, tmp_path_factory):
    """The directory of a run that was killed in its middle: all of its rows are in the write-ahead log."""
    trial_folder = tmp_path_factory.mktemp("killed") / "run"
    tiny_scene.kill_only(tiny_scene.calls - 1)
    shutil.copytree(tiny_scene.run_directory, trial_folder)
    return trial_folder


def test_a_torn_tail_costs_its_transaction_alone(killed, tmp_path):
    """The log cut at every byte of its last transaction: all rows before it are there, and of it all or nothing.

    One transaction holds the calls that ended together: how many, that is the machine's.
    """
    whole = committed(killed, tmp_path)
    points = cut_points(killed / WAL)
    assert len(whole) >= 5
    assert len(points) >= 4096
    before = rows_at(killed, tmp_path, points[0])
    assert before < whole
    for size in points[::61]:
        assert rows_at(killed, tmp_path, size) in (before, whole)


def rows_at(killed: Path, folder: Path, size: int) -> set[str]:
    """The journal's rows with its log cut to a size."""
    rows = all_rows(copied(killed, folder, WAL, lambda log: log[:size]))
    assert rows is not None
    return {repr(row) for row in rows}


@pytest.mark.parametrize("left", [0.0, 0.3, 0.7, 0.9999])
def test_a_torn_run_is_resumed(scene, killed, left):
    """Whatever is left of the log, the same command makes the same bytes; where nothing is, it is an error."""
    shutil.copytree(killed, scene.run_directory)
    log = scene.run_directory / WAL
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * left)])
    done = scene.run()
    if done.code == 2:  # the configuration itself was in what was lost
        assert not unclear(done)
        assert scene.endpoint.calls == 0
    else:
        assert left
        assert not scene.unlike_undisturbed(done)


@pytest.mark.parametrize("where", ["the log", "the journal"])
def test_a_flipped_bit_never_passes_unseen(finished, killed, tmp_path, where):
    """Bits flipped anywhere: the rows are as they were, or fewer, or there is an error; no other text comes back."""
    folder, name = (killed, WAL) if where == "the log" else (finished, JOURNAL)
    rng = random.Random(1)
    size = (folder / name).stat().st_size
    flips = [(rng.randrange(size), 1 << rng.randrange(8)) for _ in range(150)]
    assert not silent_changes(folder, name, flips, tmp_path)


def test_a_cut_journal_is_an_error(tiny_scene, finished, tmp_path):
    """Cut at every byte of its last record, a finished journal is refused with a remedy; nothing is called."""
    whole, rows = (finished / JOURNAL).read_bytes(), all_rows(finished)
    begin, end = last_record(finished)
    for size in range(begin, end, 7):
        found = all_rows(copied(finished, tmp_path, JOURNAL, lambda _, size=size: whole[:size]))
        assert found in (None, rows)
    (finished / JOURNAL).write_bytes(whole[: (begin + end) // 2])
    done = tiny_scene.run()
    assert not unclear(done)
    assert "the journal" in done.err
    assert tiny_scene.endpoint.calls == 0


@pytest.mark.parametrize("how", ["empty", "gone"])
def test_a_lost_journal_is_no_fresh_start(tiny_scene, finished, how):
    """Where a run was begun and its journal is empty or gone, that is an error: a fresh start would pay all again."""
    if how == "empty":
        (finished / JOURNAL).write_bytes(b"")
    else:
        (finished / JOURNAL).unlink()
    pairs = (finished / "pairs.jsonl").read_bytes()
    done = tiny_scene.run()
    assert not unclear(done)
    assert tiny_scene.endpoint.calls == 0
    assert (finished / "pairs.jsonl").read_bytes() == pairs


def test_a_journal_of_a_newer_version_is_refused(tiny_scene, finished):
    """It is named, left as it is, and nothing is called."""
    with sqlite3.connect(finished / JOURNAL) as database:
        database.execute("UPDATE meta SET value = '1000' WHERE name = 'version'")
    database.close()
    before = outcome(finished, 2)
    done = tiny_scene.run()
    assert not unclear(done)
    assert "of version 1000" in done.err
    assert not outcome(finished, done.code).differences(before)
    assert tiny_scene.endpoint.calls == 0
