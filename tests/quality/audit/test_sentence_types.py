"""The contract of sentence types."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proutt.export.reading import subject_of
from proutt.intent import SentenceType
from proutt.quality.audit.sentence_types import contradiction
from quality.audit.pairs import clean_pair, clean_subject, flags_of, with_candidate, with_truth

LABELLED = Path(__file__).parents[2] / "labelled" / "sentence_types.jsonl"
D, M, Q = SentenceType


def test_both_sides_of_one_type_is_found():
    """Rejected reasoning is for another type (equation 4)."""
    pair = clean_pair()
    rejected = pair.rejected.model_copy(update={"sentence_type": Q})
    found = flags_of(subject_of(pair.model_copy(update={"rejected": rejected})), only=["sentence-type-contract"])
    assert [flag.reason for flag in found] == ["both sides reason for the same sentence type"]


def test_a_chosen_type_other_than_the_truth_s_is_found():
    """The chosen side reasons for s*."""
    pair = with_truth(clean_pair(), sentence_type=M)
    (flag,) = flags_of(subject_of(pair), only=["sentence-type-contract"])
    assert flag.evidence == "interrogative, not imperative"


def test_a_type_on_one_side_only_is_found():
    """Whatever the row's origin."""
    clean = replace(clean_subject(), record=None)
    rejected = replace(clean.rejected, sentence_type=None)
    (flag,) = flags_of(replace(clean, rejected=rejected), only=["sentence-type-contract"])
    assert flag.reason == "only one side names a sentence type"


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("chosen", "I have a heavy suitcase with me."),
        ("chosen", "我们的住宿预算是三百元。"),
        ("chosen", "Find me a cheap hotel."),
        ("rejected", "Is there a student discount?"),
        ("rejected", "附近有停车场吗"),
        ("rejected", "Please send me the timetable."),
    ],
)
def test_a_prediction_of_another_type_is_found(side, said):
    """Chosen ones are interrogative, rejected ones declarative in this pair."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(), side, 1, utterance=said)), only=["sentence-type-fit"])
    assert flag.place == f"{side} prediction 2"


@pytest.mark.parametrize(
    ("said", "declared"),
    [
        ("Could you rewrite it?", Q),  # asks for an act: both readings are possible
        ("Could you rewrite it?", M),
        ("Tell me how long it takes.", Q),
        ("I want you to be brief.", D),
        ("I want you to be brief.", M),
        ("能帮我改短一点吗？", M),
        ("我想知道什么时候开门。", D),
    ],
)
def test_what_readers_differ_on_is_not_flagged(said, declared):
    """Only a form that contradicts the type is."""
    assert contradiction(said, declared) is None


def test_no_labelled_utterance_contradicts_its_own_type():
    """No false alarm over 128 utterances, English and Chinese, half of them held out from the rules."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    found = [row for row in rows if contradiction(row["utterance"], SentenceType(row["sentence_type"]))]
    assert found == []


def test_three_in_four_labelled_utterances_contradict_another_type():
    """The price of no false alarm: what is ambiguous passes."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    tried = [(row["utterance"], kind) for row in rows for kind in SentenceType if kind != row["sentence_type"]]
    found = sum(contradiction(said, kind) is not None for said, kind in tried)
    assert found / len(tried) >= 0.75
