"""The checks of a finished dialogue, by rules: what each finds, and what it must leave alone."""

from __future__ import annotations

import pytest

from methods.upc.script import Script, dialogue_of, dialogue_with, turn_of
from proutt.methods.record import UsageRecord
from proutt.methods.upc.checks import CHECKS, flags_of
from proutt.methods.upc.simulated import record_of

CALM = ("Spring sets the pace, then. What comes first?", "The hives do.")


async def test_an_ordinary_dialogue_has_no_flag():
    """The script's, with every attempt in it."""
    made = await dialogue_of(Script(scores=[(3, 3, 3), (4, 4, 4)]))
    usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
    assert record_of(made, models={}, usage=usage, usage_by_module={}).flags == []


@pytest.mark.parametrize(
    ("flag", "turns", "place"),
    [
        ("question-overuse", [("Who? Where? And when was that?", "Long ago.")], "turn 2, chatbot"),
        (
            "question-overuse",
            [("What grows up there?", "Lime."), ("And who comes to buy it?", "Nobody.")],
            "turn 3, chatbot",
        ),
        (
            "repetition",
            [("A hard winter shapes everyone.", "Yes."), ("A hard winter shapes everyone!", "True.")],
            "turn 3, chatbot",
        ),
        ("repetition", [("One thing.", "I sleep a lot."), ("Another thing.", "I sleep a lot.")], "turn 3, user"),
        (
            "repetition",
            [("Nice. What do you grow there?", "Lime."), ("Lime it is. What do you grow there?", "Lime, I said.")],
            "turn 3, chatbot",
        ),
        ("self-focus", [("I like tea. I also like books. My mornings are slow. I sing.", "So?")], "chatbot"),
        ("persona-contradicted", [("So?", "My name is Peter.")], "turn 2, user"),
        ("persona-contradicted", [("So?", "I am 31 years old.")], "turn 2, user"),
        ("persona-contradicted", [("So?", "As an AI, I have no hives.")], "turn 2, user"),
        ("background-leaked", [("How are things in Ljubljana?", "Fine.")], "turn 2, attempt 1"),
        ("background-leaked", [("Mr Zabriskie it is.", "Yes.")], "turn 2, attempt 1"),
        ("background-leaked", [("Do you mend harpsichords. Stubborn work.", "Yes.")], None),
        ("background-leaked", [("A stubborn, blunt, bankrupt, divorced man may rest.", "Hm.")], "turn 2, attempt 1"),
        ("background-leaked", [("People who keep bees near a lake sleep well.", "Hm.")], None),
        ("ended-early", [("Thanks, goodbye!", "Bye."), CALM], "turn 2, chatbot"),
    ],
)
def test_what_a_check_finds(flag, turns, place):
    """By its flag and place; None: what is too little to tell."""
    dialogue = dialogue_with(*(turn_of(response, user, (4, 4, 4)) for response, user in turns))
    found = list(CHECKS[flag](dialogue))
    if place is None:
        assert not found
    else:
        assert place in [each.place for each in found]
        assert flag in flags_of(dialogue) == tuple(dialogue.flags)


@pytest.mark.parametrize(
    ("flag", "turns"),
    [
        ("question-overuse", [("Hard work. What helps?", "Tea."), ("Tea is old. Which one?", "Black.")]),
        ("repetition", [("And you?", "Yes."), ("And you?", "Yes, I do.")]),
        ("self-focus", [("I wonder how you sleep. You rise early. Your days are long. I see.", "Yes.")]),
        ("persona-contradicted", [("So?", "My name is Quillon, I'm 47, and I'm tired.")]),
        (
            "background-leaked",
            [("Which animals do you like?", "Bees, near Ljubljana."), ("Bees near Ljubljana!", "Yes.")],
        ),
        ("ended-early", [CALM, ("Take care of yourself, goodbye!", "Bye.")]),
    ],
)
def test_what_a_check_leaves_alone(flag, turns):
    """What is like a finding and is none."""
    dialogue = dialogue_with(*(turn_of(response, user, (4, 4, 4)) for response, user in turns))
    repeated = [each for each in CHECKS[flag](dialogue) if each.text not in ("And you?",)]
    assert not repeated


def test_a_planted_leak_in_an_advice_is_found():
    """One word is enough: the filter lets none through."""
    planted = turn_of("A quiet place. What next?", "Sleep.", (3, 3, 3), (4, 4, 4), advice="Ask about falconry.")
    (found,) = CHECKS["background-leaked"](dialogue_with(planted))
    assert (found.place, found.text) == ("turn 2, attempt 1, advice", "Ask about falconry.")
    clean = turn_of("A quiet place. What next?", "Sleep.", (3, 3, 3), (4, 4, 4), advice="Ask about sleep.")
    assert not list(CHECKS["background-leaked"](dialogue_with(clean)))


def test_a_leak_in_a_draft_that_was_not_said_is_found():
    """The chatbot knew it all the same."""
    turn = turn_of("A quiet place. What next?", "Sleep.", (3, 3, 3), (4, 4, 4))
    drafts = [turn.attempts[0].model_copy(update={"utterance": "Is Ljubljana far?"}), turn.attempts[1]]
    dialogue = dialogue_with(turn.model_copy(update={"attempts": drafts}))
    assert dialogue.flags == ["background-leaked"]
