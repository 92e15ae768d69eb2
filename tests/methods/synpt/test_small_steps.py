"""SynPT's small steps: what code and rules decide, what a small model is asked, and what becomes of its answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from methods.synpt.script import CANARIES, SEED, SEED_ZH, TASK, TASK_ZH
from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Seed, Task
from proutt.llm import ScriptedModel, ask
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.settings import Ablation, SynPTSettings
from proutt.methods.synpt.small_steps import SmallSteps, decided_by_rules, named_any, patience, thinking_of
from proutt.methods.synpt.steps import Exchange
from proutt.prompts.synpt.small_assistant import AskFor, Feel, Guess
from proutt.prompts.synpt.small_intentions import Reflect, Understand, UnderstandAll
from proutt.prompts.synpt.small_question import SmallQuestion
from proutt.prompts.synpt.small_user import HaveEnough, Inquire

SMALL = SynPTSettings(small_steps=True, reluctant=0.0)
OFFERS = {
    "en": {
        "City": ["Paris", "Nice", "Bordeaux"],
        "Cuisine": ["sushi", "pizza", "tapas"],
        "Budget": ["low", "middle", "high"],
    },
    "zh": {"城市": ["上海", "北京", "广州"], "菜系": ["川菜", "粤菜", "火锅"], "价位": ["低档", "中档", "高档"]},
}


class Small:
    """Plays a small model, whose answers are worked out from the step; those given by name go first, one a call."""

    def __init__(self, **answers: list[Any]) -> None:
        self.asked: list[tuple[SmallQuestion, str]] = []
        self._answers = answers

    async def __call__(self, step: Any, place: str) -> Any:
        self.asked.append((step, place))
        own = self._answers.get(type(step).__name__)
        model = ScriptedModel(
            {step.name: lambda _: json.dumps(own.pop(0) if own else played(step), ensure_ascii=False)}
        )
        return await ask(
            model,
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(0),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
            tries=step.tries,
        )

    def of(self, kind: type) -> list[Any]:
        return [step for step, _ in self.asked if isinstance(step, kind)]


def played(step: Any) -> dict[str, Any]:
    """A usable answer."""
    zh = step.language == "zh"
    thought = "用户刚刚说明了自己的需求和想法。" if zh else "The user speaks of a plain wish and of nothing else."
    if isinstance(step, Understand):
        seed, text = (SEED_ZH if zh else SEED), "\n".join(step.utterances)
        told = [
            {"words": value, "point": step.task.name_of(key)}
            for key, value in seed.values.items()
            if key in step.keys and value in text
        ]
        return ({"reasoning": thought} if isinstance(step, Reflect) else {}) | {"told": told}
    if isinstance(step, Feel):
        return {"reasoning": thought, "willing": step.known is not False}
    if isinstance(step, Guess):
        return {"reasoning": thought, "options": OFFERS[step.language][step.task.name_of(step.key)]}
    if isinstance(step, AskFor):
        one, two, three = step.options
        asks = (
            f"那么{step.task.name_of(step.key)}是哪一种呢，"
            if zh
            else f"Which {step.task.name_of(step.key)} is it, perhaps "
        )
        return {
            "reply": f"好的，都记下了。{asks}{one}、{two}还是{three}？"
            if zh
            else f"Noted, thank you. {asks}{one}, {two} or {three}?"
        }
    values = [step.seed.values[key] for key in step.told or ()]
    said = "，".join(values) or "想找个地方吃饭" if zh else ", ".join(values) or "I look for a place to eat"
    if isinstance(step, Inquire):
        return {"utterance": f"{said}。" if zh else f"{said}."}
    if isinstance(step, HaveEnough):
        return {
            "reasoning": thought,
            "utterance": "够了，不想再被问来问去。" if zh else "That makes too many questions for me.",
        }
    return {"reasoning": thought, "utterance": f"{said}。" if zh else f"{said}."}


def run(seed: Seed, settings: SynPTSettings, small: Small) -> Any:
    steps = SmallSteps(small, settings)
    return asyncio.run(simulate_dialogue(seed, settings=settings, steps=steps, ask=small))


# A whole dialogue.


@pytest.mark.parametrize("seed", [SEED, SEED_ZH], ids=["en", "zh"])
def test_a_dialogue_ends_with_the_seed_as_its_summary(seed):
    """Each turn tells what was asked, nothing is asked twice, and no check finds anything."""
    made = run(seed, SMALL, Small())
    assert (made.end, made.flags) == ("nothing-missing", ())
    assert made.turns[-1].assistant.summary == dict(seed.values)


def test_what_is_asked_for_goes_in_the_tasks_order():
    """No model chooses: the first intention that is missing is asked for."""
    asked = [turn.assistant.ask for turn in run(SEED, SMALL, Small()).turns[:-1]]
    assert asked == sorted(asked, key=TASK.keys.index)
    assert thinking_of(IntentionState(TASK, (("cuisine", "Thai curry"),))).ask == "city"


def test_a_reluctant_user_answers_as_often_as_was_drawn():
    """Then it says that it wants no more questions, tells nothing, and the assistant sums up."""
    six = Task("Six", "en", tuple(IntentionType(f"k{n}", f"point {n}", "") for n in range(6)), "any", 9, 0.0, 1e-3)
    seed = Seed("tired", six, {f"k{n}": f"value{n}" for n in range(6)})
    small = Small(
        Guess=[{"reasoning": "Nothing is known, so plain values come first.", "options": ["a", "b", "c"]}] * 9
    )
    small_answers = small._answers
    small_answers["Understand"] = [
        {"told": []},
        *({"told": [{"words": f"value{n}", "point": f"point {n}"}]} for n in range(6)),
    ]
    made = run(seed, SMALL.model_copy(update={"reluctant": 1.0}), small)
    answered = [turn for turn in made.turns[1:] if not turn.user.unwilling]
    assert len(answered) == patience(seed, 0)
    assert (made.end, made.turns[-1].user.told) == ("reluctant", [])
    assert len(made.turns[-1].assistant.summary) == patience(seed, 0)


def test_patience_is_keyed_by_the_seed():
    """One question to half of the task's intentions, always the same for a seed, and not the same for all."""
    drawn = {patience(Seed(f"s{n}", TASK_ZH, SEED_ZH.values), 0) for n in range(9)}
    wide = Task("Six", "en", tuple(IntentionType(f"k{n}", f"point {n}", "") for n in range(6)), "any", 9, 3.0)
    spread = {patience(Seed(f"s{n}", wide, dict.fromkeys(wide.keys, "x")), 0) for n in range(40)}
    assert (drawn, spread) == ({1}, {1, 2, 3})


@pytest.mark.parametrize(
    ("settings", "step"),
    [({"ablate": (Ablation.MEMORY_STACK,)}, UnderstandAll), ({"reflection": True}, Reflect)],
)
def test_the_whole_dialogue_is_read_where_the_settings_say_so(settings, step):
    """Without the stack every turn, and for a second look."""
    small = Small()
    made = run(SEED, SMALL.model_copy(update=settings), small)
    assert made.turns[-1].assistant.summary == dict(SEED.values)
    assert [len(each.utterances) for each in small.of(step)] == list(range(1, len(made.turns) + 1))


def test_no_question_of_the_assistant_holds_the_seed():
    """Until the user has said a value, no step of the assistant agent has it in sight."""
    small = Small(Inquire=[{"utterance": "I look for a place to eat."}])
    asyncio.run(SmallSteps(small, SMALL).inquire("x", CANARIES, ()))
    steps = SmallSteps(small, SMALL)
    thinking = asyncio.run(steps.think("x", TASK, "I look for a place to eat.", None, None))
    emotion = asyncio.run(steps.feel("x", TASK, "I look for a place to eat."))
    asyncio.run(steps.answer("x", thinking, emotion, "I look for a place to eat."))
    shown = [message.content for step, _ in small.asked[1:] for message in step.messages()]
    assert shown
    assert not any(value in text for text in shown for value in CANARIES.values.values())


# Intention thinking.


@pytest.mark.parametrize(
    ("task", "utterance", "reply", "news"),
    [
        (TASK, "Nice.", "Which City is it, perhaps Paris, Nice or Bordeaux?", {"city": "Nice"}),
        (TASK, "No preference.", "Which City is it?", {"city": "any"}),
        (TASK, "I don't mind.", "Which City is it?", {"city": "any"}),
        (TASK, "Lyon.", "Which City is it, perhaps Paris, Nice or Bordeaux?", {}),
        (TASK, "Nice, and it has to be something with fish for two people.", "Paris, Nice or Bordeaux?", {}),
        (TASK_ZH, "北京吧", "上海、北京还是广州？", {}),
        (TASK_ZH, "北京。", "上海、北京还是广州？", {"city": "北京"}),
        (TASK_ZH, "都可以。", "上海、北京还是广州？", {"city": "不限"}),
        (TASK_ZH, "50元以内，随便。", "上海、北京还是广州？", {}),
    ],
)
def test_a_short_answer_is_read_by_rules(task, utterance, reply, news):
    """One of the offered options in its words, or no preference; everything else is left to the model."""
    assert decided_by_rules(task, "city", utterance, reply) == news


@pytest.mark.parametrize(
    ("task", "utterance", "news"),
    [
        (TASK, "A table in Lyon, the budget does not matter.", {"price": "any"}),
        (TASK, "Do you have any idea about the budget?", {}),
        (TASK, "The budget and the city do not matter.", {"city": "any", "price": "any"}),
        (TASK, "Under 50 for the budget, and any city.", {"city": "any"}),
        (TASK, "Any city.", {"city": "any"}),
        (TASK_ZH, "想吃东北菜，价位不限。", {"price": "不限"}),
        (TASK_ZH, "想吃东北菜，都可以。", {}),
    ],
)
def test_an_intention_that_is_said_not_to_matter_by_its_name_is_known(task, utterance, news):
    """Of the clause that names them, which is no question."""
    assert named_any(task, task.keys, utterance)[0] == news


def test_what_was_read_by_rules_is_not_shown_to_the_model():
    """It would be filed a second time, under another name."""
    assert named_any(TASK_ZH, TASK_ZH.keys, "想吃东北菜，价位不限。") == ({"price": "不限"}, "想吃东北菜，")


def test_what_nobody_said_is_left_open():
    """A value that the user's words do not hold is dropped, and so is a preference that was not waived."""
    made_up = {"told": [{"words": "Paris", "point": "City"}, {"words": "any", "point": "Budget"}]}
    small = Small(Understand=[made_up])
    thinking = asyncio.run(SmallSteps(small, SMALL).think("x", TASK, "A table for tonight.", None, None))
    assert thinking.state.given == ()


def test_what_was_asked_for_is_asked_of_the_model_again_where_it_made_it_up():
    """The answer to a question is not dropped in silence."""
    small = Small(
        Understand=[{"told": [{"words": "Paris", "point": "City"}]}] * 4
        + [{"told": [{"words": "Lyon", "point": "City"}]}]
    )
    before = thinking_of(IntentionState(TASK))
    thinking = asyncio.run(SmallSteps(small, SMALL).think("x", TASK, "In Lyon, I would say.", before, "Which city?"))
    assert thinking.state.values == {"city": "Lyon"}


def test_words_that_do_not_tell_are_held_to_it_at_last():
    """Three free answers leave the value out; then the grammar has it."""
    small = Small(Inquire=[{"utterance": "I look for a place to eat."}] * 3)
    said = asyncio.run(SmallSteps(small, SMALL).inquire("x", SEED, ("city",)))
    assert (said.utterance, [step.held for step in small.of(Inquire)]) == ("Lyon.", [False, True])


def tired(small: Small) -> Any:
    """What a user says who was asked often enough."""
    past = (Exchange("Hi.", "Which city?"),) * 2
    return asyncio.run(SmallSteps(small, SMALL).reply("x", SEED, past, "city", reluctant=True))


OPEN = {"reasoning": "The user is asked too much for its taste.", "utterance": "Let me see."}


def test_a_user_who_has_enough_has_to_say_so():
    """Words that leave it open are refused, and there are only so many tries."""
    small = Small(HaveEnough=[OPEN] * 6)
    with pytest.raises(AnswerError):
        tired(small)
    assert small._answers["HaveEnough"] == []


def test_a_tired_user_who_finds_no_words_is_held_to_clear_ones():
    """Three free answers leave it open; then the grammar has a phrase that does not."""
    clear = {**OPEN, "utterance": "I have a train to catch, no more questions."}
    small = Small(HaveEnough=[OPEN, OPEN, OPEN, clear])
    assert (tired(small).utterance, small.of(HaveEnough)[-1].held) == (clear["utterance"], True)
