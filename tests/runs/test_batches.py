"""Batches of a run: what is on its way outlives the process, and what is written is what a live run writes."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from proutt.dialogue import Dialogue, read_dialogues
from proutt.errors import UserError
from proutt.llm import ChatModel, Reply, Usage
from proutt.llm.batch import CAPACITY, BatchModel
from proutt.llm.batch_api import BatchApi
from proutt.llm.batch_files import FilesBackend
from proutt.llm.batch_job import Postponed
from proutt.llm.batch_ledger import Job
from proutt.llm.endpoint import Endpoint
from proutt.llm.pool import Pool
from proutt.methods.proutt import Settings
from proutt.prompts import Role
from proutt.runs.batches import BatchLedger
from proutt.runs.calls import Calls
from proutt.runs.journal import Journal
from proutt.runs.standing import stopping
from proutt.runs.stream import Stream
from proutt.runs.synthesis import Synthesis
from runs.command import several, written
from servers.batch_api import KEY, BatchServer, Killed, Mortal
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer

OK = Reply("ok", "stop", Usage(1, 1), 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer(proutt_answer) as running:
        running.course = ("completed",)
        yield running


def states(journal: Journal) -> dict[str, str]:
    return dict(journal.rows("SELECT name, state FROM batches ORDER BY number"))


def done(journal: Journal, *keys: str) -> None:
    for key in keys:
        journal.add_reply(key, OK, step="paths", role="reasoner", model="m")


# The ledger.


def test_each_step_of_a_job_is_written_down(journal, path):
    """A process that opens the journal after any step finds the job as that step left it."""
    ledger = BatchLedger(journal)
    steps = [
        (lambda: ledger.begin("j", "m", ["a", "b"]), Job("j", ("a", "b"))),
        (lambda: ledger.uploaded("j", "file-1"), Job("j", ("a", "b"), "file-1")),
        (lambda: ledger.sent("j", "batch-1"), Job("j", ("a", "b"), "file-1", "batch-1")),
        (lambda: ledger.answered("j", ["b"]), Job("j", ("b",), "file-1", "batch-1")),
    ]
    for step, job in steps:
        step()
        other = Journal(path)
        assert BatchLedger(other).open_jobs("m") == [job]
        other.close()


def test_a_job_is_done_when_the_journal_has_its_answers(journal):
    """Until then it is open with what is missing; afterwards it is a row that says how much it was."""
    ledger = BatchLedger(journal)
    ledger.begin("j", "m", ["a", "b", "c"])
    ledger.uploaded("j", "file-1")
    ledger.sent("j", "batch-1")
    ledger.answered("j", ["a", "b"])
    done(journal, "a")
    assert ledger.open_jobs("m") == [Job("j", ("b",), "file-1", "batch-1")]
    done(journal, "b")
    ledger.settle()
    assert ledger.open_jobs("m") == []
    assert journal.rows("SELECT state, requests, keys FROM batches") == [("done", 3, "[]")]


def test_jobs_are_found_by_model_and_in_order(journal):
    """Each model of a run has its own jobs, the oldest first."""
    ledger = BatchLedger(journal)
    for name, model in (("z", "m"), ("y", "other"), ("x", "m")):
        ledger.begin(name, model, [name])
    assert [job.name for job in ledger.open_jobs("m")] == ["z", "x"]


def test_what_never_came_to_be_is_forgotten(journal):
    """Nothing is left of it."""
    ledger = BatchLedger(journal)
    ledger.begin("j", "m", ["a"])
    ledger.forget("j")
    assert states(journal) == {}


def test_looking_changes_nothing(journal):
    """A run that has nothing to do changes no row."""
    ledger = BatchLedger(journal)
    ledger.begin("j", "m", ["a"])
    before = journal.changes
    BatchLedger(journal).settle()
    assert ledger.open_jobs("m") == [Job("j", ("a",))]
    assert journal.changes == before


def test_a_journal_that_cannot_be_written_is_the_users_to_mend(journal, path):
    """A job that can't be noted is not sent."""
    ledger = BatchLedger(journal)
    other = sqlite3.connect(path)
    other.execute("DROP TABLE batches")
    other.close()
    with pytest.raises(UserError, match="can't be used"):
        ledger.begin("j", "m", ["a"])


# A run.


async def instant(seconds: float) -> None:
    """No time passes."""
    for _ in range(5):
        await asyncio.sleep(0)


def batch_model(endpoint: Endpoint, journal: Journal) -> BatchModel:
    api = BatchApi(endpoint, BatchLedger(journal), sleep=instant)
    return BatchModel(endpoint, api, live=Pool([endpoint], sleep=instant), least=2, sleep=instant)


async def pairs(model: ChatModel, journal: Journal, dialogues: list[Dialogue]) -> list[str]:
    """The records of a whole run, as they are written. Raises Postponed where answers come in a later session."""
    calls = Calls(dict.fromkeys(Role, model), journal, CAPACITY, 7)
    try:
        complete = await Synthesis(Stream(calls, window=1000), Settings()).run(dialogues)
        if not complete:
            raise Postponed
    finally:
        await model.close()
    return [item.record for item, _ in journal.items("paired")]


@pytest.fixture
def dialogues(tmp_path: Path) -> list[Dialogue]:
    return list(read_dialogues([str(written(tmp_path / "chats.jsonl", several()))]))


@pytest.fixture
async def live_pairs(server: BatchServer, tmp_path: Path, dialogues: list[Dialogue]) -> list[str]:
    """What the same run writes without batches."""
    journal = Journal(tmp_path / "live.sqlite")
    records = await pairs(Endpoint(server.url, "test-model", api_key=KEY), journal, dialogues)
    journal.close()
    server.requests.clear()
    return records


async def test_a_run_in_batches_writes_what_a_live_one_writes(server, journal, dialogues, live_pairs):
    """Stage by stage the calls collect into a few batches, and the pairs are the same to the byte."""
    assert await pairs(batch_model(Endpoint(server.url, "test-model", api_key=KEY), journal), journal, dialogues) == (
        live_pairs
    )
    assert len(live_pairs) > 5
    assert len(server.lines) > 3 * len(server.batches)
    assert len(server.lines) > 4 * len(server.requests)
    assert set(states(journal).values()) == {"done"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_run_that_is_killed_again_and_again_pays_each_call_once(
    server, path, dialogues, live_pairs, tmp_path, after
):
    """Killed at the nth call of the Batch API, n = 1, 2, ..., each time later: same pairs, nothing in two batches."""
    records = None
    for at in range(1, 100):
        journal = Journal(path)
        endpoint = Mortal(server.url, at=at, after=after)
        try:
            records = await pairs(batch_model(endpoint, journal), journal, dialogues)
        except Killed:
            continue
        finally:
            journal.close()
        break
    assert records == live_pairs
    assert at > 5
    counted = Counter(line["custom_id"] for line in server.lines)
    assert set(counted.values()) == {1}


async def test_a_stop_says_what_waits_for_a_batch(server, journal, dialogues):
    """It is not in flight: nobody waits for it, and nothing of it is lost."""
    server.course = ("in_progress",)

    asked_once = threading.Event()

    def fault(call: str) -> None:
        if call == "GET batches/ID" and not asked_once.is_set():
            asked_once.set()
            signal.raise_signal(signal.SIGINT)

    server.fault = fault
    model = batch_model(Endpoint(server.url, "test-model", api_key=KEY), journal)
    calls, said = Calls(dict.fromkeys(Role, model), journal, CAPACITY, 7), []

    def told() -> None:
        said.append((len(server.lines), stopping(calls, model.waiting)))

    work = Synthesis(Stream(calls, window=1000, on_stop=told), Settings())
    assert not await work.run(dialogues)
    await model.close()
    ((sent, text),) = said
    found = re.fullmatch(
        r"Stopping(?: once the \d+ calls in flight are answered)?; (\d+) calls that wait for a batch are left to a "
        r"later session\. Ctrl-C again stops at once\.",
        text,
    )
    assert found, text
    assert int(found[1]) >= sent > 1


def answer_files(folder: Path) -> None:
    """What an offline runner does: answer every file that has no answers yet, in another order."""
    for asked in folder.glob("[0-9][0-9][0-9][0-9].jsonl"):
        answered = asked.with_suffix(".out.jsonl")
        if not answered.exists():
            lines = [json.loads(line) for line in asked.read_text(encoding="utf-8").splitlines()]
            done = [
                {
                    "custom_id": line["custom_id"],
                    "response": {"status_code": 200, "body": json.loads(Answer(proutt_answer(line["body"])).body())},
                    "error": None,
                }
                for line in reversed(lines)
            ]
            text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in done)
            answered.write_text(text, encoding="utf-8")


async def test_a_run_over_files_writes_what_a_live_one_writes(server, journal, dialogues, live_pairs, tmp_path):
    """Without any server, session after session reads one stage's answers and leaves the next stage's file."""
    records = None
    ledger = BatchLedger(journal)
    for _ in range(30):  # stages, and turns that are at different ones
        endpoint = Endpoint(server.url, "test-model")
        files = FilesBackend(tmp_path / "batch", "test-model", safe=ledger.safe)
        model = BatchModel(endpoint, files, live=None, sleep=instant)
        try:
            records = await pairs(model, journal, dialogues)
        except Postponed:
            answer_files(tmp_path / "batch")
            continue
        break
    assert records == live_pairs
    assert server.requests == []


async def test_the_key_is_in_no_file_of_a_run(server, path, dialogues):
    """Neither in the journal nor in what is sent but for the header."""
    journal = Journal(path)
    await pairs(batch_model(Endpoint(server.url, "test-model", api_key=KEY), journal), journal, dialogues)
    journal.close()
    for file in path.parent.iterdir():
        assert KEY.encode() not in file.read_bytes(), file.name
    assert not any(KEY.encode() in content for content in server.files.values())
