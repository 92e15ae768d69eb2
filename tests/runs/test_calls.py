"""From steps to calls: who goes first, what is journaled, and what a stop does."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import BaseModel

from proutt.llm import Reply, Usage
from proutt.llm.chat import Message, Request, Sampling
from proutt.prompts import Role
from proutt.runs.calls import Calls, Stopped, Turnstile
from proutt.runs.journal import Journal


class Slow:
    """A model whose calls are answered when the test says so."""

    identity, context_tokens = "slow", 32768

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.arrived = asyncio.Event()
        self.answer = asyncio.Event()

    async def reply(self, request: Request) -> Reply:
        self.asked.append(request)
        self.arrived.set()
        await self.answer.wait()
        return Reply('{"word": "yes"}', "stop", Usage(5, 2), 0.1)

    async def close(self) -> None:
        """Nothing to let go of."""


class Word(BaseModel):
    word: str


class Question:
    """A step of one word; anything with the parts of a `Step` that asking needs will do."""

    tries = 3
    name, role, plain = "question", Role.REASONER, False

    def __init__(self, text: str) -> None:
        self.text = text

    def messages(self):
        return (Message("user", self.text),)

    def answer_model(self):
        return Word

    def problems(self, answer):
        return []

    def sampling(self, seed):
        return Sampling(max_tokens=10, seed=seed)

    def correction(self, problem):
        return problem


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def calls_of(journal: Journal, model: Slow, limit: int = 4, seed: int = 0) -> Calls:
    return Calls(dict.fromkeys(Role, model), journal, limit, seed)


async def passed(turnstile: Turnstile, priority: tuple[int, int], order: list[tuple[int, int]]) -> None:
    async with turnstile.through(priority):
        order.append(priority)


async def waiting(*each) -> list[asyncio.Task]:
    """Tasks that have come as far as they can."""
    tasks = [asyncio.ensure_future(one) for one in each]
    await asyncio.sleep(0)
    return tasks


async def test_the_earliest_dialogue_goes_first():
    """Of those that wait, the place in the input and then K decide, not who came first."""
    turnstile, order = Turnstile(1), []
    async with turnstile.through((9, 9)):
        tasks = await waiting(*(passed(turnstile, place, order) for place in [(2, 1), (0, 3), (1, 0), (0, 1)]))
        assert order == []
    await asyncio.gather(*tasks)
    assert order == [(0, 1), (0, 3), (1, 0), (2, 1)]


async def test_at_most_the_limit_is_inside():
    """With many at the door there are never more inside than may be, and in the end all were."""
    turnstile, inside, most = Turnstile(3), 0, 0

    async def visit(place):
        nonlocal inside, most
        async with turnstile.through((place, 0)):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit(place) for place in range(50)))
    assert (inside, most) == (0, 3)


async def test_who_is_cancelled_while_waiting_leaves_no_gap():
    """The next in line goes in, and the place is free again afterwards."""
    turnstile, order = Turnstile(1), []
    async with turnstile.through((0, 0)):
        gone, next_one = await waiting(passed(turnstile, (1, 1), order), passed(turnstile, (2, 1), order))
        gone.cancel()
        await asyncio.sleep(0)
    await next_one
    async with asyncio.timeout(5), turnstile.through((3, 0)):
        assert order == [(2, 1)]


async def test_who_is_cancelled_in_the_door_gives_the_place_back():
    """Let in and cancelled before it could move: the place is not lost."""
    turnstile, order = Turnstile(1), []
    async with turnstile.through((0, 0)):
        (late,) = await waiting(passed(turnstile, (1, 1), order))
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    async with asyncio.timeout(5), turnstile.through((2, 0)):
        assert order == []


async def test_a_stopped_turnstile_lets_nobody_in():
    """Neither those who wait nor those who come later."""
    turnstile, order = Turnstile(1), []
    async with turnstile.through((0, 0)):
        (one,) = await waiting(passed(turnstile, (1, 1), order))
        turnstile.stop()
        with pytest.raises(Stopped):
            await one
    with pytest.raises(Stopped):
        await passed(turnstile, (0, 1), order)
    assert order == []


async def test_a_finished_call_is_not_made_again(journal):
    """The journal answers the same question at the same place, and its usage counts as if it had been made."""
    model = Slow()
    model.answer.set()
    first, second = (calls_of(journal, model).for_item((0, 1)) for _ in range(2))
    assert (await first(Question("a"), "d/1/x")).word == "yes"
    assert (await second(Question("a"), "d/1/x")).word == "yes"
    assert len(model.asked) == 1
    assert first.usage == second.usage
    assert (second.usage.calls, second.usage.prompt_tokens, second.usage.completion_tokens) == (1, 5, 2)


async def test_chance_is_keyed_by_seed_and_place(journal):
    """Another place or another run's seed is another draw; the same ones are the same."""
    model = Slow()
    model.answer.set()
    for seed, place in [(0, "d/1/x"), (0, "d/2/x"), (1, "d/1/x"), (0, "d/1/x")]:
        await calls_of(journal, model, seed=seed).for_item((0, 1))(Question("a"), place)
    assert len({request.sampling.seed for request in model.asked}) == len(model.asked) == 3


async def test_a_call_in_flight_outlives_its_item_in_a_stopped_run(journal):
    """It is paid for anyway: its answer goes into the journal although nobody waits for it any more."""
    model = Slow()
    calls = calls_of(journal, model)
    item = asyncio.ensure_future(calls.for_item((0, 1))(Question("a"), "d/1/x"))
    await model.arrived.wait()
    calls.stop()
    item.cancel()
    await asyncio.sleep(0)
    model.answer.set()
    with pytest.raises(asyncio.CancelledError):
        await item
    assert journal.rows("SELECT COUNT(*) FROM calls") == [(1,)]
    assert calls.tally.in_flight == 0


async def test_otherwise_a_cancelled_call_is_given_up(journal):
    """Where a step beside it has failed, nothing more is awaited, and its place is free."""
    model = Slow()
    calls = calls_of(journal, model, limit=1)
    item = asyncio.ensure_future(calls.for_item((0, 1))(Question("a"), "d/1/x"))
    await model.arrived.wait()
    item.cancel()
    with pytest.raises(asyncio.CancelledError):
        await item
    assert calls.tally.in_flight == 0
    assert journal.rows("SELECT COUNT(*) FROM calls") == [(0,)]
    async with asyncio.timeout(5), calls.turnstile(Role.REASONER).through((1, 0)):
        pass
