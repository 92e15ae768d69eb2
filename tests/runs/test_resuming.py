"""The promises of a run (design, "Runs"), with the real command in a process of its own."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading

import pytest

from runs.command import Interruption, at, english, lines, paid_twice, several, started, written
from runs.here import proutt
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, ScriptedServer


@pytest.fixture
def chats(tmp_path):
    return written(tmp_path / "chats.jsonl", several())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The pairs.jsonl of a run that nobody disturbs, for a server at another port: see `comparable`."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with ScriptedServer(proutt_answer) as server:
        done = proutt("synthesize", written(folder / "chats.jsonl", several()), "--out", folder / "run", *at(server))
        assert done.returncode == 0, done.stderr
        return comparable(folder, server)


def comparable(folder, server) -> bytes:
    """The bytes of pairs.jsonl, with the folder of the input and the port of the server taken out."""
    pairs = (folder / "run" / "pairs.jsonl").read_bytes()
    return pairs.replace(str(folder).encode(), b"FOLDER").replace(server.url.encode(), b"URL")


@pytest.mark.parametrize("concurrency", [1, 4, 32])
def test_the_same_bytes_at_any_concurrency(server, chats, tmp_path, undisturbed, concurrency):
    """Whatever order the answers come in, pairs.jsonl is the same."""
    done = proutt("synthesize", chats, "--out", tmp_path / "run", *at(server), "--concurrency", concurrency)
    assert done.returncode == 0, done.stderr
    assert comparable(tmp_path, server) == undisturbed
    assert paid_twice(server) == 0


@pytest.mark.parametrize("call", [40, 100])
def test_killed_and_resumed_as_if_nothing_had_been(server, chats, tmp_path, undisturbed, call):
    """After SIGKILL in the middle the same command makes the same bytes, and pays at most the calls in flight again."""
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server), "--concurrency", "4")
    server.answer = interruption = Interruption(call, signal.SIGKILL)
    process = started(*order)
    interruption.process.set_result(process)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    server.answer = proutt_answer
    resumed = proutt(*order)
    assert resumed.returncode == 0, resumed.stderr
    assert "Going on with" in resumed.stderr
    assert comparable(tmp_path, server) == undisturbed
    assert paid_twice(server) <= 4


def test_a_finished_run_is_left_as_it_is(server, chats, tmp_path):
    """Run again, it makes no call and changes no byte of pairs.jsonl and failures.jsonl."""
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server))
    assert proutt(*order).returncode == 0
    calls = len(server.requests)
    files = [tmp_path / "run" / name for name in ("pairs.jsonl", "failures.jsonl")]
    before = [file.read_bytes() for file in files]
    again = proutt(*order, "--concurrency", "3")  # what changes no answer may change
    assert again.returncode == 0, again.stderr
    assert len(server.requests) == calls
    assert [file.read_bytes() for file in files] == before


def test_one_interrupt_lets_calls_in_flight_finish(server, chats, tmp_path, undisturbed):
    """After one Ctrl-C every call that was sent is in the journal, the files are there, and the run can go on."""
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server), "--concurrency", "4")
    released = threading.Event()  # the four calls 57 to 60 are in flight when the signal comes
    server.answer = interruption = Interruption(60, signal.SIGINT, hold=released, hold_from=57)
    process = started(*order)
    interruption.process.set_result(process)
    assert any("Ctrl-C again stops at once" in line for line in process.stderr)
    released.set()
    out, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "Stopped. Run the same command to go on; nothing finished is lost." in out
    assert "not yet done" in out
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["complete"] is False
    assert summary["calls"]["calls"] == len(server.requests)
    assert len(lines(tmp_path / "run" / "pairs.jsonl")) == summary["turns"]["paired"]
    server.answer = proutt_answer
    assert proutt(*order).returncode == 0
    assert comparable(tmp_path, server) == undisturbed
    assert paid_twice(server) == 0


def test_a_second_interrupt_stops_at_once(server, chats, tmp_path):
    """It does not wait for answers, and shows no traceback."""
    never = threading.Event()
    server.answer = interruption = Interruption(10, signal.SIGINT, hold=never, hold_from=7)
    process = started("synthesize", chats, "--out", tmp_path / "run", *at(server), "--concurrency", "4")
    interruption.process.set_result(process)
    assert any("Ctrl-C again stops at once" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    never.set()
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_directory_belongs_to_one_process(server, chats, tmp_path):
    """A second one is refused while the first lives; the lock of a killed process is no obstacle."""
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server))
    asked, never = threading.Event(), threading.Event()

    def silent(_):
        asked.set()
        return Answer(wait_for=never)

    server.answer = silent
    first = started(*order)
    assert asked.wait(60)
    second = proutt(*order)
    assert second.returncode == 2
    assert "another proutt is working in this directory. Wait for it, or give another --out." in second.stderr
    first.kill()
    first.communicate()
    never.set()
    server.answer = proutt_answer
    assert proutt(*order).returncode == 0


@pytest.fixture
def finished(server, tmp_path):
    """A small finished run: the command's arguments."""
    chats = written(tmp_path / "chats.jsonl", [english("a", 3), english("b", 3)])
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server), "--language", "en")
    assert proutt(*order).returncode == 0
    return order


def test_other_settings_are_refused_by_name(server, finished):
    """The message says what differs, and nothing is called."""
    calls = len(server.requests)
    refused = proutt(*finished, "--tau-high", "0.9", "--q", "1")
    assert refused.returncode == 2
    assert "q: 2 → 1; tau_high: 0.8 → 0.9" in refused.stderr
    assert "another --out" in refused.stderr
    assert len(server.requests) == calls


@pytest.mark.parametrize(
    ("dialogues", "said"),
    [
        ([english("a", 4), english("b", 3)], "dialogue 1 of the input is not the one that this run has seen"),
        ([english("a", 3)], "the input has 1 dialogues now; this run has seen 2"),
    ],
)
def test_another_input_is_refused(finished, dialogues, said):
    """A dialogue that changed, or is there no more, is not mixed with the old ones."""
    written(finished[1], dialogues)
    refused = proutt(*finished)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_input_may_grow_at_its_end(finished, tmp_path):
    """Dialogues that were appended are done, the earlier ones stay."""
    before = (tmp_path / "run" / "pairs.jsonl").read_bytes()
    written(finished[1], [english("a", 3), english("b", 3), english("c", 6)])
    assert proutt(*finished).returncode == 0
    after = (tmp_path / "run" / "pairs.jsonl").read_bytes()
    assert after.startswith(before)
    assert len(after) > len(before)


def test_a_newer_journal_is_refused_untouched(finished, tmp_path):
    """A later proutt's run is not spoilt by an earlier one."""
    journal = tmp_path / "run" / "journal.sqlite"
    with sqlite3.connect(journal) as database:
        database.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
        database.execute("DROP TABLE items")
    refused = proutt(*finished)
    assert refused.returncode == 2
    assert "the journal is of version 99" in refused.stderr
    with sqlite3.connect(journal) as database:
        assert not database.execute("SELECT name FROM sqlite_master WHERE name = 'items'").fetchall()


@pytest.mark.parametrize("where", ["beginning", "middle"])
def test_a_damaged_journal_is_one_clear_error(finished, tmp_path, where):
    """It names the file and how to recover it, wherever the damage is."""
    journal = tmp_path / "run" / "journal.sqlite"
    whole = journal.read_bytes()
    kept = 0 if where == "beginning" else 4096
    journal.write_bytes(whole[:kept] + b"\xee" * (len(whole) - kept))
    refused = proutt(*finished)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert f"{journal}: the journal can't be used" in refused.stderr
    assert "recover" in refused.stderr
