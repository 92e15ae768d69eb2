"""A model trained on SynPT's rows in the workflow: its own words are A^M, in one call (equation 18)."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from proutt.cli import cli
from proutt.errors import AnswerError, UserError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Task
from proutt.llm import ScriptedModel
from proutt.methods.synpt.record import EmotionRecord, OptionsRecord, StateRecord
from proutt.methods.synpt.steps import Exchange
from proutt.methods.synpt.summary import summary_text
from proutt.methods.synpt.trained import read_answer
from proutt.methods.synpt.wording import Thought, answer_text, thinking_text
from proutt.prediction.trained_assistant import mined_of
from proutt.prediction.workflow import Answered, Memory
from proutt.prediction.workflow_models import workflow_of

HOTEL = Task(
    "Book a hotel",
    "en",
    (IntentionType("city", "City", "where"), IntentionType("stars", "Stars", "how good")),
    any_value="any",
    turns=4,
    mean=1.0,
)
NAMES = {"city": "City", "stars": "Stars"}


def asking(given: dict[str, str], ask: str, *, willing: bool = True) -> str:
    """An answer as the rows have it."""
    thought = Thought(
        state=StateRecord(given=given, missing=[key for key in HOTEL.keys if key not in given]),
        ask=ask,
        emotion=EmotionRecord(reasoning="calm", willing=willing),
        options=OptionsRecord(reasoning="usual", options=["3", "4", "5"]),
    )
    text = thinking_text(thought, task=HOTEL.name, names=NAMES, language="en")
    return answer_text(text, f"Which {ask}: 3, 4 or 5?")


def summing_up(**values: str) -> str:
    return answer_text("[Emotion]\nThe user is fine.\nWilling to go on: yes", summary_text(HOTEL, values))


def run(said: str, answer: str, past=(), memory=None) -> tuple[Answered, ScriptedModel, ScriptedModel]:
    """The reply, with the trained model and the larger one."""
    trained = ScriptedModel({"trained": [answer]})
    larger = ScriptedModel({"which-task": [json.dumps({"task": HOTEL.name})], "known": lambda _: "Here is help."})
    workflow = workflow_of((HOTEL,), trained, larger, small=False, seed=0, trained=True)
    turns = [Exchange(*each) for each in past]
    return asyncio.run(workflow.reply("chat", turns, said, memory=memory)), trained, larger


def test_what_it_thinks_and_asks_is_the_reply():
    """State, intention asked for and options from its thinking; one call of it, which task by the larger model."""
    answered, trained, larger = run("A hotel in Suzhou", asking({"city": "Suzhou"}, "stars"))
    assert answered.kind == "asking"
    assert answered.text == "Here is help.\n\nWhich stars: 3, 4 or 5?"
    assert (answered.ask, answered.options) == ("stars", ("3", "4", "5"))
    assert answered.state is not None
    assert answered.state.values == {"city": "Suzhou"}
    assert len(trained.requests) == 1
    assert {each.step for each in larger.requests} == {"which-task", "known"}


def test_it_sees_the_chat_as_it_was_trained_and_sums_up():
    """Of earlier replies its own questions alone, no instruction; a summary of everything ends the questions."""
    first, _, _ = run("A hotel in Suzhou", asking({"city": "Suzhou"}, "stars"))
    past = [("A hotel in Suzhou", first.text)]
    answered, trained, _ = run("four", summing_up(city="Suzhou", stars="four"), past, first.memory)
    assert (answered.kind, answered.summary) == ("complete", {"city": "Suzhou", "stars": "four"})
    assert [(each.role, each.content) for each in trained.requests[0].messages] == [
        ("user", "A hotel in Suzhou"),
        ("assistant", "Which stars: 3, 4 or 5?"),
        ("user", "four"),
    ]


def test_a_summary_that_leaves_something_out_is_of_a_user_who_has_had_enough():
    """Nobody is asked anything more, not even where the summary is put right."""
    answered, _, _ = run("enough", summing_up(city="Suzhou"))
    assert (answered.kind, answered.memory.willing) == ("unwilling", False)
    past = [("enough", answered.text)]
    again, _, _ = run("Hangzhou, rather", asking({"city": "Hangzhou"}, "stars"), past, answered.memory)
    assert (again.kind, again.summary) == ("unwilling", {"city": "Hangzhou"})


def test_silence_is_no_answer():
    """All thinking, and nothing for the user."""
    with pytest.raises(AnswerError, match="said nothing"):
        run("A hotel", "<think>hm</think>")


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(HOTEL.keys), st.text(min_size=1, max_size=9)))
def test_whatever_it_writes_makes_a_state_that_holds(text, before):
    """Text without a readable thinking leaves what was known; what is asked for is missing."""
    state = IntentionState(HOTEL, tuple(before.items()))
    mined = mined_of(read_answer(text, HOTEL), HOTEL, state)
    assert (mined.thinking.ask is None) == mined.thinking.state.complete
    assert mined.reply is None or mined.thinking.ask in mined.thinking.state.missing


@pytest.mark.parametrize("order", [["ask", "--trained"], ["serve", "--trained", "--tasks", "en"]])
def test_a_trained_model_needs_a_larger_one_beside_it(order):
    """It only asks: somebody has to answer."""
    error = CliRunner().invoke(cli, order).exception
    assert isinstance(error, UserError)
    assert "--assistant-model" in str(error)


def test_a_memory_of_a_chat_goes_on_where_thinking_tells_nothing():
    """A reply without thinking asks for what is missing first."""
    memory = Memory(
        0, mined_of(read_answer(asking({"city": "Suzhou"}, "stars"), HOTEL), HOTEL, None).thinking, "Which?"
    )
    answered, _, _ = run("hm", "How many stars?", [("A hotel in Suzhou", "Help.\n\nWhich?")], memory)
    assert (answered.ask, answered.question) == ("stars", "How many stars?")
    assert answered.state is not None
    assert answered.state.values == {"city": "Suzhou"}
