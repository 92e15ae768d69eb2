"""From any text to an answer or an AnswerError."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from proutt.errors import AnswerError
from proutt.llm.parsing import looks_refused, parse_answer, without_reasoning


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str
    score: float


GOOD = '{"reason": "same wish", "score": 0.5}'


def kind_of(text, finish="stop"):
    with pytest.raises(AnswerError) as caught:
        parse_answer(text, Verdict, step="judge", finish=finish)
    assert caught.value.raw == text
    return caught.value.kind


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure! Here you go:\n{GOOD}\nAnything else?",
        f"The form {{reason, score}} filled in: {GOOD}",
        f"<think>Maybe {{}}?</think>{GOOD}",
        f"<thinking>\nhm\n</thinking>\n{GOOD}",
        f"<THINK >a<think>b</think>c</think>{GOOD}",
        f"reasoning that began before the text</think>{GOOD}",
        f"<think></think>{GOOD}<think>more",
        f'{{"note": 1}} {GOOD}',
    ],
)
def test_the_answer_is_found_in_what_is_wrapped_around_it(text):
    """Reasoning, fences, prose and other objects are not the answer."""
    assert parse_answer(text, Verdict, step="judge") == Verdict(reason="same wish", score=0.5)


@pytest.mark.parametrize(
    ("text", "finish", "kind"),
    [
        ("", "stop", "empty"),
        ("<think>only thoughts", "stop", "empty"),
        (f"<think>draft: {GOOD}", "stop", "empty"),
        ("I think it is 0.5", "stop", "not-json"),
        ('{"reason": "same', "stop", "not-json"),
        ("[1, 2]", "stop", "not-json"),
        ('{"outer": {"reason": "x", "score": 1}, ', "stop", "not-json"),
        ('{"reason": "same', "length", "cut-off"),
        ("<think>only thoughts", "length", "cut-off"),
        ('{"reason": "x"}', "stop", "wrong-schema"),
        ('{"reason": "x", "score": "high"}', "stop", "wrong-schema"),
        ('{"reason": "x", "score": NaN}', "stop", "not-json"),
        ('{"reason": "x", "score": 1e999}', "stop", "not-json"),
        ('{"reason": "x", "score": 1, "extra": 2}', "stop", "wrong-schema"),
        ('{"reason": "\\ud800", "score": 1}', "stop", "wrong-schema"),
        ('{"reason": "\\u003cthink>x\\u003c/think>", "score": 1}', "stop", "wrong-schema"),
        ("I'm sorry, but I can't help with that.", "stop", "refused"),
        ("抱歉，我无法回答这个问题。", "stop", "refused"),
        ("", "content_filter", "refused"),
        ("[" * 100_000, "stop", "not-json"),
        ('{"a":' * 50_000, "stop", "not-json"),
        ("{" * 2_000_000, "stop", "not-json"),
        ('{"reason": "x", "score": ' + "9" * 5000 + "}", "stop", "not-json"),
    ],
)
def test_what_is_no_answer_has_a_kind(text, finish, kind):
    """Each way to miss an answer is counted by its own name."""
    assert kind_of(text, finish) == kind


def test_a_complete_answer_counts_though_the_text_was_cut():
    """A model that rambled on after its answer has answered."""
    assert parse_answer(f"{GOOD} and furthermore", Verdict, step="judge", finish="length").score == 0.5


def test_the_problem_names_the_field_and_quotes_nothing():
    """What is said to the model about its answer holds none of it."""
    with pytest.raises(AnswerError, match="score") as caught:
        parse_answer('{"reason": "x", "score": "canary"}', Verdict, step="judge")
    assert "canary" not in caught.value.message


PIECES = st.sampled_from(
    ["<think>", "</think>", "<thinking>", "{", "}", GOOD, '"', "\\", "```", "[", "\ud800", "secret"]
)


@given(st.lists(PIECES | st.text(max_size=5)).map("".join))
def test_any_text_is_an_answer_or_an_answer_error(text):
    """No text raises anything else, and no reasoning tag reaches a field."""
    try:
        answer = parse_answer(text, Verdict, step="judge")
    except AnswerError:
        return
    assert "<think" not in answer.reason


@given(st.text(), st.booleans())
def test_reasoning_never_reaches_a_field(thought, closed):
    """What stands after `<think>` is gone, closed or not."""
    inside = f"{thought}secret".replace("</", "")
    text = f"{GOOD}<think>{inside}" + (f"</think>{GOOD}" if closed else "")
    assert "secret" not in without_reasoning(text)
    assert parse_answer(text, Verdict, step="judge").reason == "same wish"


NO_TAG = st.text(st.characters(exclude_characters="<"))  # a text cut at `<think` is no object


@given(st.dictionaries(NO_TAG, st.integers() | NO_TAG))
def test_any_object_that_is_not_the_answer_is_refused(value):
    """Only the right fields make an answer."""
    if set(value) != {"reason", "score"}:
        assert kind_of(json.dumps(value)) == "wrong-schema"


@pytest.mark.parametrize("text", ["I can't see why not, the score is 1", "对不起", "As an AI model, I", "I’m sorry"])
def test_refusals_are_recognised_by_their_beginning(text):
    """In English and Chinese."""
    assert looks_refused(text)


@pytest.mark.parametrize("text", ["The user is sorry.", "Sort of", "我能", ""])
def test_other_texts_are_not_refusals(text):
    """A word of regret in the middle is none."""
    assert not looks_refused(text)
