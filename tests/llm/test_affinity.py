"""Where the calls of a dialogue go when several endpoints serve one model."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from llm.test_pool import OK, Server, failed, pool_of
from proutt.llm import Message, Reply, Request, Sampling
from proutt.llm.affinity import SLACK, order_of

NAME = st.text("ab1:/", max_size=8)
NAMES = st.lists(NAME, min_size=1, max_size=8).map(tuple)
DIALOGUES = [str(number) for number in range(400)]


def of(dialogue: str) -> Request:
    return Request((Message("user", dialogue),), Sampling(max_tokens=5), step="paths", affinity=dialogue)


@given(NAME, NAMES)
def test_an_order_has_each_endpoint_once_and_is_the_same_again(affinity: str, names: tuple[str, ...]) -> None:
    """Also where two keys of one address give two endpoints the same name."""
    order = order_of(affinity, names)
    assert sorted(order) == list(range(len(names)))
    order_of.cache_clear()
    assert order_of(affinity, names) == order


@given(NAME, st.lists(NAME, min_size=2, max_size=8, unique=True).map(tuple), st.data())
def test_only_the_dialogues_of_an_endpoint_that_leaves_move(
    affinity: str, names: tuple[str, ...], data: st.DataObject
) -> None:
    """The others stay where they were, in the same order, whichever endpoint leaves and however the rest are listed."""
    gone = data.draw(st.sampled_from(names))
    left = tuple(data.draw(st.permutations([name for name in names if name != gone])))
    before = [names[place] for place in order_of(affinity, names) if names[place] != gone]
    assert [left[place] for place in order_of(affinity, left)] == before


@settings(max_examples=25)
@given(st.sets(NAME, min_size=2, max_size=8).map(sorted).map(tuple))
def test_dialogues_spread_evenly(names: tuple[str, ...]) -> None:
    """Each endpoint is the first of about its share of them: within five standard deviations of a fair draw."""
    first = Counter(order_of(dialogue, names)[0] for dialogue in DIALOGUES)
    share = 1 / len(names)
    deviation = (len(DIALOGUES) * share * (1 - share)) ** 0.5
    assert all(abs(first[place] - len(DIALOGUES) * share) < 5 * deviation for place in range(len(names)))


def test_the_place_is_no_part_of_the_question() -> None:
    """Neither the call's key nor its equality knows of it: a journal of one server answers with three."""
    placed, anywhere = of("1"), Request((Message("user", "1"),), Sampling(max_tokens=5), step="paths")
    assert placed.key("m") == anywhere.key("m")
    assert placed == anywhere


class Noting(Server):
    """A server that counts whose calls came."""

    def __init__(self, name: str) -> None:
        super().__init__(lambda _: OK, name)
        self.saw: Counter[str] = Counter()

    async def reply(self, request: Request) -> Reply:
        self.saw[request.affinity] += 1
        return await super().reply(request)


async def test_calls_of_a_dialogue_meet_the_same_server() -> None:
    """All of them, while it has no more than its share of the calls."""
    servers = [Noting(name) for name in "abc"]
    pool, _ = pool_of(*servers)
    for dialogue in DIALOGUES[:30]:
        for _ in range(4):
            await pool.reply(of(dialogue))
    for dialogue in DIALOGUES[:30]:
        assert sorted(server.saw[dialogue] for server in servers) == [0, 0, 4]
    assert all(server.saw for server in servers)


async def test_a_full_server_leaves_calls_to_the_next_in_order() -> None:
    """What one dialogue asks at once stays within the bound, and goes to the servers in the dialogue's own order."""
    servers = [Noting(name) for name in "abc"]
    pool, _ = pool_of(*servers)
    calls = 24
    await asyncio.gather(*(pool.reply(of("7")) for _ in range(calls)))
    counts = [servers[place].saw["7"] for place in order_of("7", tuple("abc"))]
    assert counts == sorted(counts, reverse=True)
    assert max(server.most for server in servers) <= SLACK * calls / 3 + 1


async def test_a_call_that_failed_is_taken_by_the_next_in_order() -> None:
    """And the dialogue's later calls come home."""
    first, second, _ = order_of("7", tuple("abc"))
    servers = [Noting(name) for name in "abc"]
    servers[first].answer = lambda number: failed() if number == 1 else OK
    pool, _ = pool_of(*servers)
    await pool.reply(of("7"))
    assert [servers[place].calls for place in (first, second)] == [1, 1]
    await pool.reply(of("7"))
    assert [servers[place].calls for place in (first, second)] == [2, 1]


async def test_a_slow_server_does_not_hold_up_the_others() -> None:
    """Its calls pile up no higher than the bound, though a third of all dialogues belong there."""
    leave = asyncio.Event()

    class Stuck(Noting):
        async def reply(self, request: Request) -> Reply:
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
            await leave.wait()
            return OK

    stuck, *quick = servers = [Stuck("a"), Noting("b"), Noting("c")]
    pool, _ = pool_of(*servers)
    turnstile = asyncio.Semaphore(12)

    async def one(dialogue: str) -> None:  # as in a run, so many calls are in flight at most
        async with turnstile:
            await pool.reply(of(dialogue))

    work = asyncio.gather(*(one(dialogue) for dialogue in DIALOGUES[:90]))
    for _ in range(1000):
        await asyncio.sleep(0)
    assert stuck.most <= SLACK * 12 / 3 + 1
    assert sum(server.calls for server in quick) + stuck.in_flight == 90
    leave.set()
    await work
