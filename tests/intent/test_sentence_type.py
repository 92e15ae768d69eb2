"""Sentence types by rules: what a reader would say, in English and Chinese, and how often over the labelled set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent import SentenceType
from proutt.intent.sentence_type import sentence_type_of

LABELLED = Path(__file__).resolve().parents[1] / "labelled" / "sentence_types.jsonl"
DECLARATIVE, IMPERATIVE, INTERROGATIVE = SentenceType


def labelled(part: str, language: str) -> list[dict[str, str]]:
    """The labelled utterances of one part and language."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["part"] == part and row["language"] == language]


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [
        ("Can you make it shorter?", IMPERATIVE),
        ("Can you explain why it is so long?", INTERROGATIVE),
        ("能不能帮我改短一点？", IMPERATIVE),
        ("可以解释一下为什么这么长吗？", INTERROGATIVE),
    ],
)
def test_a_question_for_an_act_is_a_request_and_one_for_an_answer_is_a_question(utterance, expected):
    """The types are about what the speaker wants, so a question mark alone does not make a question."""
    assert sentence_type_of(utterance) is expected


@pytest.mark.parametrize(
    "utterance",
    ["how long does it take", "i wonder if they are open", "any idea where it is", "那附近有没有停车场", "电话是多少"],
)
def test_a_question_needs_no_question_mark(utterance):
    """People leave it out; question words, inversion and particles say enough."""
    assert sentence_type_of(utterance) is INTERROGATIVE


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [
        ("My oven is small. Which tin fits?", INTERROGATIVE),
        ("Why is that? Please show an example.", IMPERATIVE),
        ("How much is it? I have only ten euros.", INTERROGATIVE),
        ("我不吃辣，换一家吧。", IMPERATIVE),
        ("先订这家，几点能到？", INTERROGATIVE),
        ("谢谢，就这样定了。", DECLARATIVE),
    ],
)
def test_the_last_clause_that_asks_or_requests_decides(utterance, expected):
    """Statements around an act don't hide it, and of two acts the later one counts."""
    assert sentence_type_of(utterance) is expected


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [
        ("It prints:\n```\nWhat is your name?\n```", DECLARATIVE),
        ("Turn this into a headline:\n> why do cats purr?", IMPERATIVE),
        ("把“你吃饭了吗？”翻译成英文", IMPERATIVE),
        ("```python\nprint('how?')", DECLARATIVE),
    ],
)
def test_code_and_quoted_text_do_not_speak_for_the_user(utterance, expected):
    """What a quotation asks, the user does not ask; a fence that is never closed runs to the end."""
    assert sentence_type_of(utterance) is expected


@pytest.mark.parametrize(
    "utterance",
    [
        "What a lovely idea!",
        "I don't know what he wants.",
        "order is late again",
        "什么都行",
        "我不知道怎么办",
        "他帮我修好了",
    ],
)
def test_the_words_of_a_question_or_request_can_also_state(utterance):
    """Exclamations, embedded questions and nouns that look like verbs convey information."""
    assert sentence_type_of(utterance) is DECLARATIVE


@pytest.mark.parametrize(
    ("utterance", "expected"),
    [
        ("Wie lange dauert das?", INTERROGATIVE),
        ("¿Cuánto cuesta?", INTERROGATIVE),
        ("これはいくらですか？", INTERROGATIVE),
        ("Merci beaucoup", DECLARATIVE),
    ],
)
def test_other_languages_are_read_by_their_punctuation(utterance, expected):
    """A question mark is understood everywhere; without one the utterance states."""
    assert sentence_type_of(utterance) is expected


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("part", "least"), [("development", 0.95), ("held-out", 0.9)])
def test_the_rules_agree_with_the_labels(part, least, language):
    """At least nine in ten of the held-out labels, in each language; docs/embedded.md gives the exact numbers."""
    rows = labelled(part, language)
    right = sum(sentence_type_of(row["utterance"]) == row["sentence_type"] for row in rows)
    assert len(rows) >= 30
    assert right / len(rows) >= least


@given(st.text(max_size=300))
def test_every_text_has_a_sentence_type(utterance):
    """The rules never fail, whatever the text."""
    assert sentence_type_of(utterance) in SentenceType


@given(st.sampled_from(["```\n{}\n```", "`{}`", "“{}”", "「{}」"]), st.sampled_from(["Why", "请把它删掉", "Delete it"]))
def test_a_text_of_nothing_but_a_quotation_states(frame, inside):
    """With the quoted part set aside nothing is left that asks or requests."""
    assert sentence_type_of(frame.format(inside)) is DECLARATIVE
