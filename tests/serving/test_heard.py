"""What is heard of a model while it writes: predictions as their tags close, and how sure it was."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prediction.contexts import SAID, completion
from proutt.intent import Perspective, SentenceType
from proutt.llm import Token
from proutt.prediction.completion import prediction_of
from proutt.serving.heard import Closing, Heard, score_of


def fed(text: str, places: list[int], *, reasons: bool = True):
    cuts = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    closing = Closing(reasons=reasons, count=4)
    return [found for a, b in pairwise(cuts) for found in closing.feed(text[a:b])]


@given(st.lists(st.integers(0, len(completion())), max_size=30))
def test_where_the_text_is_cut_changes_nothing(places):
    """Piece by piece, the predictions are those of the whole completion: texts, perspectives, types and paths."""
    assert tuple(fed(completion(), places)) == prediction_of(completion(), q=2, reasons=True).suggestions


def test_a_prediction_is_there_when_its_tag_closes_and_not_before():
    """One character is what makes it."""
    closing = Closing(reasons=False, count=4)
    assert closing.feed("<predict>Which hotel?</predict") == []
    (found,) = closing.feed(">")
    assert found.text == "Which hotel?"


def test_what_a_thought_says_of_the_tag_is_no_prediction():
    """Nothing counts before the reasoning has ended, nor in a second one."""
    assert fed("<think>I write <predict>x</predict> then.", []) == []
    text = "<think>a <predict>x</predict></think>\n<think>b <predict>y</predict></think>\n<predict>z</predict>"
    for places in ([], list(range(len(text)))):
        assert [each.text for each in fed(text, places)] == ["z"]


def test_an_answer_that_needs_no_reasoning_is_heard_at_once():
    """Without reasoning in the instruction the first tag counts; an open thought still holds all back."""
    assert [each.text for each in fed("<predict>a b</predict>", [], reasons=False)] == ["a b"]
    assert fed("<think><predict>a b</predict>", [], reasons=False) == []


def test_perspective_path_and_type_come_with_the_first_prediction():
    """They are known from the reasoning, before the list is complete."""
    first = fed(completion()[: completion().index(SAID[1])], [])
    assert [(each.text, each.perspective, each.sentence_type) for each in first] == [
        (SAID[0], Perspective.EXPLOITATION, SentenceType.INTERROGATIVE)
    ]


def heard(*tokens: tuple[str, float]) -> Heard:
    return Heard(tuple(Token(text.encode(), math.log(p)) for text, p in tokens))


def test_score_is_the_geometric_mean_of_the_words_own_tokens():
    """Tags before and after do not count; a token that holds the end of one with the text does."""
    reply = heard(("<predict>", 0.9), ("Which", 0.5), (" hotel", 0.125), ("?</", 0.25), ("predict>", 0.9))
    assert score_of("Which hotel?", [reply]) == pytest.approx((0.5 * 0.125 * 0.25) ** (1 / 3))


def test_score_is_of_the_last_occurrence():
    """The reasoning may say the same before."""
    reply = heard(("go ", 0.1), ("</think>", 1.0), ("go ", 0.8), ("</predict>", 1.0))
    assert score_of("go", [reply]) == pytest.approx(0.8)


def test_score_counts_bytes():
    """A character may be cut between tokens."""
    data = "你".encode()
    reply = Heard((Token(data[:1], math.log(0.5)), Token(data[1:], math.log(0.5)), Token(b"<", 0.0)))
    assert score_of("你", [reply]) == pytest.approx(0.5)


def test_score_finds_a_text_that_json_escapes():
    """Follow-ups come as a JSON list."""
    assert score_of('Say "hi"', [heard(('"Say \\"hi\\""', 0.5))]) == pytest.approx(0.5)


def test_no_score_where_nobody_told_one():
    """No tokens, or a text that was repaired: null, never 0."""
    assert score_of("go", []) is None
    assert score_of("go", [Heard(())]) is None
    assert score_of("Go!", [heard(("go", 0.5))]) is None


@given(
    st.lists(st.tuples(st.text("ab<>你", min_size=1, max_size=3), st.floats(1e-9, 1.0)), max_size=12), st.text("ab你")
)
def test_score_is_a_probability(tokens, text):
    """0..1, or none."""
    score = score_of(text, [heard(*tokens)])
    assert score is None or 0 <= score <= 1
