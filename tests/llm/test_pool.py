"""The one owner of trying again: how often, how long, to which endpoint, and never what can't get better."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from proutt.errors import ModelError
from proutt.llm import Message, Reply, Request, Sampling, ScriptedModel, Usage
from proutt.llm.limit import GONE_AFTER
from proutt.llm.pool import OUTAGE_PATIENCE_S, PATIENT_TRIES, Pool
from proutt.llm.retry import TRIES

QUESTION = Request((Message("user", "?"),), Sampling(max_tokens=5), step="paths")
OK = Reply("ok", "stop", Usage(1, 1), 0.0)


def busy(retry_after_s: float | None = None) -> ModelError:
    return ModelError("busy", kind="rate-limit", retryable=True, status=429, retry_after_s=retry_after_s)


def failed(status: int = 500, **more: Any) -> ModelError:
    return ModelError("failed", kind=f"http-{status}", retryable=True, status=status, **more)


def unreachable() -> ModelError:
    return ModelError("connection refused", kind="connect", retryable=True)


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Server:
    """A model that answers as a test says, by how manieth call it is and when."""

    context_tokens = 4096

    def __init__(self, answer: Callable[[int], ModelError | Reply], name: str = "server") -> None:
        self.answer, self.identity = answer, name
        self.calls = self.in_flight = self.most = 0

    async def reply(self, request: Request) -> Reply:
        self.calls += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        number = self.calls
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            answer = self.answer(number)
        finally:
            self.in_flight -= 1
        if isinstance(answer, ModelError):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing to let go of."""


def pool_of(*models: Any, **options: Any) -> tuple[Pool, Clock]:
    clock = Clock()
    return Pool(models, sleep=clock.sleep, chance=lambda: 0.5, now=lambda: clock.now, **options), clock


def scripted(*answers: Any, **options: Any) -> tuple[Pool, Clock]:
    return pool_of(ScriptedModel({"paths": answers}), **options)


# One endpoint.


async def test_a_failure_that_passes_is_not_seen():
    """The caller gets the answer, after waits that grow."""
    pool, clock = scripted(busy(), failed(), "ok")
    assert (await pool.reply(QUESTION)).text == "ok"
    assert clock.waits == [0.75, 1.5]


async def test_tries_are_bounded():
    """After the last try the error says how many there were."""
    pool, clock = scripted(failed(), failed(), failed(), tries=3)
    with pytest.raises(ModelError, match="tried 3 times") as caught:
        await pool.reply(QUESTION)
    assert len(clock.waits) == 2
    assert caught.value.status == 500


async def test_a_refusal_for_the_rate_is_no_fault_of_the_call():
    """It is asked again far more often, and in the end given up."""
    pool, _ = scripted(*[busy()] * (PATIENT_TRIES - 1), "ok")
    assert (await pool.reply(QUESTION)).text == "ok"
    pool, _ = scripted(*[busy()] * PATIENT_TRIES)
    with pytest.raises(ModelError, match=f"tried {PATIENT_TRIES} times"):
        await pool.reply(QUESTION)


@pytest.mark.parametrize("fatal", [True, False])
async def test_what_cannot_get_better_is_not_tried_again(fatal):
    """A fatal or final error passes through at once, unchanged."""
    error = ModelError("no", kind="no-access", fatal=fatal)
    pool, clock = scripted(error)
    with pytest.raises(ModelError) as caught:
        await pool.reply(QUESTION)
    assert caught.value is error
    assert clock.waits == []


async def test_many_that_meet_a_fatal_error_at_once_all_get_it():
    """Nobody waits for an endpoint that will not come back."""
    error = ModelError("no server", kind="connect", fatal=True)
    pool, clock = pool_of(Server(lambda _: error))
    outcomes = await asyncio.gather(*(pool.reply(QUESTION) for _ in range(20)), return_exceptions=True)
    assert {str(each) for each in outcomes} == {str(error)}
    assert clock.waits == []


async def test_a_server_that_asks_for_too_long_a_wait_ends_the_call():
    """An hour is not waited for; the error says so."""
    pool, clock = scripted(busy(3600))
    with pytest.raises(ModelError, match="asked to wait 3600 s"):
        await pool.reply(QUESTION)
    assert clock.waits == []


async def test_never_more_in_flight_than_the_limit_that_was_found():
    """It starts low, grows with answers, and never passes the ceiling."""
    server = Server(lambda _: OK)
    pool, _ = pool_of(server, ceiling=30, start=4)
    assert pool.capacity == 4
    await asyncio.gather(*(pool.reply(QUESTION) for _ in range(300)))
    assert (server.calls, pool.capacity) == (300, 30)
    assert 4 < server.most <= 30


async def test_refusals_bring_the_limit_down_to_what_the_endpoint_bears():
    """A server that takes eight at once ends up with about eight, and every call is answered."""
    server = Server(lambda _: busy() if server.in_flight > 8 else OK)
    pool, _ = pool_of(server, ceiling=64)
    replies = await asyncio.gather(*(pool.reply(QUESTION) for _ in range(1000)))
    assert all(each.text == "ok" for each in replies)
    assert 4 <= pool.capacity <= 20
    assert server.calls < 2000


async def test_an_endpoint_that_goes_away_is_waited_for():
    """Five minutes of refused connections cost no call: few tries, one at a time, then all go on."""
    clock_of: list[Clock] = []
    server = Server(lambda _: unreachable() if 0 < clock_of[0].now < 300 else OK)
    pool, clock = pool_of(server, ceiling=32)
    clock_of.append(clock)
    await pool.reply(QUESTION)
    clock.now = 1.0
    replies = await asyncio.gather(*(pool.reply(QUESTION) for _ in range(32)))
    assert all(each.text == "ok" for each in replies)
    assert clock.now >= 300
    assert server.calls < 1 + 32 + 32 + 60


async def test_an_outage_without_end_stops_the_run_resumably():
    """After a quarter of an hour; the error is fatal, so that the run stops as a whole."""
    notes: list[str] = []
    server = Server(lambda number: OK if number == 1 else unreachable())
    pool, clock = pool_of(server, on_note=notes.append)
    await pool.reply(QUESTION)
    with pytest.raises(ModelError, match=r"has not answered for 1[56] minutes") as caught:
        await pool.reply(QUESTION)
    assert (caught.value.kind, caught.value.fatal) == ("outage", True)
    assert OUTAGE_PATIENCE_S < clock.now < OUTAGE_PATIENCE_S + 60
    assert notes == ["server does not answer (connect); waiting for it."]


async def test_a_call_that_brings_the_server_down_ends_itself_and_not_the_run():
    """It alone always fails; given up in the end, it leaves the endpoint to the others."""
    server = Server(lambda _: failed(500))
    pool, clock = pool_of(server)
    with pytest.raises(ModelError, match=f"tried {TRIES} times") as caught:
        await pool.reply(QUESTION)
    assert not caught.value.fatal
    assert (server.calls, pool.down_s, sum(clock.waits) < 60) == (TRIES, 0, True)


async def test_calls_that_a_server_cannot_do_end_by_themselves():
    """All questions on one dialogue may be its undoing: a server that says 500 is there, and nobody waits for it."""
    pool, _ = pool_of(Server(lambda _: failed(500)))
    questions = [Request((Message("user", str(number)),), Sampling(max_tokens=5)) for number in range(8)]
    ended = await asyncio.gather(*(pool.reply(each) for each in questions), return_exceptions=True)
    assert all(f"tried {TRIES} times" in str(each) for each in ended)
    assert pool.down_s == 0


async def test_a_call_that_its_gateway_never_gets_through_ends_itself_and_not_the_run():
    """A 504 may be the gateway's word for one call that takes too long: it is given up in the end, with waits."""
    server = Server(lambda _: failed(504))
    pool, clock = pool_of(server)
    with pytest.raises(ModelError, match="tried") as caught:
        await pool.reply(QUESTION)
    assert not caught.value.fatal
    assert server.calls <= GONE_AFTER + PATIENT_TRIES
    assert clock.now < OUTAGE_PATIENCE_S


async def test_an_endpoint_that_comes_back_with_errors_is_not_hammered():
    """Its 500 is an answer: the breaker closes, and each call waits between its own tries."""
    server = Server(lambda number: unreachable() if number <= GONE_AFTER else failed(500))
    pool, clock = pool_of(server)
    with pytest.raises(ModelError, match="tried"):
        await pool.reply(QUESTION)
    assert server.calls <= GONE_AFTER + TRIES
    assert all(wait > 0 for wait in clock.waits)
    assert len(clock.waits) == server.calls - 1


async def test_a_cancelled_call_leaves_its_place():
    """Whoever waits goes in."""
    never = asyncio.Event()

    class Hung(Server):
        async def reply(self, request: Request) -> Reply:
            if request is not QUESTION:
                await never.wait()
            return OK

    pool, _ = pool_of(Hung(lambda _: OK), ceiling=1, start=1)
    other = Request((Message("user", "!"),), Sampling(max_tokens=5), step="paths")
    hung = asyncio.ensure_future(pool.reply(other))
    await asyncio.sleep(0)
    waiting = asyncio.ensure_future(pool.reply(QUESTION))
    await asyncio.sleep(0)
    hung.cancel()
    assert (await asyncio.wait_for(waiting, 5)).text == "ok"


# Several endpoints.


async def test_several_endpoints_share_the_load():
    """The one with the least to do is next."""
    one, two = Server(lambda _: OK, "one"), Server(lambda _: OK, "two")
    pool, _ = pool_of(one, two, ceiling=20)
    await asyncio.gather(*(pool.reply(QUESTION) for _ in range(200)))
    assert (one.calls + two.calls, pool.identity) == (200, "one")
    assert 80 <= one.calls <= 120


async def test_a_call_that_failed_at_one_endpoint_goes_to_another_at_once():
    """Without a wait: nothing was wrong with the other one."""
    one, two = Server(lambda _: failed(502), "one"), Server(lambda _: OK, "two")
    pool, clock = pool_of(one, two)
    questions = [Request((Message("user", str(number)),), Sampling(max_tokens=5)) for number in range(10)]
    replies = [await pool.reply(question) for question in questions]
    assert all(each.text == "ok" for each in replies)
    assert clock.waits == []
    assert one.calls <= GONE_AFTER


@pytest.mark.parametrize("kind", ["no-access", "not-found", "connect"])
async def test_an_endpoint_that_no_call_can_reach_is_left_out_with_a_note(kind):
    """The others go on; only when none is left does the run stop."""
    notes: list[str] = []
    dead = ModelError("its key is refused", kind=kind, fatal=True)
    one, two = Server(lambda _: dead, "one"), Server(lambda _: OK, "two")
    pool, _ = pool_of(one, two, on_note=notes.append)
    replies = await asyncio.gather(*(pool.reply(QUESTION) for _ in range(10)))
    assert all(each.text == "ok" for each in replies)
    assert notes == ["one is left out: its key is refused"]
    two.answer = lambda _: dead
    with pytest.raises(ModelError, match="its key is refused") as caught:
        await pool.reply(QUESTION)
    assert caught.value.fatal


async def test_two_endpoints_that_both_refuse_are_not_asked_in_turn_without_a_wait():
    """Each is left alone for as long as it asked: two keys of one account refuse together."""
    times: dict[str, list[float]] = {"one": [], "two": []}
    clock = Clock()

    def server(name: str) -> Server:
        def answer(number: int) -> ModelError | Reply:
            times[name].append(clock.now)
            return busy(30.0) if clock.now < 100 else OK

        return Server(answer, name)

    pool = Pool([server("one"), server("two")], sleep=clock.sleep, chance=lambda: 0.5, now=lambda: clock.now)
    assert (await pool.reply(QUESTION)).text == "ok"
    for asked in times.values():
        assert all(later - earlier >= 30 for earlier, later in pairwise(asked))


async def test_all_that_wait_learn_that_no_endpoint_is_left():
    """Nobody is left waiting for one that will not come back."""
    error = ModelError("the key is refused", kind="no-access", fatal=True, status=401)
    pool, _ = pool_of(Server(lambda _: error), ceiling=4, start=4)
    calls = [asyncio.ensure_future(pool.reply(QUESTION)) for _ in range(60)]
    done = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
    assert {(each.kind, each.fatal, str(each)) for each in done} == {("no-access", True, "the key is refused")}


def test_a_pool_needs_a_model_and_a_try():
    """Anything else is a bug of the caller."""
    for models, tries in (([], TRIES), ([Server(lambda _: OK)], 0)):
        with pytest.raises(ValueError, match="at least one"):
            Pool(models, tries=tries)
