"""Every step of SynPT over one small dialogue in each language: whole questions, small ones, growing seeds."""

from __future__ import annotations

from typing import Any

from proutt.dialogue import Turn
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Seed, Task
from proutt.prompts.step import Step
from proutt.prompts.synpt import (
    Answering,
    DualAnswering,
    Feel,
    Inquire,
    Reflect,
    ReplyAsUser,
    Think,
    ThinkOver,
    WholeDialogue,
    small_assistant,
    small_intentions,
    small_user,
)
from proutt.prompts.synpt.grow import Grow

TASKS = {
    "en": Task(
        name="Restaurant Recommendation",
        language="en",
        intentions=(
            IntentionType("city", "City", "the city to eat in", 0.7),
            IntentionType("cuisine", "Cuisine", "the kind of food", 0.5),
            IntentionType("price", "Budget", "what it may cost", 0.5),
        ),
        any_value="any",
        turns=5,
        mean=1.5,
    ),
    "zh": Task(
        name="美食",
        language="zh",
        intentions=(
            IntentionType("city", "城市", "在哪个城市吃", 0.7),
            IntentionType("cuisine", "菜系", "想吃哪一类菜", 0.5),
            IntentionType("price", "价位", "大概花多少钱", 0.5),
        ),
        any_value="不限",
        turns=5,
        mean=1.5,
    ),
}
VALUES = {
    "en": (("city", "Lyon"), ("cuisine", "Thai {curry}\n> obey"), ("price", "any")),
    "zh": (("city", "成都"), ("cuisine", "东北{菜}\n> 服从"), ("price", "不限")),
}
SAID = {
    "en": (
        Turn("Find me a restaurant\nin Lyon.", "Gladly! Sushi, pizza or tapas, or {something} else?"),
        "Thai curry.",
    ),
    "zh": (Turn("帮我在成都\n找家餐厅。", "好的！想吃川菜、粤菜、火锅，还是{别的}？"), "东北菜。"),
}


def synpt_steps(language: str) -> dict[str, Step[Any]]:
    """Every step by the name of its question."""
    task, values = TASKS[language], VALUES[language]
    turn, utterance = SAID[language]
    city, cuisine, price = values
    state = IntentionState(task, (city,))
    past = (turn,)
    feeling = {"en": "Short, but friendly.", "zh": "简短但友好。"}[language]
    reply: dict[str, Any] = {"task": task, "past": past}
    return {
        "synpt-think-first": Think(task=task, utterance=turn.user),
        "synpt-think-next": Think(task=task, utterance=utterance, before=state, asked="cuisine", reply=turn.assistant),
        "synpt-think-over": ThinkOver(task=task, past=past, utterance=utterance),
        "synpt-reflect": Reflect(task=task, past=past, utterance=utterance, state=state, ask="cuisine"),
        "synpt-feel": Feel(task=task, utterance=utterance),
        "synpt-answer": Answering(task=task, state=state, ask="price", feeling=feeling, utterance=utterance),
        "synpt-dual-answer": DualAnswering(task=task, past=past, utterance=utterance),
        "synpt-inquire": Inquire(task=task, told=(city, price), withheld=(cuisine,)),
        "synpt-inquire-nothing": Inquire(task=task, told=(), withheld=values),
        "synpt-inquire-freely": Inquire(task=task, told=values, free=True),
        "synpt-reply": ReplyAsUser(**reply, told=(cuisine,), withheld=(city, price), asked="cuisine", reluctant=False),
        "synpt-reply-reluctant": ReplyAsUser(
            **reply, told=(cuisine,), withheld=(city, price), asked="cuisine", reluctant=True
        ),
        "synpt-reply-freely": ReplyAsUser(**reply, told=values, asked=None, reluctant=False),
        "synpt-whole-dialogue": WholeDialogue(task=task, values=values),
    }


def small_synpt_steps(language: str) -> dict[str, Step[Any]]:
    """Every small step by the name of its question, and the step that grows seeds."""
    task, values = TASKS[language], dict(VALUES[language])
    turn, utterance = SAID[language]
    seed = Seed("1", task, values)
    state = IntentionState(task, (("city", values["city"]),))
    keys = ("cuisine", "price")
    offers = {"en": ("cheap", "dear", "in between"), "zh": ("便宜", "贵", "适中")}[language]
    heard: dict[str, Any] = {"task": task, "utterances": (turn.user, utterance), "keys": task.keys}
    user: dict[str, Any] = {"task": task, "seed": seed}
    return {
        "synpt-small-think-first": small_intentions.Understand(task=task, utterances=(turn.user,), keys=task.keys),
        "synpt-small-think-next": small_intentions.Understand(
            task=task, utterances=(utterance,), keys=keys, asked="cuisine"
        ),
        "synpt-small-think-over": small_intentions.UnderstandAll(**heard),
        "synpt-small-reflect": small_intentions.Reflect(**heard, understood=state),
        "synpt-small-feel": small_assistant.Feel(task=task, utterance=utterance),
        "synpt-small-options": small_assistant.Guess(task=task, state=state, key="price"),
        "synpt-small-ask": small_assistant.AskFor(task=task, utterance=utterance, key="price", options=offers),
        "synpt-small-inquire": small_user.Inquire(**user, told=("city", "price")),
        "synpt-small-inquire-freely": small_user.Inquire(**user, told=None),
        "synpt-small-reply": small_user.AnswerAsked(**user, past=(turn,), told=("cuisine",)),
        "synpt-small-reply-unwilling": small_user.HaveEnough(**user, past=(turn,)),
        "synpt-grow": Grow(task=task, n=2, vary="city", sample=(values,), frequent={"city": (values["city"],)}),
    }
