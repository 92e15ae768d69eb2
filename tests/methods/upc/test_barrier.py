"""The chatbot never sees a background: not by type, not by a critic's words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.upc.script import PERSONA, PERSONA_ZH, Script, dialogue_of, verdict
from proutt.methods.upc.barrier import pieces, sayable, untold_in
from proutt.prompts.upc import Feedback, Greet, Heard, Regenerate, Respond

SAID = ("Good to meet you! Who are you?", "I'm Quillon, I live in the hills.")
#: Words of the background and the name that nobody says in these tests.
CANARIES = [
    "Zabriskie",
    "47",
    "bees",
    "Ljubljana",
    "harpsichords",
    "Stubborn",
    "bankrupt",
    "2016",
    "divorced",
    "falcon",
]


def test_no_field_of_a_chatbots_step_takes_a_persona():
    """Where it would hold what was heard, where it would hold feedback, and within either: a TypeError."""
    heard, feedback = Heard("en", SAID), Feedback("Well.", (3, 3, 3), "")
    for build in (
        lambda: Greet(heat=0.7, heard=PERSONA),
        lambda: Respond(heat=0.7, heard=PERSONA),
        lambda: Regenerate(heat=0.7, heard=heard, feedback=PERSONA),
        lambda: Regenerate(heat=0.7, heard=PERSONA, feedback=feedback),
        lambda: Heard("en", (PERSONA,)),
        lambda: Heard(PERSONA, ()),
        lambda: Feedback(PERSONA, (3, 3, 3)),
        lambda: Feedback("Well.", (3, 3, 3), PERSONA),
        lambda: Feedback("Well.", (PERSONA, 3, 3)),
        lambda: Respond(heat=0.7, heard=heard, persona=PERSONA),
    ):
        with pytest.raises(TypeError):
            build()


@pytest.mark.parametrize("small", [False, True])
async def test_no_canary_of_the_background_reaches_the_chatbot(small):
    """Though the critic's reasons are the background, and its advice tells of it; the critic and the user have it."""
    advice = "Ask about the bees! Be concrete. Mention Ljubljana or 2016. He mends harpsichords. Call him Zabriskie."
    script = Script(
        scores=[(1, 1, 1)],
        criticise=(lambda step: {"reason": "He keeps bees near Ljubljana and fell out of love.", "score": 1})
        if small
        else (lambda step: verdict((1, 1, 1), advice)),
        advise=lambda _: {"advice": "Ask him about the bees near Ljubljana in the hills."},
    )
    made = await dialogue_of(script, small_steps=small)
    for prompt in script.prompts("assistant-agent"):
        assert not [word for word in CANARIES if word.casefold() in prompt.casefold()]
    for role in ("critic", "user-agent"):
        assert any("Ljubljana" in prompt for prompt in script.prompts(role))
    told = [attempt for turn in made.turns for attempt in turn.attempts[:-1]]
    if small:
        assert {each.advice for each in told} == {""}
        assert {tuple(each.withheld) for each in told} == {("Ask him about the bees near Ljubljana in the hills.",)}
    else:
        assert {each.advice for each in told} == {"Be concrete."}
        assert all(len(each.withheld) == 4 for each in told)
    assert all(turn.attempts[-1].advice is None for turn in made.turns)


@pytest.mark.parametrize(
    ("sentence", "passes"),
    [
        ("Ask which season is the busiest.", True),
        ("Ask about life in the hills.", True),
        ("Ask Quillon for a story.", True),  # it has been said
        ("Ask about the bees.", False),
        ("Ask about beekeeping in general and one bee.", True),  # in other words: rules don't see it
        ("They might like falconers.", False),  # by the first letters of a word
        ("Remember 2016.", False),
        ("Call them Mr Zabriskie.", False),
        ("ASK ABOUT THE BEES!", False),
    ],
)
def test_a_sentence_passes_that_tells_nothing_new_of_the_background(sentence, passes):
    """Word by word."""
    kept, withheld = sayable(sentence, PERSONA, SAID)
    assert (kept, withheld) == ((sentence, []) if passes else ("", [sentence]))


def test_what_was_said_may_be_told():
    """Then it is no secret."""
    said = (*SAID, "Bees, mostly?", "Yes.")
    assert sayable("Ask about the bees.", PERSONA, said) == ("Ask about the bees.", [])


def test_chinese_is_read_by_pairs_of_characters():
    """It has no spaces to go by."""
    said = ("你好！", "我叫欧阳铁柱，住在山里。")
    kept, withheld = sayable("可以谈谈养蜂。请更具体一些。问问洱海。", PERSONA_ZH, said)
    assert (kept, withheld) == ("请更具体一些。", ["可以谈谈养蜂。", "问问洱海。"])


_TEXTS = st.lists(st.sampled_from([*PERSONA.background.split(), "the", "hills.", "Ask!", "more;", "2016", "you?"]))


@given(advice=_TEXTS, said=_TEXTS)
def test_whatever_the_advice_what_is_kept_tells_nothing_unsaid(advice, said):
    """And nothing is lost: kept and withheld together are the advice."""
    text, heard = " ".join(advice), (" ".join(said),)
    kept, withheld = sayable(text, PERSONA, heard)
    assert untold_in(kept, PERSONA, heard) == []
    assert all(untold_in(each, PERSONA, heard) for each in withheld)
    words = re.findall(r"\w+", " ".join([kept, *withheld]))
    assert sorted(words) == sorted(re.findall(r"\w+", text))


@given(st.text())
def test_pieces_of_any_text(text):
    """No text breaks it; what tells something is among all."""
    assert pieces(text) <= pieces(text, every=True)
