"""Calls by the batch: half the price, nothing paid twice, everything answered."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proutt.errors import ModelError, UserError
from proutt.llm import Message, Request, Sampling
from proutt.llm.batch import SETTLE_S, BatchModel
from proutt.llm.batch_api import LONGEST_POLL_S, PATIENT_TRIES, BatchApi
from proutt.llm.batch_files import FilesBackend
from proutt.llm.batch_job import FileLimits, Postponed, line_of, outcome_in
from proutt.llm.batch_ledger import Job
from proutt.llm.endpoint import Endpoint
from proutt.llm.pool import Pool
from servers.batch_api import KEY, BatchServer, Killed, Mortal
from servers.scripted import Answer, refusal

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


def question(number: int | str, schema: Any = None) -> Request:
    return Request((Message("user", f"question {number} 问"),), Sampling(max_tokens=20), schema, step="paths")


def asked_in(body: dict[str, Any]) -> str:
    return body["messages"][-1]["content"].split()[1]


def answered(body: dict[str, Any]) -> str:
    return f"answer {asked_in(body)} 答"


class Clock:
    """Time that passes only in sleep, and lets everybody else go first."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        for _ in range(5):
            await asyncio.sleep(0)


class Kept:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.states: dict[str, str] = {}

    def begin(self, name: str, model: str, keys: Any) -> None:
        self.jobs[name], self.states[name] = Job(name, tuple(keys)), "uploading"

    def uploaded(self, name: str, file_id: str) -> None:
        self._change(name, "uploaded", file_id=file_id)

    def sent(self, name: str, batch_id: str) -> None:
        self._change(name, "sent", batch_id=batch_id)

    def answered(self, name: str, keys: Any) -> None:
        self._change(name, "answered", keys=tuple(keys))

    def forget(self, name: str) -> None:
        del self.jobs[name], self.states[name]

    def open_jobs(self, model: str) -> list[Job]:
        return list(self.jobs.values())

    def settle(self) -> None:
        """Nothing is safe elsewhere."""

    def _change(self, name: str, state: str, **changes: Any) -> None:
        old = self.jobs[name]
        values = {"keys": old.keys, "file_id": old.file_id, "batch_id": old.batch_id} | changes
        self.jobs[name], self.states[name] = Job(name, **values), state


class Session:
    """One session's model at a server; `notes` is what the user is told."""

    def __init__(self, server: BatchServer, ledger: Any, *, endpoint: Endpoint | None = None, **options: Any) -> None:
        self.notes: list[str] = []
        self.clock = Clock()
        self.endpoint = endpoint or Endpoint(server.url, "test-model", api_key=KEY)
        self.live: Any = Pool([self.endpoint], sleep=self.clock.sleep, chance=lambda: 0.5)
        self.api = BatchApi(
            self.endpoint, ledger, on_note=self.notes.append, sleep=self.clock.sleep, chance=lambda: 0.5
        )
        options = {"least": 3, "sleep": self.clock.sleep} | options
        self.model = BatchModel(self.endpoint, self.api, live=self.live, **options)

    async def ask(self, *numbers: int | str, schema: Any = None) -> list[Any]:
        """The answers' texts, or what was raised."""
        calls = (self.model.reply(question(number, schema)) for number in numbers)
        replies = await asyncio.gather(*calls, return_exceptions=True)
        return [each if isinstance(each, BaseException) else each.text for each in replies]

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.model.close()


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer(answered) as running:
        yield running


def live_questions(server: BatchServer) -> list[str]:
    return [asked_in(body) for body in server.bodies]


def batched_questions(server: BatchServer) -> list[str]:
    return [asked_in(line["body"]) for line in server.lines]


def came(server: BatchServer, call: str) -> asyncio.Event:
    """Set once that call of the Batch API has come."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def look(made: str) -> None:
        if made == call:
            loop.call_soon_threadsafe(event.set)

    server.fault = look
    return event


# What is sent.


async def test_a_stage_becomes_one_batch(server):
    """What is asked at once is answered by one batch, but for the first, which finds out the wording."""
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(8)) == [f"answer {number} 答" for number in range(8)]
    assert live_questions(server) == ["0"]
    assert batched_questions(server) == ["1", "2", "3", "4", "5", "6", "7"]
    assert len(server.batches) == 1


async def test_a_line_is_the_call_that_would_have_been_made(server):
    """A line's body is that of a live call, its custom id the request's key, its address the chat completions."""
    async with Session(server, Kept()) as session:
        await session.ask(*range(5))
        keys = [question(number).key(session.model.identity) for number in range(1, 5)]
    assert [line["custom_id"] for line in server.lines] == keys
    assert {(line["method"], line["url"]) for line in server.lines} == {("POST", "/v1/chat/completions")}
    expected = json.loads(json.dumps(server.bodies[0]).replace("question 0", "question 1"))
    assert server.lines[0]["body"] == expected


async def test_custom_ids_are_unique(server):
    """A request that is asked twice at once is one line, and both who asked get its answer."""
    async with Session(server, Kept()) as session:
        texts = await session.ask(0, 1, 2, 3, 4, 1, 2)
    assert texts[5:] == ["answer 1 答", "answer 2 答"]
    counted = Counter(line["custom_id"] for line in server.lines)
    assert set(counted.values()) == {1}
    assert len(counted) == 4


async def test_the_batch_speaks_the_dialect_that_was_found(server):
    """Both kinds of call, with a schema and without, are tried live before a batch of them is worded."""

    def strict(body: dict[str, Any]) -> Answer | str:
        if body.get("response_format", {}).get("type") == "json_schema":
            return refusal("response_format json_schema is not supported")
        return answered(body)

    server.answer = strict
    async with Session(server, Kept()) as session:
        await asyncio.gather(session.ask(*range(4)), session.ask(*range(4), schema=SCHEMA))
    forms = Counter(line["body"].get("response_format", {}).get("type") for line in server.lines)
    assert forms == {None: 3, "json_object": 3}


async def test_a_first_call_that_fails_is_followed_by_another(server):
    """A batch is worded only after a live call of its kind was answered."""
    server.answer = lambda body: refusal("too odd a text", 409) if asked_in(body) == "0" else answered(body)
    async with Session(server, Kept()) as session:
        first, *others = await session.ask(*range(6))
    assert isinstance(first, ModelError)
    assert others == [f"answer {number} 答" for number in range(1, 6)]
    assert (live_questions(server), batched_questions(server)) == (["0", "1"], ["2", "3", "4", "5"])


async def test_stragglers_go_live(server):
    """Fewer requests than make a batch are asked live at once."""
    async with Session(server, Kept(), least=20) as session:
        assert len(await session.ask(*range(19))) == 19
    assert server.calls == []
    assert len(server.requests) == 19


async def test_it_waits_while_more_is_asked(server):
    """A batch goes when nothing has come for a while, with all that has come until then."""
    bursts = [range(3, 6), range(6, 9), range(9, 12)]
    late: list[asyncio.Task[Any]] = []

    async def sleep(seconds: float) -> None:
        if bursts:
            late.append(asyncio.create_task(session.ask(*bursts.pop(0))))
        await session.clock.sleep(seconds)

    async with Session(server, Kept(), sleep=sleep) as session:
        await asyncio.gather(session.ask(*range(3)))
        await asyncio.gather(*late)
    assert len(server.batches) == 1
    assert len(server.lines) == 11


@pytest.mark.parametrize("limits", [FileLimits(requests=4), FileLimits(bytes=4 * 330)])
async def test_file_limits_split(server, limits):
    """No file has more requests or bytes than the service takes, and what is left over goes live where it is little."""
    async with Session(server, Kept(), limits=limits) as session:
        await session.ask("first")
        texts = await session.ask(*range(10, 20))
    assert texts == [f"answer {number} 答" for number in range(10, 20)]
    sizes = [len(server.files[batch["input_file_id"]].splitlines()) for batch in server.batches.values()]
    assert sizes == [4, 4]
    assert sorted(live_questions(server)[1:]) == ["18", "19"]


async def test_answers_are_read_as_live_ones(server):
    """Text, end and usage are the body's; the seconds of a batch are nobody's."""
    usage = {"prompt_tokens": 40, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 32}}
    server.answer = lambda body: Answer(answered(body), finish="length", usage=usage)
    async with Session(server, Kept()) as session:
        replies = await asyncio.gather(*(session.model.reply(question(number)) for number in range(5)))
    assert {(reply.finish, reply.usage) for reply in replies} == {("length", replies[0].usage)}
    assert replies[0].usage.cached_tokens == 32
    assert [reply.seconds for reply in replies[1:]] == [0.0] * 4


async def test_keys_are_those_of_the_live_model(server):
    """Identity and context are the live model's, so that a journal's answers serve both."""
    async with Session(server, Kept()) as session:
        live = session.live
        assert (session.model.identity, session.model.context_tokens) == (live.identity, live.context_tokens)


async def test_polls_less_and_less_often(server):
    """Between two looks at a batch the wait grows, up to a minute."""
    server.course = ("in_progress",) * 12 + ("completed",)
    async with Session(server, Kept()) as session:
        await session.ask(*range(5))
        waits = [wait for wait in session.clock.waits if wait != SETTLE_S]
    assert waits[:3] == [5.0, 7.5, 11.25]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_POLL_S
    assert len(waits) == 12


# What fails.


async def test_a_line_that_failed_is_finished_live(server):
    """A request that the batch could not answer is asked once more, live; the user is told how many."""
    failed = set()

    def once(body: dict[str, Any]) -> Answer | str:
        if asked_in(body) in {"3", "5"} and asked_in(body) not in failed:
            failed.add(asked_in(body))
            return refusal("server error", 500)
        return answered(body)

    server.answer = once
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(8)) == [f"answer {number} 答" for number in range(8)]
        assert any("5 of 7 requests have an answer" in note for note in session.notes)
    assert sorted(live_questions(server)) == ["0", "3", "5"]


async def test_an_answer_that_cannot_be_read_is_finished_live(server):
    """A line of status 200 whose body is no chat completion counts as failed."""
    bad = iter([b'{"object": "nothing"}'])

    def odd(body: dict[str, Any]) -> Answer:
        raw = next(bad, None) if asked_in(body) == "3" else None
        return Answer(answered(body), raw=raw)

    server.answer = odd
    async with Session(server, Kept()) as session:
        assert (await session.ask(*range(5)))[3] == "answer 3 答"


@pytest.mark.parametrize("status", ["expired", "cancelled"])
async def test_what_a_batch_left_undone_is_finished_live(server, status):
    """A batch that expired or was cancelled keeps the answers that it has."""
    server.course = ("in_progress", "cancelling", status)
    server.undone = lambda body: int(asked_in(body)) % 2 == 0
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(7)) == [f"answer {number} 答" for number in range(7)]
        assert any(status in note for note in session.notes)
    assert sorted(live_questions(server)) == ["0", "2", "4", "6"]


async def test_a_failed_batch_goes_live_as_a_whole(server):
    """Where the service refuses a file, its requests are asked live and the user is told why."""
    server.course = ("validating", "failed")
    server.errors = {"data": [{"code": "invalid", "message": "Line 3 is\nnot liked."}]}
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(5)) == [f"answer {number} 答" for number in range(5)]
        assert any("failed (Line 3 is not liked.)" in note and "0 of 4" in note for note in session.notes)
    assert len(server.requests) == 5


async def test_results_that_are_gone_are_asked_live(server):
    """A service that no longer keeps the output has to be asked again."""
    server.fault = lambda call: refusal("gone", 404) if call.endswith("content") else None
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(5)) == [f"answer {number} 答" for number in range(5)]
    assert len(server.requests) == 5


@pytest.mark.parametrize("call", ["POST files", "POST batches", "GET batches/ID", "GET files/ID/content"])
@pytest.mark.parametrize(
    "fault",
    [
        refusal("busy", 429, Retry_After="8"),
        refusal("down", 503),
        Answer(drop=True),
        Answer(raw=b'{"id": "half', cut=True),
    ],
)
async def test_faults_that_pass_are_not_seen(server, call, fault):
    """A call of the Batch API whose failure may pass is made again after a wait; nothing is sent twice."""
    left = [fault, fault]
    server.fault = lambda made: left.pop() if made == call and left else None
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(5)) == [f"answer {number} 答" for number in range(5)]
        assert fault.status != 429 or session.clock.waits.count(8.5) == 2
    assert len(server.batches) == 1
    assert len(server.requests) == 1


async def test_a_batch_whose_making_was_not_heard_of_is_not_made_again(server):
    """Where the answer to an order is lost, the batch is looked for before another is ordered, over all pages."""
    server.page = 1
    lost = []

    def answer_is_lost(call: str) -> Answer | None:
        if call == "POST batches" and not lost:
            lost.append(call)
            for _ in range(3):  # batches of somebody else, listed before or after
                other = server._stored(b"")
                order = {"endpoint": "/v1/chat/completions", "completion_window": "24h", "metadata": None}
                server._create({"input_file_id": other, **order})
            server._create({"input_file_id": "file-1", **order, "metadata": {}})
            return Answer(drop=True)
        return None

    server.fault = answer_is_lost
    async with Session(server, Kept()) as session:
        assert await session.ask(*range(5)) == [f"answer {number} 答" for number in range(5)]
    assert server.calls.count("POST batches") == 1
    assert server.calls.count("GET batches") == 4


@pytest.mark.parametrize("status", [403, 404, 405, 501])
async def test_an_endpoint_without_a_batch_api_says_so(server, status):
    """The run stops, with the remedy; whoever waits is told."""
    server.fault = lambda call: refusal("no such thing", status)
    async with Session(server, Kept()) as session:
        _, *errors = await session.ask(*range(5))
    assert {type(error) for error in errors} == {ModelError}
    assert errors[0].fatal
    assert "no Batch API" in str(errors[0])
    assert "leave --batch out" in str(errors[0])
    assert server.calls == ["POST files"]


async def test_a_batch_that_is_not_known_stops_the_run(server):
    """It may be another account's: to ask all of it again would be to pay again, so the user decides."""
    ledger = Kept()
    server.fault = lambda call: refusal("no such batch", 404) if call == "GET batches/ID" else None
    async with Session(server, ledger) as session:
        error = (await session.ask(*range(5)))[1]
    assert error.fatal
    assert "another key" in str(error)
    assert len(server.requests) == 1


async def test_a_long_outage_ends_the_session_and_loses_nothing(server):
    """After many tries the session stops; the next one waits for the same batch."""
    ledger = Kept()
    server.fault = lambda call: refusal("down", 503) if call == "GET batches/ID" else None
    async with Session(server, ledger) as session:
        error = (await session.ask(*range(5)))[1]
    assert error.fatal
    assert server.calls.count("GET batches/ID") == PATIENT_TRIES
    server.fault = lambda call: None
    async with Session(server, ledger) as again:
        assert await again.ask(*range(1, 5)) == [f"answer {number} 答" for number in range(1, 5)]
        assert again.notes == ["Waiting again for batch batch-1 (4 requests)."]
    assert len(server.requests) == 1


# A session that ends early.


class MortalLedger:
    """Dies at its nth change, before the change or after it."""

    def __init__(self, ledger: Kept, *, at: int, after: bool) -> None:
        self.ledger, self.left, self.after = ledger, at, after

    def __getattr__(self, name: str) -> Any:
        change = getattr(self.ledger, name)
        if name in {"open_jobs", "settle"}:
            return change

        def mortal(*values: Any) -> None:
            self.left -= 1
            if self.left <= 0 and not self.after:
                raise Killed
            change(*values)
            if self.left <= 0:
                raise Killed

        return mortal


async def _survived(server: BatchServer, ledger: Kept) -> bool:
    """A later session answers all; whether each request was paid once, live or in a batch."""
    async with Session(server, ledger) as session:
        assert await session.ask(*range(1, 7)) == [f"answer {number} 答" for number in range(1, 7)]
    paid = Counter(batched_questions(server) + live_questions(server))
    return all(paid[str(number)] == 1 for number in range(1, 7))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 8))
async def test_killed_at_any_call_nothing_is_paid_twice(server, at, after):
    """Whichever call of the Batch API the process dies at, before or after it, the next session gets every answer."""
    ledger = Kept()
    async with Session(server, ledger, endpoint=Mortal(server.url, at=at, after=after)) as session:
        await session.ask("first")  # live
        first = await session.ask(*range(1, 7))
    assert {type(each) for each in first} == {Killed}
    assert await _survived(server, ledger)
    assert len(server.batches) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
async def test_killed_at_any_change_of_the_ledger_nothing_is_paid_twice(server, at, after):
    """Whichever change of the ledger the process dies at, before or after it, the next session gets every answer."""
    ledger = Kept()
    async with Session(server, MortalLedger(ledger, at=at, after=after)) as session:
        await session.ask("first")
        assert {type(each) for each in await session.ask(*range(1, 7))} == {Killed}
    assert await _survived(server, ledger)
    assert len(server.batches) == 1


async def test_a_job_without_a_file_is_forgotten(server):
    """Nothing was paid for it: its requests are asked as if they never had been."""
    ledger = Kept()
    ledger.begin("job", "test-model", [question(1).key("test-model")])
    async with Session(server, ledger):
        assert ledger.jobs == {}


async def test_results_wait_for_whoever_asks(server):
    """One who asks for one answer of an old job gets it; the others are there for those who come later."""
    ledger = Kept()
    async with Session(server, ledger, endpoint=Mortal(server.url, at=3, after=False)) as session:
        await session.ask(*range(5))
    async with Session(server, ledger) as again:
        assert await again.ask(3) == ["answer 3 答"]
        calls = len(server.calls)
        assert await again.ask(1, 4) == ["answer 1 答", "answer 4 答"]
        assert len(server.calls) == calls
    assert len(server.requests) == 1


async def test_one_who_no_longer_waits_does_not_keep_a_line(server):
    """A request leaves the queue with the last who waits for it; what was sent is kept for whoever asks again."""
    async with Session(server, Kept()) as session:
        await session.ask("first")
        sent = came(server, "GET batches/ID")
        calls = [asyncio.create_task(session.model.reply(question(number))) for number in range(6)]
        await asyncio.sleep(0)
        calls[0].cancel()
        await sent.wait()
        calls[1].cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert await session.ask(1) == ["answer 1 答"]
    assert batched_questions(server) == ["1", "2", "3", "4", "5"]


async def test_one_who_no_longer_waits_is_not_asked_live(server):
    """A live call is given up with the one who wanted it."""
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def endless(request: Request) -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.set()
            raise

    async with Session(server, Kept()) as session:
        session.live.reply = endless
        call = asyncio.create_task(session.model.reply(question(1)))
        await begun.wait()
        call.cancel()
        await given_up.wait()
        await asyncio.gather(call, return_exceptions=True)


async def test_detaching_lets_the_batch_go_on(server):
    """A run that is stopped waits for no batch: who waits hears that the answer comes later, and it does."""
    ledger = Kept()
    server.course = ("in_progress",) * 10_000
    async with Session(server, ledger) as session:
        await session.ask("first")
        asked_for = came(server, "GET batches/ID")
        calls = [asyncio.create_task(session.model.reply(question(number))) for number in range(5)]
        await asked_for.wait()
        assert session.model.postponed is None
        session.model.detach()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in results} == {Postponed}
        assert "the same command" in session.model.postponed
        with pytest.raises(Postponed):
            await session.model.reply(question("late"))
    server.course = ("completed",)
    async with Session(server, ledger) as again:
        assert await again.ask(*range(5)) == [f"answer {number} 答" for number in range(5)]
    assert len(server.batches) == 1
    assert len(server.requests) == 1


async def test_the_key_is_in_a_header_only(server):
    """Whatever the service echoes, the account's key is in no line, no note, no ledger and no error."""
    ledger = Kept()
    server.course = ("failed",)
    server.errors = {"data": [{"message": f"Bearer {KEY} is not liked"}]}
    async with Session(server, ledger) as session:
        await session.ask(*range(5))
        server.fault = lambda call: refusal(f"Bearer {KEY} may not", 403)
        texts = await session.ask(*range(10, 15))
        seen = [*session.notes, repr(ledger.jobs), *map(str, texts), *map(repr, texts), repr(session.model.postponed)]
    assert all(headers["Authorization"] == f"Bearer {KEY}" for headers in server.headers)
    assert not any(KEY in text for text in seen)
    assert not any(KEY.encode() in content for content in server.files.values())


# Files.


class Runner:
    """An offline session: files in a folder, no server."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        endpoint = Endpoint("http://127.0.0.1:9/v1", "test-model", api_key=KEY)
        self.backend = FilesBackend(folder, "test-model", **options)
        self.model = BatchModel(endpoint, self.backend, live=None, sleep=Clock().sleep)

    async def ask(self, *numbers: int) -> list[Any]:
        calls = (self.model.reply(question(number)) for number in numbers)
        replies = await asyncio.gather(*calls, return_exceptions=True)
        await self.model.close()
        return [each if isinstance(each, BaseException) else each.text for each in replies]


def run_batch(
    folder: Path, name: str, *, leave_out: tuple[str, ...] = (), status: int = 200, error: Any = None
) -> None:
    """What vLLM's run-batch writes, in another order; `error` is what it writes of question 2."""
    lines = []
    for text in reversed((folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()):
        line = json.loads(text)
        if asked_in(line["body"]) in leave_out:
            continue
        response: dict[str, Any] = {"status_code": 200, "body": json.loads(Answer(answered(line["body"])).body())}
        done = {"id": "vllm-1", "custom_id": line["custom_id"], "response": response, "error": None}
        if error is not None and asked_in(line["body"]) == "2":
            done |= {"response": {"status_code": status, "body": None}, "error": error}
        lines.append(json.dumps(done, ensure_ascii=False))
    (folder / f"{name}.out.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def test_files_are_answered_by_another_program(tmp_path):
    """The session ends with the command to run; the next one has the answers, in whatever order they were written."""
    runner = Runner(tmp_path)
    assert {type(each) for each in await runner.ask(1, 2, 3)} == {Postponed}
    run = f"vllm run-batch -i {tmp_path}/0001.jsonl -o {tmp_path}/0001.out.part --model test-model"
    assert runner.model.postponed == f"{run} && mv {tmp_path}/0001.out.part {tmp_path}/0001.out.jsonl"
    run_batch(tmp_path, "0001")
    again = Runner(tmp_path)
    assert await again.ask(1, 2, 3) == ["answer 1 答", "answer 2 答", "answer 3 答"]
    assert again.model.postponed is None


async def test_what_waits_for_a_runner_is_not_asked_again(tmp_path):
    """While a file is unanswered, asking the same writes no other, and new questions get a file of their own."""
    await Runner(tmp_path).ask(1, 2, 3)
    again = Runner(tmp_path)
    await again.ask(1, 2, 3, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001.jsonl", "0002.jsonl"]
    assert len((tmp_path / "0002.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert again.model.postponed is not None
    assert len(again.model.postponed.splitlines()) == 2


async def test_a_line_that_a_runner_left_out_is_in_the_next_file(tmp_path):
    """What has an answer is used, what has none is asked again."""
    await Runner(tmp_path).ask(1, 2, 3)
    run_batch(tmp_path, "0001", leave_out=("2",))
    first, second, third = await Runner(tmp_path).ask(1, 2, 3)
    assert (first, type(second), third) == ("answer 1 答", Postponed, "answer 3 答")
    run_batch(tmp_path, "0002")
    assert await Runner(tmp_path).ask(2) == ["answer 2 答"]


async def test_a_failure_that_may_pass_is_asked_again_a_few_times(tmp_path):
    """A line that fails for a reason of the server's is in three files, then it is that item's failure."""
    error = {"code": 500, "message": "out of memory", "type": "InternalServerError"}
    for name in ("0001", "0002", "0003"):
        assert isinstance((await Runner(tmp_path).ask(1, 2))[1], Postponed)
        run_batch(tmp_path, name, status=500, error=error)
    last = (await Runner(tmp_path).ask(2))[0]
    assert isinstance(last, ModelError)
    assert "out of memory" in str(last)


@pytest.mark.parametrize("worded", [True, False])
async def test_a_failure_that_stays_fails_its_item(tmp_path, worded):
    """A prompt that is too long for the model is not asked again, and stops nothing else."""
    await Runner(tmp_path).ask(1, 2)
    message = "This model's maximum context length is 4096 tokens."
    run_batch(tmp_path, "0001", status=400, error={"code": 400, "message": message} if worded else message)
    first, second = await Runner(tmp_path).ask(1, 2)
    assert first == "answer 1 答"
    assert isinstance(second, ModelError)
    assert (second.kind, second.fatal) == ("context-too-long", False)
    assert message in str(second)
    assert not (tmp_path / "0002.jsonl").exists()


async def test_a_file_that_is_still_being_written_is_not_read(tmp_path):
    """Half an output is no output: the user is told to wait."""
    await Runner(tmp_path).ask(1, 2)
    run_batch(tmp_path, "0001")
    out = tmp_path / "0001.out.jsonl"
    out.write_bytes(out.read_bytes()[:-20])
    error = (await Runner(tmp_path).ask(1))[0]
    assert isinstance(error, UserError)
    assert "middle of a line" in str(error)


async def test_files_hold_no_key_and_come_whole(tmp_path):
    """A file is put in its place when it is complete, and no file of a run holds the account's key."""
    await Runner(tmp_path).ask(*range(30))
    assert [path.name for path in tmp_path.iterdir()] == ["0001.jsonl"]
    assert KEY not in (tmp_path / "0001.jsonl").read_text(encoding="utf-8")


async def test_answers_that_are_safe_are_not_read_again(tmp_path):
    """Of a file whose answers are all in the journal nothing is kept in memory."""
    await Runner(tmp_path).ask(1, 2)
    assert list(Runner(tmp_path, safe=lambda key: True).backend.open_jobs()) == []


async def test_a_folder_that_cannot_be_used_is_the_users_to_mend(tmp_path):
    """A file in the folder's place is said in one line."""
    (tmp_path / "folder").write_text("")
    with pytest.raises(UserError, match="can't be used"):
        FilesBackend(tmp_path / "folder", "test-model")


# Lines.


def test_a_line_is_one_line():
    """Line breaks and half characters in a text do not break a file."""
    line = line_of("k", {"messages": [{"role": "user", "content": "a\nb\ud800"}]})
    assert line.count(b"\n") == 1
    assert json.loads(line)["body"]["messages"][0]["content"] == "a\nb?"


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ({"response": {"status_code": 200, "body": {"a": 1}}, "error": None}, (200, {"a": 1})),
        ({"response": {"body": {"a": 1}}}, (200, {"a": 1})),
        ({"response": {"status_code": 429, "body": {"error": "x"}}, "error": None}, (429, {"error": "x"})),
        ({"response": {"status_code": 400, "body": None}, "error": {"message": "x"}}, (400, {"message": "x"})),
        ({"response": None, "error": {"code": "batch_expired"}}, (500, {"code": "batch_expired"})),
        ({"response": {"status_code": 200, "body": None}, "error": None}, (500, None)),
    ],
)
def test_outcomes_are_read_from_every_known_shape(line, outcome):
    """Services and runners say failure in different places; what is no success is a failure."""
    found = outcome_in(json.dumps({"custom_id": "k", **line}).encode())
    assert found is not None
    assert (found[0], found[1].status, found[1].body) == ("k", *outcome)


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"1", b'{"custom_id": 1}', b'{"custom_id": "k", "response": "no"}'])
def test_what_is_no_outcome_is_none(line):
    """A line that can't be read is no answer, and no crash."""
    assert outcome_in(line) is None
