"""The scheduler of every run, over records that are no dialogues: endings, resuming, and what ends a run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from proutt.errors import AnswerError, ItemFailed, ModelError, UserError
from proutt.llm import ScriptedModel
from proutt.llm.batch_job import Postponed
from proutt.prompts import Role
from proutt.runs.calls import Calls, Stopped
from proutt.runs.deaths import KILLED, Deaths
from proutt.runs.journal import Item, Journal
from proutt.runs.stream import INTERNAL, INTERNAL_AT_MOST, Entry, Stream


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def stream(journal: Journal, **more) -> Stream:
    return Stream(Calls(dict.fromkeys(Role, ScriptedModel({})), journal, 4, 0), window=2, noun="seed", **more)


def seeds(*texts: str) -> list[Entry[str]]:
    """Records with two items each."""
    return [Entry(text, f"id-{text}", f"print-{text}", (1, 2), "seeds.jsonl") for text in texts]


class Work:
    """Makes every item as it is told: an item is done, unless its place has an error."""

    def __init__(self, stream: Stream, errors: dict[tuple[int, int], Exception] | None = None) -> None:
        self.stream, self.errors = stream, errors or {}
        self.asked: list[tuple[str, list[int]]] = []

    async def __call__(self, number: int, record: str, missing: Sequence[int]) -> None:
        self.asked.append((record, list(missing)))
        await self.stream.items(number, {k: self._item(number, k) for k in missing})

    async def _item(self, number: int, k: int) -> Item:
        await asyncio.sleep(0)
        if (number, k) in self.errors:
            raise self.errors[number, k]
        return Item(number, k, "predicted", record="{}")


async def test_every_item_is_decided_once(journal):
    """A later session finds them decided, and asks for nothing."""
    first = Work(stream(journal))
    assert await first.stream.run(seeds("a", "b"), first)
    assert first.stream.progress.made == 4
    again = Work(stream(journal))
    assert await again.stream.run(seeds("a", "b"), again)
    assert again.asked == [("a", []), ("b", [])]


@pytest.mark.parametrize(
    ("error", "reason", "stage", "raw"),
    [
        (AnswerError("no list", step="ask", kind="not-json", raw="said"), "not-json", "ask", "said"),
        (ItemFailed("no list", reason="unusable", stage="ask", raw="said"), "unusable", "ask", "said"),
        (ModelError("gone", kind="timeout"), "timeout", "", ""),
    ],
)
async def test_a_failure_is_written_down_and_the_rest_goes_on(journal, error, reason, stage, raw):
    """With its reason, the step and the model's words."""
    work = Work(stream(journal), {(0, 1): error})
    assert await work.stream.run(seeds("a", "b"), work)
    assert (work.stream.progress.made, work.stream.progress.failures) == (3, {reason: 1})
    ((item, id),) = journal.items("failed")
    assert (item.k, item.reason, item.stage, item.raw, id) == (1, reason, stage, raw, "id-a")


@pytest.mark.parametrize(
    "error",
    [ModelError("bad key", kind="no-access", fatal=True), UserError("the disk is full.")],
    ids=["model", "disk"],
)
async def test_what_nothing_can_mend_ends_the_run(journal, error):
    """As the error itself, out of whatever it was raised in."""
    work = Work(stream(journal), {(0, 2): error})
    with pytest.raises(type(error)) as raised:
        await work.stream.run(seeds("a", "b", "c"), work)
    assert raised.value is error
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_that_nobody_foresaw_costs_one_item(journal):
    """It fails with the error and its place in the code, for whoever mends it; the rest goes on."""
    work = Work(stream(journal), {(0, 1): KeyError("turn")})
    assert await work.stream.run(seeds("a", "b"), work)
    assert (work.stream.progress.made, work.stream.progress.failures) == (3, {INTERNAL: 1})
    ((item, _),) = journal.items("failed")
    assert item.message.startswith("KeyError at test_stream.py:")


async def test_an_error_outside_of_the_items_costs_one_record(journal):
    """What of it was decided before stays."""
    inner = Work(stream(journal))

    async def work(number: int, record: str, missing: Sequence[int]) -> None:
        await inner(number, record, missing[:1])
        raise ZeroDivisionError

    assert await inner.stream.run(seeds("a"), work)
    assert (inner.stream.progress.made, inner.stream.progress.failures) == (1, {INTERNAL: 1})


async def test_an_error_of_all_records_ends_the_run(journal):
    """Where nothing at all works, ten thousand failures help nobody."""
    numbers = range(2 * INTERNAL_AT_MOST)
    work = Work(stream(journal), {(number, k): KeyError("k") for number in numbers for k in (1, 2)})
    with pytest.raises(KeyError):
        await work.stream.run(seeds(*(str(number) for number in numbers)), work)
    assert work.stream.progress.failures[INTERNAL] == INTERNAL_AT_MOST


async def test_a_suspect_works_alone(journal):
    """Neither the one before it nor the one after it is at work meanwhile."""
    at_work: set[str] = set()
    beside: dict[str, set[str]] = {}

    async def work(number: int, record: str, missing: Sequence[int]) -> None:
        at_work.add(record)
        for _ in range(5):
            await asyncio.sleep(0)
        beside[record] = set(at_work)
        at_work.remove(record)

    assert await stream(journal, deaths=Deaths(suspects=frozenset({2}))).run(seeds("a", "b", "c", "d", "e"), work)
    assert beside["c"] == {"c"}
    assert any(len(each) > 1 for each in beside.values())


async def test_a_record_that_was_given_up_fails(journal):
    """Nobody works on it; the others are done."""
    work = Work(stream(journal, deaths=Deaths(given_up=frozenset({0}))))
    assert await work.stream.run(seeds("a", "b"), work)
    assert [record for record, _ in work.asked] == ["b"]
    assert work.stream.progress.failures == {KILLED: 2}


@pytest.mark.parametrize(("error", "counter"), [(Stopped(), "stopped"), (Postponed(), "postponed")])
async def test_what_is_left_to_a_later_session_is_undecided(journal, error, counter):
    """It is neither made nor failed, its neighbour is, and the run is not complete."""
    work = Work(stream(journal), {(0, 1): error})
    assert not await work.stream.run(seeds("a"), work)
    assert getattr(work.stream.progress, counter) == 1
    assert journal.decided(0) == {2}


async def test_another_input_is_refused_by_its_own_name(journal):
    """At the place where it differs, and where it ends too soon."""
    work = Work(stream(journal))
    await work.stream.run(seeds("a", "b"), work)
    with pytest.raises(UserError, match=r"seeds.jsonl: seed 2 of the input is not the one"):
        await stream(journal).run(seeds("a", "x"), work)
    with pytest.raises(UserError, match="the input has 1 seeds now; this run has seen 2"):
        await stream(journal).run(seeds("a"), work)
