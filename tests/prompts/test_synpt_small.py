"""SynPT's small questions: what of an answer they refuse, and their worked examples."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from methods.synpt.script import SEED, SEED_ZH, TASK, TASK_ZH
from proutt.dialogue import Turn
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Task
from proutt.prompts.proutt.small_step import worked_examples
from proutt.prompts.synpt.small_assistant import AskFor, Feel, Guess
from proutt.prompts.synpt.small_intentions import Reflect, Understand, whole_range
from proutt.prompts.synpt.small_question import telling_pattern
from proutt.prompts.synpt.small_user import AnswerAsked, HaveEnough, Inquire


def test_one_value_at_two_points_is_refused():
    """It belongs to one of them."""
    step = Understand(task=TASK, utterances=("Lyon it is.",), keys=TASK.keys)
    both = [{"words": "Lyon", "point": "City"}, {"words": "Lyon", "point": "Cuisine"}]
    assert step.problems(step.answer_model().model_validate({"told": both})) != []


# What is said.


def test_the_reply_offers_the_options_in_one_question():
    """The pattern holds the model to it: an acknowledgement, then the question with all three."""
    model = AskFor(task=TASK, utterance="Hi.", key="city", options=("Paris", "Nice", "Bordeaux")).answer_model()
    model.model_validate({"reply": "A table is soon found. Which city should it be in, Paris, Nice or Bordeaux?"})
    for bad in (
        "Which city, Paris, Nice or Bordeaux?",
        "A table is soon found. Which city should it be in, Paris or Nice?",
    ):
        with pytest.raises(ValidationError):
            model.model_validate({"reply": bad})


def test_the_options_are_offered_once():
    """Not in the acknowledgement, too."""
    step = AskFor(task=TASK, utterance="Hi.", key="city", options=("Paris", "Nice", "Bordeaux"))
    once = "A table is soon found. Which city should it be in, Paris, Nice or Bordeaux?"
    assert step.problems(step.answer_model()(reply=once)) == []
    (problem,) = step.problems(step.answer_model()(reply=once.replace("table", "table in Bordeaux")))
    assert "Bordeaux" in problem


@pytest.mark.parametrize(
    "options",
    [["Paris", "paris", "Nice"], ["Paris", "Nice", "any"], ["Paris", "Nice", "City"]],
    ids=["same", "any", "name"],
)
def test_options_are_three_concrete_values(options):
    """No two alike, none without a preference, none the intention's own name."""
    step = Guess(task=TASK, state=IntentionState(TASK), key="city")
    answer = {"reasoning": "Nothing is known, so large towns come first.", "options": options}
    assert step.problems(step.answer_model().model_validate(answer)) != []


@pytest.mark.parametrize(
    "utterance",
    ["I want Thai curry in Lyon.", "Near the river.", "Lyon, what do you think?", "Stop asking, Lyon."],
    ids=["another value", "not the value", "asks back", "complains"],
)
def test_an_answer_tells_what_was_asked_and_no_more(utterance):
    """In the seed's words, in the user's voice, without a complaint."""
    past = (Turn("Hi.", "Which city should it be in, Paris, Nice or Bordeaux?"),)
    step = AnswerAsked(task=TASK, seed=SEED, told=("city",), past=past)
    answer = {"reasoning": "The user is glad to be asked for it.", "utterance": utterance}
    try:
        problems = step.problems(step.answer_model().model_validate(answer))
    except ValidationError:
        problems = ["it does not fit the pattern"]
    assert problems != []


# Worked examples.

QUESTIONS = {
    language: [
        Understand(task=task, utterances=("-",), keys=task.keys),
        Reflect(task=task, utterances=("-",), keys=task.keys, understood=IntentionState(task)),
        Feel(task=task, utterance="-"),
        Guess(task=task, state=IntentionState(task), key="city"),
        AskFor(task=task, utterance="-", key="city", options=("a", "b", "c")),
        Inquire(task=task, seed=seed, told=()),
        AnswerAsked(task=task, seed=seed, told=(), past=(Turn("-", "-"),)),
        HaveEnough(task=task, seed=seed, past=(Turn("-", "-"),)),
    ]
    for language, task, seed in (("en", TASK, SEED), ("zh", TASK_ZH, SEED_ZH))
}


@pytest.mark.parametrize(
    ("language", "step"),
    [pytest.param(code, step, id=f"{type(step).__name__}-{code}") for code, each in QUESTIONS.items() for step in each],
)
def test_every_worked_example_is_an_answer_that_its_step_would_take(language, step):
    """Patterns and the fields' order: a model copies what it is shown."""
    for example in worked_examples(step.examples(), language, step.folder):
        answer = example["answer"]
        posed: Any = step
        if isinstance(step, Understand):
            names = tuple(IntentionType(f"k{n}", name, meaning) for n, (name, meaning) in enumerate(example["points"]))
            task = Task("-", language, names, step.task.any_value, 3, 1.0)
            facts = {"task": task, "utterances": tuple(example["said"]), "keys": task.keys}
            posed = (
                Reflect(**facts, understood=IntentionState(task)) if isinstance(step, Reflect) else Understand(**facts)
            )
            assert len(posed.found(posed.answer_model().model_validate(answer))) == len(answer["told"])
        if isinstance(step, AskFor):
            posed = AskFor(task=step.task, utterance="-", key="city", options=tuple(example["options"]))
        checked = posed.answer_model().model_validate(answer)
        assert list(answer) == list(type(checked).model_fields)
        assert step.messages()[-1].role == "user"


@pytest.mark.parametrize(
    ("seed", "told", "good", "bad"),
    [
        (
            SEED,
            ("city", "cuisine", "price"),
            "I look for a table in Lyon, best with Thai curry, any Budget is fine.",
            "I look for a table with Thai curry in Lyon, any Budget is fine.",
        ),
        (SEED_ZH, ("city", "price"), "想在成都吃饭，价位不限。", "想在成都吃饭，随便。"),
    ],
)
def test_what_has_to_be_told_is_held_by_the_pattern(seed, told, good, bad):
    """Each value as it stands, in the task's order; no preference by the intention's name."""
    model = Inquire(task=seed.task, seed=seed, told=told, held=True).answer_model()
    model.model_validate({"utterance": good})
    with pytest.raises(ValidationError):
        model.model_validate({"utterance": bad})


@pytest.mark.parametrize(
    ("value", "text", "whole"),
    [
        ("9月19日", "入住和退房日期是9月19日到9月25日，不限星级。", "9月19日到9月25日"),
        ("June 12", "From June 12 to June 16, please.", "June 12 to June 16"),
        ("06:00", "Between 06:00-12:00.", "06:00-12:00"),
        ("9月19日", "9月19日出发，到上海。", "9月19日"),
        ("Paris", "Paris to 2 other towns", "Paris"),
        ("4天", "玩4天，预算3000元。", "4天"),
    ],
)
def test_a_range_is_taken_whole(value, text, whole):
    """Where the user's words go on to its other end."""
    assert whole_range(value, text) == whole


@given(st.lists(st.tuples(st.just("name"), st.text(min_size=1, max_size=12)), min_size=1, max_size=4))
def test_any_value_can_stand_in_the_pattern(told):
    """Whatever signs it holds: the values one after the other match, or no pattern is made."""
    pattern = telling_pattern("en", told)
    if pattern is None:
        assert any(sign in value for _, value in told for sign in '"\\\n')
    else:
        assert re.fullmatch(pattern[1:-1], ", ".join(value for _, value in told) + ".", re.DOTALL)
