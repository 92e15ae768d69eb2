"""Dialogues of a model under test: how it is talked to, when they end, what is asked about them afterwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import AnswerError, ModelError
from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.examining import Examining
from proutt.evaluation.synpt.judging import emotion, mining, option_scores
from proutt.evaluation.synpt.loop import Talk, talk
from proutt.evaluation.synpt.subjects import Answer, AssistantAgent, Chatting, Counted, Turn, UnderTest, instruction
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Seed, Task
from proutt.llm import ScriptedModel
from proutt.methods.synpt.steps import Emotion, Options, Reply, Said, Thinking
from proutt.methods.synpt.summary import summary_text
from proutt.prediction.asking import ModelAsking
from proutt.prompts.synpt_evaluation.quoting import quoted

TASK = Task(
    "table", "en", tuple(IntentionType(key, key.title(), f"the {key}") for key in ("city", "food")), "any", 3, 1.0
)
SEED = Seed("s", TASK, {"city": "Lyon", "food": "noodles"})
CASE = Case(SEED, (), "none")


class User:
    """A user that says "ok", and notes what it was told to do."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, str | None, bool]] = []

    async def inquire(self, place, seed, told):
        raise AssertionError("the inquiry is there already")

    async def reply(self, place, seed, past, asked, *, reluctant):
        self.calls.append((place, len(past), asked, reluctant))
        return Said("ok", None)


def chatting(*replies: str, told: bool = False) -> tuple[Chatting, ScriptedModel, Counted]:
    model, used = ScriptedModel({"subject": list(replies)}), Counted()
    return Chatting(model, 0, 0.01, instruction if told else None, used.add), model, used


def held(*replies: str) -> tuple[Talk, ScriptedModel, User]:
    subject, model, _ = chatting(*replies)
    user = User()
    return asyncio.run(talk("s/1", CASE, "Hi {there}", subject, user)), model, user


def ask_of(**answers: object) -> ModelAsking:
    scripts = {name.replace("_", "-"): [json.dumps(each)] for name, each in answers.items()}
    return ModelAsking(lambda _: ScriptedModel(scripts), seed=0)


SUMMARY = summary_text(TASK, SEED.values)


def test_a_summary_ends_the_dialogue_and_anything_else_is_a_question():
    """The model sees the chat without its own reasoning; the user is told neither what is asked nor to tire."""
    found, model, user = held("<think>no city</think>Which city?", f"<think>all</think>{SUMMARY}")
    assert found.end == "summary"
    assert [turn.answer.text for turn in found.turns] == ["Which city?", SUMMARY]
    assert found.turns[1].answer.summary == dict(SEED.values)
    assert user.calls == [("s/1/2/user", 1, None, False)]
    last = model.requests[-1]
    assert [(each.role, each.content) for each in last.messages] == [
        ("user", "Hi {there}"),
        ("assistant", "Which city?"),
        ("user", "ok"),
    ]
    assert last.sampling.temperature == 0.01
    assert last.sampling.seed != model.requests[0].sampling.seed


def test_a_dialogue_is_cut_off_at_the_tasks_most_turns():
    """No user is asked for a reply that nobody answers."""
    found, _, user = held("a?", "b?", "c?")
    assert (found.end, len(found.turns), len(user.calls)) == ("most-turns", 3, 2)


def test_a_model_that_says_nothing_ends_the_dialogue():
    """Reasoning alone is no reply: nobody could answer it."""
    found, _, _ = held("a?", "<think>hmm")
    assert (found.end, len(found.turns)) == ("silent", 2)


def failing(*answers: object) -> UnderTest:
    """A model under test that answers so, or raises."""
    left = list(answers)

    async def subject(place, task, past, utterance):
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(str(answer))

    return UnderTest(subject)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AnswerError("no JSON", step="think", kind="not-json", raw="hm"), "not-json"),
        (ModelError("the prompt is too long", kind="context-too-long"), "context-too-long"),
    ],
)
def test_a_failure_of_the_model_under_test_ends_the_dialogue_and_is_right_about_nothing(error, kind):
    """Its reason is kept, what was said stays, and no judge is asked."""
    found = asyncio.run(talk("s/1", CASE, "Hi", failing("Where?", error), User()))
    assert (found.end, found.failure, len(found.turns)) == ("failed", kind, 2)
    examining = Examining(EvaluateConfig(emotions=True), failing(), ask_of(), lambda _: 800)
    made = asyncio.run(examining.examined("s/1", CASE, found))
    assert (made.vagueness_right, made.mined, made.summary_right, made.emotion) == (False, False, False, None)


def test_an_endpoint_that_fails_says_nothing_of_the_model():
    """The error is raised, and the dialogue can be taken up again."""
    with pytest.raises(ModelError):
        asyncio.run(talk("s/1", CASE, "Hi", failing(ModelError("gone", kind="timeout", retryable=True)), User()))


def test_a_prompted_model_is_told_task_intentions_and_form():
    """In the task's language, before the chat; a task's own text is never read as a template."""
    subject, model, used = chatting("a?", told=True)
    odd = Task("{task}", "zh", (IntentionType("x", "城市", "{any}"),), "不限", 3, 0.5)
    asyncio.run(subject("p", odd, (), "你好"))
    system = model.requests[0].messages[0]
    assert system.role == "system"
    assert "{task}" in system.content
    assert "- 城市：{any}" in system.content
    assert "<summary>" in system.content
    assert used.record.calls == 1


class Steps:
    """An assistant agent that asks for the city, and takes "enough" for unwilling."""

    async def think(self, place, task, utterance, before, reply):
        state = before.state if before else IntentionState(task)
        return Thinking(state, state.missing[0])

    async def feel(self, place, task, utterance):
        return Emotion("", willing="enough" not in utterance)

    async def answer(self, place, thinking, emotion, utterance):
        return Reply(Options("", ("a", "b", "c")), "Which city?")


def test_the_assistant_agent_says_what_it_asks_for_and_stops_for_the_unwilling():
    """Its fields come along; the first words are of nobody who was asked too much."""
    agent = AssistantAgent(Steps())
    first = asyncio.run(agent("p", TASK, (), "enough of this, a table"))
    assert (first.asked, first.options, first.summary) == ("city", ("a", "b", "c"), None)
    second = asyncio.run(agent("p", TASK, (Turn("x", first),), "enough"))
    assert second.summary == {}


def asked_dialogue(*texts: str) -> Talk:
    turns = [Turn(f"u{n}", Answer(text)) for n, text in enumerate(texts)]
    return Talk((*turns, Turn("last", Answer(SUMMARY, summary=dict(SEED.values)))), "summary")


def test_a_judge_tells_what_words_do_not():
    """One question a dialogue, of the asking replies alone; where nothing was missing nobody is asked."""
    found = asyncio.run(
        mining("p", CASE, asked_dialogue("Where?", "Hm?"), ask_of(asked={"asked": [["city"], []]}), 800)
    )
    assert (found.asked, found.by) == ([["city"], [], []], "judge")
    clear = Case(SEED, TASK.keys, "all")
    assert asyncio.run(mining("p", clear, asked_dialogue("Where?"), ask_of(), 800)).asked is None
    assert asyncio.run(mining("p", CASE, asked_dialogue("Where?"), None, 800)).by is None


@pytest.mark.parametrize("willing", [True, False])
def test_an_unwilling_user_is_shown_to_the_model_in_place_of_the_reply(willing):
    """The altered words stand where the reply stood; what came after is unseen; whether it went on with the willing
    is known from the dialogue."""
    heard: list[tuple[Sequence[Turn], str]] = []

    async def subject(place, task, past, utterance):
        heard.append((past, utterance))
        return Answer(SUMMARY, summary={}) if willing else Answer("And the food?")

    dialogue = asked_dialogue("Where?", "What?")
    step = ask_of(unwilling={"utterance": "u1, and stop asking"})
    probe = asyncio.run(emotion("p", CASE, dialogue, [["city"], ["food"], []], subject, step, budget=800, seed=0))
    assert probe is not None
    assert (probe.turn, probe.missing, probe.went_on) == (2, True, True)  # by turn 3 nothing is missing any more
    assert probe.stopped is willing
    assert heard == [(dialogue.turns[:1], "u1, and stop asking")]


def test_a_dialogue_without_a_reply_has_no_mood():
    """Nobody was asked anything."""
    one = Talk((Turn("u", Answer(SUMMARY, summary={})),), "summary")
    assert asyncio.run(emotion("p", CASE, one, None, None, ask_of(), budget=800, seed=0)) is None  # type: ignore[arg-type]


def test_options_are_scored_reply_by_reply():
    """Against what the user wants of the intention that the reply asks for; a reply without options has no score."""
    scores = [{"reason": "close", "score": 2}, {"reason": "none", "score": None}]
    ask = ask_of(option_scores={"scores": scores})
    found = asyncio.run(option_scores("p", CASE, asked_dialogue("a", "b"), [["city"], ["food"], []], ask, 800))
    assert found is not None
    assert [(each.turn, each.score) for each in found] == [(1, 2), (2, None)]
    assert asyncio.run(option_scores("p", CASE, asked_dialogue("a"), [[], []], ask, 800)) is None


@given(st.text(max_size=400), st.integers(4, 60))
def test_quoted_text_never_leaves_its_marks(text, most):
    """Whatever a model wrote, every line of it stands behind a mark."""
    assert all(line.startswith("> ") for line in quoted(text, most).splitlines())
