"""The scheduler: how much is at work at once, and how much of a long dialogue a prompt may take."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import Dialogue
from proutt.dialogue.dialogue import Turn
from proutt.errors import ModelError
from proutt.llm import Reply, Usage
from proutt.methods.proutt import Settings
from proutt.prompts import Role
from proutt.runs.calls import Calls
from proutt.runs.journal import Journal
from proutt.runs.reading import AHEAD
from proutt.runs.stream import Stream
from proutt.runs.synthesis import Synthesis, answer_tokens, dialogue_budget, rounds_per_annotation


class Annotator:
    """A model that finds nothing new in any utterance, and counts how many calls are in flight."""

    identity, context_tokens = "annotator", 32768

    def __init__(self) -> None:
        self.calls = self.in_flight = self.most = self.most_tasks = 0

    async def reply(self, request) -> Reply:
        self.calls += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        self.most_tasks = max(self.most_tasks, len(asyncio.all_tasks()))
        for _ in range(20):  # long enough for others to come
            await asyncio.sleep(0)
        self.in_flight -= 1
        size = request.schema["properties"]["rounds"]["minItems"]
        notes = {"wants": "", "paths": [], "sentence_type": "declarative"}
        answer = {"rounds": [{"round": at, **notes} for at in range(1, size + 1)]}
        return Reply(json.dumps(answer), "stop", Usage(1, 1), 0.0)

    async def close(self) -> None:
        """Nothing to let go of."""


class Broken(Annotator):
    async def reply(self, request) -> Reply:
        self.calls += 1
        raise ModelError("status 401: bad key", kind="no-access", fatal=True)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def synthesis(journal: Journal, model: Annotator, *, limit: int, **settings) -> Synthesis:
    calls = Calls(dict.fromkeys(Role, model), journal, limit, 0)
    return Synthesis(Stream(calls, window=limit), Settings(**settings))


def dialogues(count: int) -> Iterator[Dialogue]:
    for number in range(count):
        yield Dialogue(f"d{number}", (Turn("one", "yes"), Turn("two", "yes")), "en")


async def test_many_dialogues_do_not_pile_up(journal):
    """Dialogues are read as places come free: tasks stay few, calls stay below the limit, and all get done."""
    model, read = Annotator(), 0

    def counted() -> Iterator[Dialogue]:
        nonlocal read
        for dialogue in dialogues(1000):
            read += 1
            assert read - model.calls <= 8 + 1 + AHEAD  # the window, the one that is next, those read ahead
            yield dialogue

    work = synthesis(journal, model, limit=8)
    assert await work.run(counted())
    assert model.calls == 1000
    assert model.most == 8
    assert model.most_tasks <= 8 * 2 + 1
    assert work.stream.progress.skipped == work.stream.progress.items == 1000


async def test_what_no_call_can_mend_ends_the_run(journal):
    """A bad key is an error after a few calls, and nothing is left at work."""
    model = Broken()
    with pytest.raises(ModelError, match="bad key"):
        await synthesis(journal, model, limit=4).run(dialogues(100))
    assert model.calls <= 4
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_calls_go_on_while_the_input_is_slow(journal):
    """The second dialogue comes when the first one's call has been answered, not before."""
    answered = threading.Event()

    class Told(Annotator):
        async def reply(self, request) -> Reply:
            reply = await super().reply(request)
            answered.set()
            return reply

    def slow() -> Iterator[Dialogue]:
        first, second = dialogues(2)
        yield first
        assert answered.wait(30)
        yield second

    model = Told()
    assert await synthesis(journal, model, limit=4).run(slow())
    assert model.calls == 2


async def test_a_stop_waits_for_no_input(journal):
    """The run ends though the input has not; what it was at is finished as far as it was asked."""
    never = threading.Event()

    def endless() -> Iterator[Dialogue]:
        yield from dialogues(1)
        never.wait(30)

    class Interrupting(Annotator):
        async def reply(self, request) -> Reply:
            signal.raise_signal(signal.SIGINT)
            return await super().reply(request)

    work = synthesis(journal, Interrupting(), limit=4)
    assert await asyncio.wait_for(work.run(endless()), 10) is False
    never.set()
    assert work.stream.progress.items == 1


async def test_what_no_call_can_mend_ends_the_run_while_it_waits_for_input(journal):
    """It is said at once, not when the next dialogue comes."""
    never = threading.Event()

    def endless() -> Iterator[Dialogue]:
        yield from dialogues(1)
        never.wait(30)

    with pytest.raises(ModelError, match="bad key"):
        await asyncio.wait_for(synthesis(journal, Broken(), limit=4).run(endless()), 10)
    never.set()


async def test_turns_that_are_not_selected_are_counted(journal):
    """With --turns last every other K is skipped with its reason, without a call for it."""
    long = Dialogue("d", tuple(Turn(text, "yes") for text in ("one", "two", "three", "four")), "en")
    work = synthesis(journal, Annotator(), limit=2, turns="last")
    await work.run([long])
    assert work.stream.progress.reasons == {"turn-not-selected": 2, "no-new-path": 1}


@given(st.integers(3300, 200_000), st.integers(1, 4))
def test_dialogue_tree_and_answer_fit_into_the_context(context, q):
    """With 700 tokens for the rest of the prompt, the parts never exceed the context."""
    budget = dialogue_budget(context, q)
    assert budget + budget // 2 + 700 + answer_tokens(context, q) <= context
    assert 60 + 260 * rounds_per_annotation(context, q) <= answer_tokens(context, q)
    assert rounds_per_annotation(context, q) >= 3
