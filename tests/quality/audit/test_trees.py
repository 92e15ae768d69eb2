"""Tree values from nowhere or from the future, and trees in another layout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proutt.export.reading import subject_of
from proutt.methods.record import LeafRecord
from proutt.quality.audit.trees import stated
from quality.audit.pairs import clean_pair, clean_subject, flags_of, with_truth

BOTH = ["tree-from-future", "unstated-tree-value"]


def with_leaf(value, turn=1, language="en", **truth):
    pair = with_truth(clean_pair(language), **truth) if truth else clean_pair(language)
    topic = next(iter(pair.tree))
    tree = {**pair.tree, topic: {**pair.tree[topic], "New": LeafRecord(value=value, turn=turn)}}
    return pair.model_copy(update={"tree": tree})


@pytest.mark.parametrize(
    ("language", "value"), [("en", "every 15 minutes"), ("en", "Airports"), ("zh", "60元"), ("zh", "北京景点")]
)
def test_a_value_that_was_said_is_fine(language, value):
    """By the user or by the assistant, in the same words or nearly."""
    assert flags_of(subject_of(with_leaf(value, language=language)), only=BOTH) == []


@pytest.mark.parametrize(
    ("language", "value"), [("en", "vegetarian"), ("en", "two adults"), ("zh", "上海"), ("zh", "靠窗座位")]
)
def test_a_value_that_nobody_said_is_found(language, value):
    """A warning: it may be a paraphrase, or made up."""
    (flag,) = flags_of(subject_of(with_leaf(value, language=language)), only=BOTH)
    assert (flag.check, flag.severity, flag.evidence) == ("unstated-tree-value", "warning", value)


def test_a_value_that_only_the_truth_says_is_a_leak():
    """T^(K) must hold nothing of turn K+1."""
    pair = with_leaf("vegetarian", utterance="Is there a vegetarian buffet on board?")
    assert [flag.check for flag in flags_of(subject_of(pair), only=BOTH)] == BOTH


def test_a_leaf_of_a_later_turn_is_a_leak():
    """Whatever its value is."""
    (flag,) = flags_of(subject_of(with_leaf("Lyon", turn=3)), only=BOTH)
    assert flag.check == "tree-from-future"


def test_the_tree_of_a_row_without_a_record_is_read_from_its_text():
    """A released or exported row shows its tree in the reasoning and its dialogue in the prompt."""
    subject = replace(subject_of(with_leaf("vegetarian")), record=None)
    (flag,) = flags_of(subject, only=BOTH)
    assert flag.check == "unstated-tree-value"


def test_without_a_dialogue_there_is_nothing_to_hold_a_tree_against():
    """Not applicable, not passed."""
    subject = replace(clean_subject(), record=None, context=None)
    assert flags_of(subject, only=BOTH) == []


@pytest.mark.parametrize("value", ["yes", "unspecified", "是", "不限", ""])
def test_a_sign_stands_for_something_said_in_other_words(value):
    """Yes and no are seldom said as such."""
    assert stated(value, "Could you also look for a pool?")


@pytest.mark.parametrize("printed", ["{'Travel': {'Destination': 'Lyon'}}", '{"Travel": {"Destination": "Lyon"}}'])
def test_a_tree_printed_as_a_dictionary_is_found(printed):
    """The instruction shows `Topic { Attribute: Value }`."""
    clean = clean_subject()
    side = replace(clean.chosen, reasoning=f"[User Intent Tree]:\n{printed}\n")
    (flag,) = flags_of(replace(clean, chosen=side), only=["tree-layout"])
    assert flag.place == "chosen reasoning"
