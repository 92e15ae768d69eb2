"""SynPT's agent workflow: every reply answers what is known, then asks for one thing that is missing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Task
from proutt.llm import ScriptedModel
from proutt.methods.synpt.steps import Emotion, Exchange, Options, Reply, Thinking
from proutt.prediction.asking import ModelAsking
from proutt.prediction.workflow import Answered, Hearing, Memory, Workflow

HOTEL = Task(
    "Book a hotel",
    "en",
    (IntentionType("city", "City", "where"), IntentionType("stars", "Stars", "how good")),
    any_value="any",
    turns=4,
    mean=1.0,
)


class Assistant:
    """An assistant agent that knows cities and stars by their words, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def _state(self, state: IntentionState, text: str) -> Thinking:
        city = next((each for each in ("Suzhou", "Hangzhou") if each in text), None)
        news = {"city": city} if city else {}
        news |= {"stars": "four"} if "four" in text else {}
        state = state.updated(news)
        return Thinking(state, None if state.complete else state.missing[0])

    async def think(self, place, task, utterance, before, reply):
        self.asked.append(f"think after {reply!r}")
        return self._state(before.state if before else IntentionState(task), utterance)

    async def think_over(self, place, task, past, utterance):
        self.asked.append("think over")
        return self._state(IntentionState(task), " ".join([*(each.utterance for each in past), utterance]))

    async def feel(self, place, task, utterance):
        self.asked.append("feel")
        return Emotion("", willing="enough" not in utterance)

    async def answer(self, place, thinking, emotion, utterance):
        self.asked.append("answer")
        return Reply(Options("", ("1", "2", "3")), f"Which {thinking.ask}?")


def run(said: str, past=(), *, memory=None, task="Book a hotel", larger="Here is help.") -> tuple[Answered, ...]:
    """The reply, with the assistant agent and the larger model that made it."""
    assistant, small = Assistant(), ScriptedModel({"which-task": [json.dumps({"task": task})] * 2})
    big = ScriptedModel({step: lambda _: larger for step in ("known", "plain", "execute")})
    ask = ModelAsking(lambda _: small, seed=0)
    workflow = Workflow((HOTEL,), assistant, ask, big)
    past = [Exchange(*each) for each in past]
    answered = asyncio.run(workflow.reply("chat", past, said, memory=memory))
    return answered, assistant, big


def test_a_reply_answers_what_is_known_and_asks_for_one_thing():
    """A^L of what is known, then the question, with three options and the state as fields (equations 18 to 20)."""
    answered, assistant, big = run("A hotel in Suzhou {please}")
    assert answered.kind == "asking"
    assert answered.text == "Here is help.\n\nWhich stars?"
    assert answered.options == ("1", "2", "3")
    assert answered.state is not None
    assert answered.state.values == {"city": "Suzhou"}
    assert answered.state.missing == ("stars",)
    assert answered.ask == "stars"
    assert assistant.asked == ["think after None", "answer"]
    (question,) = big.of_step("known")
    assert "> City: Suzhou" in question.messages[0].content
    assert "> A hotel in Suzhou {please}" in question.messages[0].content


def test_the_memory_stack_is_carried_from_reply_to_reply():
    """Thinking gets the last exchange and S_{i-1}, of the exchange the question alone; the task is not asked again."""
    first, _, _ = run("A hotel in Suzhou")
    past = [("A hotel in Suzhou", first.text)]
    second, assistant, big = run("four", past, memory=first.memory, task="none")
    assert "think after 'Which stars?'" in assistant.asked
    assert "think over" not in assistant.asked
    assert second.kind == "complete"
    assert second.summary == {"city": "Suzhou", "stars": "four"}
    assert second.text == "Task: Book a hotel\nCity: Suzhou\nStars: four"
    assert big.requests == []  # it is done when the user says so


def test_what_is_understood_is_told_before_it_is_answered():
    """S_i and T_i first, then the answer as it comes: a page need not wait for all of it."""
    small = ScriptedModel({"which-task": [json.dumps({"task": "Book a hotel"})]})
    big = ScriptedModel({"known": ["Here is help."]})
    told: list[object] = []
    hearing = Hearing(lambda state, ask: told.append((state.values, ask)), told.append)
    workflow = Workflow((HOTEL,), Assistant(), ModelAsking(lambda _: small, seed=0), big)
    asyncio.run(workflow.reply("chat", [], "A hotel in Suzhou", hearing=hearing))
    assert told[0] == ({"city": "Suzhou"}, "stars")
    assert told[-1] == "Here is help."


def test_a_chat_without_memory_is_read_from_its_beginning():
    """Who lost the memory, or never had it, gets the same state from the whole chat (equation 12)."""
    answered, assistant, _ = run("four", [("A hotel in Suzhou", "Which stars?")])
    assert "think over" in assistant.asked
    assert answered.kind == "complete"


def test_an_unwilling_user_is_asked_no_more():
    """The summary has what was given; what is said after it is taken in, and still nothing is asked for."""
    first, _, _ = run("A hotel in Suzhou")
    answered, assistant, _ = run("enough questions", [("A hotel in Suzhou", first.text)], memory=first.memory)
    assert answered.kind == "unwilling"
    assert answered.question == ""
    assert answered.options == ()
    assert answered.summary == {"city": "Suzhou"}
    assert "answer" not in assistant.asked
    past = [("A hotel in Suzhou", first.text), ("enough questions", answered.text)]
    later, assistant, _ = run("well, in Hangzhou", past, memory=answered.memory)
    assert (later.kind, later.summary) == ("unwilling", {"city": "Hangzhou"})
    assert assistant.asked == ["think after None"]


def test_a_summary_is_put_right_before_it_is_done():
    """What the user says to it replaces a value; another matter leaves it standing; another task leaves it."""
    state = IntentionState(HOTEL, (("city", "Suzhou"), ("stars", "four")))
    past, memory = [("A hotel in Suzhou, four", "Task: …")], Memory(thinking=Thinking(state, None))
    mended, _, _ = run("No, Hangzhou", past, memory=memory)
    assert (mended.kind, mended.summary) == ("complete", {"city": "Hangzhou", "stars": "four"})
    aside, _, _ = run("What is a lake?", past, memory=memory, task="none")
    assert (aside.kind, aside.memory) == ("plain", memory)
    other = replace(memory, thinking=Thinking(IntentionState(replace(HOTEL, name="Eat"), state.given), None))
    begun, _, _ = run("A hotel in Hangzhou", past, memory=other)
    assert (begun.kind, begun.state.values, begun.memory.since) == ("asking", {"city": "Hangzhou"}, 1)


def test_a_task_is_done_from_its_summary_alone():
    """The larger model reads the intentions, nothing of the chat; what it says comes as it is said (VII-A)."""
    _, _, big = run("A hotel in Suzhou")
    heard: list[str] = []
    workflow = Workflow((HOTEL,), Assistant(), ModelAsking(lambda _: big, seed=0), big)
    state = IntentionState(HOTEL, (("city", "Suzhou"), ("stars", "four\nstars")))
    done = asyncio.run(workflow.execute("chat", state, hearing=Hearing(said=heard.append)))
    assert (done.text, done.finish, heard[-1]) == ("Here is help.", "stop", "Here is help.")
    (asked,) = big.of_step("execute")
    assert "> City: Suzhou\n> Stars: four stars\n" in asked.messages[0].content


def test_a_chat_about_no_known_task_gets_a_plain_answer():
    """The larger model sees the chat as its own, and nobody is asked for intentions."""
    answered, assistant, big = run("What is a lake?", [("Hi", "Hello")], task="none")
    assert answered.kind == "plain"
    assert answered.text == "Here is help."
    assert answered.state is None
    assert assistant.asked == []
    assert [each.role for each in big.of_step("plain")[0].messages] == ["user", "assistant", "user"]
    assert answered.summary is None


def test_what_was_said_before_the_task_counts_for_it():
    """A plain answer closes nothing: a city named before is known once the task begins, and no mood is read."""
    plain, _, _ = run("I love Suzhou", task="none")
    answered, assistant, _ = run("Find me a hotel", [("I love Suzhou", plain.text)], memory=plain.memory)
    assert answered.state is not None
    assert answered.state.values == {"city": "Suzhou"}
    assert "feel" not in assistant.asked


def test_a_task_that_was_done_is_over():
    """The next utterance begins anew: nothing of the task before is known to the one after it."""
    past = [("A hotel in Suzhou, four stars", "done")]
    answered, _, _ = run("Another hotel", past, memory=Memory(since=1))
    assert answered.state is not None
    assert answered.state.values == {}
    assert answered.memory.since == 1


def test_a_memory_of_a_longer_chat_counts_for_nothing():
    """A page may have edited its chat: what cannot be of this chat is not believed."""
    answered, _, _ = run("four", [("Suzhou", "Which stars?")], memory=Memory(since=7))
    assert answered.kind == "complete"


def test_reasoning_is_no_part_of_an_answer_and_silence_is_no_answer():
    """`<think>` text is left out; a larger model that says nothing else is an AnswerError, never an empty reply."""
    answered, _, _ = run("What?", task="none", larger="<think>hm</think>A lake.")
    assert answered.text == "A lake."
    with pytest.raises(AnswerError):
        run("What?", task="none", larger="<think>hm</think>")


def test_the_workflow_speaks_chinese():
    """Of a Chinese task the larger model is asked in Chinese."""
    task = replace(HOTEL, name="订酒店", language="zh")
    small = ScriptedModel({"which-task": ['{"task": "订酒店"}']})
    big = ScriptedModel({"known": ["好的"]})
    workflow = Workflow((task,), Assistant(), ModelAsking(lambda _: small, seed=0), big)
    answered = asyncio.run(workflow.reply("chat", [], "订酒店"))
    assert answered.kind == "asking"
    assert "（还没有）" in big.requests[0].messages[0].content
    assert "已知的任务" in small.requests[0].messages[1].content
