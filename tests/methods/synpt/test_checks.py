"""Every flag: what raises it, and that a good dialogue has none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from methods.synpt.script import SEED, Script, dialogue_of
from proutt.methods.synpt.checks import CHECKS, flags_of
from proutt.methods.synpt.inquiry import draw_inquiry
from proutt.methods.synpt.record import OptionsRecord, SimulatedTurn, StateRecord
from proutt.methods.synpt.simulated import Simulated

RUN_SEED = next(number for number in range(10000) if draw_inquiry(SEED, number) == ("city",))


@pytest.fixture(scope="module")
def good() -> Simulated:
    """City in the inquiry; cuisine and budget are asked for, then comes the summary."""
    return asyncio.run(dialogue_of(Script(), seed=RUN_SEED))


def changed(dialogue: Simulated, number: int, **changes: Any) -> Simulated:
    """The dialogue with another turn: `user_utterance="..."` changes that field of its user."""
    turn = dialogue.turns[number]
    sides = {"user": turn.user, "assistant": turn.assistant}
    for name, value in changes.items():
        side, _, field = name.partition("_")
        sides[side] = sides[side].model_copy(update={field: value})
    turns = list(dialogue.turns)
    turns[number] = SimulatedTurn(**sides)
    return replace(dialogue, turns=tuple(turns))


def test_a_good_dialogue_has_no_flag(good):
    """Three turns: two that ask, one that sums up."""
    assert len(good.turns) == 3
    assert flags_of(good) == ()


BROKEN: dict[str, list[Callable[[Simulated], Simulated]]] = {
    "told-unasked": [
        lambda d: changed(d, 0, user_utterance="A restaurant in Lyon with Thai curry"),
        lambda d: changed(replace(d, inquiry=()), 0, user_utterance="A restaurant in Lyon", user_told=[]),
    ],
    "asked-twice": [
        lambda d: changed(d, 1, assistant_ask="cuisine"),
        lambda d: changed(d, 0, assistant_ask="city"),
    ],
    "role-flipped": [
        lambda d: changed(d, 1, user_utterance="Thai curry. What is your budget?"),
        lambda d: changed(d, 1, user_utterance="User: Thai curry"),
        lambda d: changed(d, 1, assistant_reply="Assistant: up to 20 euros, up to 40 euros or up to 60 euros?"),
    ],
    "reasoning-in-reply": [
        lambda d: changed(d, 1, assistant_reply="<think>x</think> up to 20 euros, up to 40 euros or up to 60 euros?"),
        lambda d: changed(d, 0, assistant_reply="Analysis: Lyon. So sushi, pizza or tapas?"),
    ],
    "options-not-distinct": [
        lambda d: changed(d, 0, assistant_options=OptionsRecord(reasoning="", options=["sushi", "Sushi", "pizza"])),
        lambda d: changed(d, 0, assistant_options=OptionsRecord(reasoning="", options=["sushi", "pizza"])),
        lambda d: changed(d, 0, assistant_options=OptionsRecord(reasoning="", options=["sushi", "pizza", "any"])),
    ],
    "options-not-in-reply": [lambda d: changed(d, 0, assistant_reply="Sushi or pizza?")],
    "summary-disagrees": [
        lambda d: changed(d, 2, assistant_summary={"city": "Paris"}),
        lambda d: changed(d, 2, assistant_summary={"price": "77 euros"}),
    ],
    "state-disagrees": [
        lambda d: changed(d, 0, assistant_state=StateRecord(given={"city": "Rome"}, missing=["cuisine", "price"])),
        lambda d: changed(d, 0, assistant_state=StateRecord(given={}, missing=["city", "cuisine", "price"])),
    ],
    "emotion-disagrees": [
        lambda d: changed(d, 1, user_unwilling=True),
        lambda d: changed(d, 2, assistant_emotion=d.turns[2].assistant.emotion.model_copy(update={"willing": False})),
    ],
    "incomplete": [lambda d: replace(d, end="most-turns")],
}


@pytest.mark.parametrize(("name", "breaking"), [(name, each) for name, all_of in BROKEN.items() for each in all_of])
def test_each_fault_raises_its_flag(good, name, breaking):
    """That one, whatever else it may raise."""
    assert name in flags_of(breaking(good))


def test_every_check_is_tried():
    """A new one joins the faults above, or this one fails; flags are told in the order of the checks."""
    assert list(BROKEN) == list(CHECKS)


@pytest.mark.parametrize(
    "change",
    [
        {"user_utterance": "Thai curry in Lyon"},
        {"user_utterance": "No sushi. Thai curry!"},
        {"assistant_reply": "Thai curry it is! Up to 20 euros, up to 40 euros, up to 60 euros, or any other?"},
    ],
    ids=str,
)
def test_what_looks_like_a_fault_and_is_none_raises_no_flag(good, change):
    """What was told before may be said again, and words may be taken up."""
    assert flags_of(changed(good, 1, **change)) == ()


def test_what_a_summary_leaves_out_is_no_disagreement(good):
    """A reluctant user's summary is short, and right."""
    assert flags_of(changed(good, 2, assistant_summary={"city": "Lyon", "price": "no preference"})) == ()
