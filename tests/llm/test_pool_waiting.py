"""Who waits before a pool: nobody for longer than needed, and nobody for ever. Time is virtual, and exact."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.virtual_time import Hung, in_no_time
from proutt.errors import ModelError
from proutt.llm import Message, Reply, Request, Sampling, Usage
from proutt.llm.limit import FIRST_PAUSE_S, GONE_AFTER
from proutt.llm.member import Member
from proutt.llm.pool import Pool

OK = Reply("ok", "stop", Usage(1, 1), 0.0)
RESET = ModelError("reset", kind="reset", retryable=True)
Outcome = Reply | ModelError


def question(text: str = "?") -> Request:
    return Request((Message("user", text),), Sampling(max_tokens=5))


def now() -> float:
    return asyncio.get_running_loop().time()


def busy(retry_after_s: float) -> ModelError:
    return ModelError("busy", kind="rate-limit", retryable=True, status=429, retry_after_s=retry_after_s)


class Server:
    """Answers call by call as it is told: after how many seconds, and what. Notes when each came."""

    context_tokens = 4096

    def __init__(self, name: str, answer: Callable[[int, Request], tuple[float, Outcome]]) -> None:
        self.identity, self.answer, self.came = name, answer, []

    async def reply(self, request: Request) -> Reply:
        self.came.append((now(), request))
        seconds, outcome = self.answer(len(self.came), request)
        await asyncio.sleep(seconds)
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Nothing to let go of."""


def pool_of(*servers: Server, **options: Any) -> Pool:
    return Pool(servers, chance=lambda: 0.5, now=now, **options)


def gone_at_first(
    seconds: float = 0.0, back_after: int = GONE_AFTER
) -> Callable[[int, Request], tuple[float, Outcome]]:
    """Resets its first calls; the one that finds it back is answered after so many seconds, as are all later ones."""
    return lambda number, _: (0.0, RESET) if number <= back_after else (seconds, OK)


def gone(member: Member) -> None:
    """Let an endpoint's breaker open now."""
    for call in range(GONE_AFTER):
        member.breaker.failed(member.breaker.sent(), now(), call)


def test_a_call_that_rests_at_one_endpoint_goes_to_the_other_as_soon_as_its_probe_is_back():
    """It was asked to wait a minute by the one; the other answers its probe after half a second, and takes it then."""
    resting, probed = Server("resting", lambda *_: (0.0, busy(60.0))), Server("probed", lambda *_: (0.5, OK))

    async def ended() -> list[float]:
        pool = pool_of(resting, probed)
        gone(pool.members[1])
        await asyncio.sleep(FIRST_PAUSE_S)
        await asyncio.gather(*(pool.reply(question(text)) for text in ("probe", "other")))
        return [at for at, _ in probed.came]

    assert in_no_time(ended()) == [FIRST_PAUSE_S, FIRST_PAUSE_S + 0.5]


def test_an_endpoint_is_probed_when_its_pause_is_over_though_the_other_is_full():
    """Whoever waits for the full one does not wait for its call of ten minutes to end."""
    full, back = Server("full", lambda *_: (600.0, OK)), Server("back", lambda *_: (0.0, OK))

    async def ended() -> float:
        pool = pool_of(full, back, ceiling=1, start=1)
        gone(pool.members[1])
        long = asyncio.ensure_future(pool.reply(question("long")))
        await asyncio.sleep(0)
        await pool.reply(question())
        long.cancel()
        return now()

    assert in_no_time(ended()) == FIRST_PAUSE_S


def test_an_endpoint_is_probed_though_the_probe_of_the_other_hangs():
    """One that takes five minutes to fail holds up nobody who could try the other."""
    hung, back = Server("hung", lambda *_: (300.0, RESET)), Server("back", lambda *_: (0.0, OK))

    async def ended() -> float:
        pool = pool_of(hung, back)
        gone(pool.members[0])
        await asyncio.sleep(FIRST_PAUSE_S)
        gone(pool.members[1])
        probe = asyncio.ensure_future(pool.reply(question("probe")))
        await asyncio.sleep(0)
        await pool.reply(question())
        probe.cancel()
        return now()

    assert in_no_time(ended()) == 2 * FIRST_PAUSE_S


def test_a_place_goes_to_the_first_who_may_take_it():
    """Who rests there is passed over, and the one behind goes at once."""

    def answer(number: int, request: Request) -> tuple[float, Outcome]:
        text = request.messages[0].content
        if text == "refused" and now() < 30:
            return 0.0, busy(30.0)
        return (10.0 if text == "long" else 1.0), OK

    server = Server("server", answer)

    async def order() -> list[tuple[str, float]]:
        pool = pool_of(server, ceiling=1, start=1)
        ended: list[tuple[str, float]] = []

        async def ask(text: str, at: float) -> None:
            await asyncio.sleep(at)
            await pool.reply(question(text))
            ended.append((text, now()))

        await asyncio.gather(ask("refused", 0.0), ask("long", 1.0), ask("short", 2.0))
        return ended

    (long, short, refused) = in_no_time(order())
    assert (long, short) == (("long", 11.0), ("short", 12.0))
    assert refused[1] >= 30.0 + 1.0


def test_a_place_that_is_given_to_one_who_is_cancelled_goes_to_the_next():
    """Cancelled in the very moment in which it would have gone."""
    server = Server("server", lambda *_: (1.0, OK))

    async def ended() -> float:
        pool = pool_of(server, ceiling=1, start=1)
        first, second, third = (asyncio.ensure_future(pool.reply(question(text))) for text in "abc")
        first.add_done_callback(lambda _: second.cancel())
        await third
        assert second.cancelled()
        assert pool.members[0].in_flight == 0
        return now()

    assert in_no_time(ended()) == 2.0


def test_one_outage_is_told_once():
    """Sixty calls that fail with the endpoint are one note, and its return is another."""
    notes: list[str] = []
    server = Server("server", lambda number, _: (0.0, RESET) if number <= 60 else (1.0, OK))

    async def work() -> None:
        pool = pool_of(server, ceiling=60, start=60, on_note=notes.append)
        await asyncio.gather(*(pool.reply(question(str(number))) for number in range(60)))

    in_no_time(work())
    assert notes == ["server does not answer (reset); waiting for it.", "server answers again."]


def test_an_older_call_does_not_open_the_door_to_a_second_probe():
    """While the probe is under way, a call from before the outage ends well: the others still wait for the probe."""

    def answer(number: int, request: Request) -> tuple[float, Outcome]:
        text = request.messages[0].content
        if text == "older":
            return FIRST_PAUSE_S + 5.0, OK  # ends while the probe is under way
        return (0.0, RESET) if now() < FIRST_PAUSE_S else (20.0, OK)

    server = Server("server", answer)

    async def work() -> list[float]:
        pool = pool_of(server, ceiling=32)
        older = asyncio.ensure_future(pool.reply(question("older")))
        await asyncio.sleep(0)
        await asyncio.gather(*(pool.reply(question(str(number))) for number in range(8)))
        await older
        return [at for at, _ in server.came if at > 0]

    came = in_no_time(work())
    probe, *rest = came
    assert probe == FIRST_PAUSE_S
    assert len(rest) == 7
    assert set(rest) == {FIRST_PAUSE_S + 20.0}


def fate(seed: int) -> Callable[[int, Request], tuple[float, Outcome]]:
    """A server of many moods, among them outages, refusals and slowness."""
    chance = random.Random(seed)
    bad = [RESET, busy(20.0), busy(0.5), ModelError("failed", kind="http-500", retryable=True, status=500)]
    dead = ModelError("no key", kind="no-access", fatal=True)

    def answer(number: int, request: Request) -> tuple[float, Outcome]:
        mood = int(now() / 15) + seed
        seconds = chance.choice([0.0, 0.3, 7.0])
        if mood % 3 == 0:
            return seconds, chance.choice(bad)
        return (seconds, dead) if chance.random() < 0.002 else (seconds, OK)

    return answer


@given(seeds=st.lists(st.integers(0, 10_000), min_size=1, max_size=3), ceiling=st.integers(1, 6), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_call_ends_whatever_becomes_of_the_endpoints(seeds, ceiling, data):
    """With an answer or an error: nobody hangs, and no place is lost. Some are cancelled along the way."""
    cancelled = data.draw(st.dictionaries(st.integers(0, 39), st.floats(0, 60), max_size=8))

    async def work() -> Pool:
        pool = pool_of(*(Server(f"s{seed}", fate(seed)) for seed in seeds), ceiling=ceiling)
        calls = [asyncio.ensure_future(pool.reply(question(str(number)))) for number in range(40)]
        for number, at in cancelled.items():
            asyncio.get_running_loop().call_later(at, calls[number].cancel)
        await asyncio.wait(calls)
        return pool

    pool = in_no_time(work())
    assert [member.in_flight for member in pool.members] == [0] * len(seeds)


def test_the_clock_of_these_tests_knows_a_hang():
    """Or the tests above could not fail."""

    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Hung):
        in_no_time(never())
