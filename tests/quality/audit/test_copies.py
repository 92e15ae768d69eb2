"""What was said before, and loops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proutt.export.reading import subject_of
from proutt.quality.audit import Side, Subject
from quality.audit.pairs import clean_pair, clean_subject, flags_of, with_candidate, with_truth

SAID = "How do I get from the airport to Lyon?"


@pytest.mark.parametrize(
    "said", [SAID, "how do i get from the airport to lyon", "So how do I get from the airport to Lyon?"]
)
def test_a_truth_that_was_said_before_can_be_copied(said):
    """Equal or nearly, to any utterance of the context."""
    (flag,) = flags_of(subject_of(with_truth(clean_pair(), utterance=said)), only=["copyable-truth"])
    assert flag.reason.endswith("in turn 1")


@pytest.mark.parametrize("side", ["chosen", "rejected"])
def test_a_prediction_that_was_said_before_is_found(side):
    """Also in a row without a record."""
    subject = subject_of(with_candidate(clean_pair(), side, 0, utterance=SAID))
    (flag,) = flags_of(replace(subject, record=None), only=["copied-prediction"])
    assert flag.place == f"{side} prediction 1"


@pytest.mark.parametrize(
    "text",
    [
        "and then and then and then and then and then we go",
        "tram tram tram tram",
        "去故宫看看去故宫看看去故宫看看去故宫看看",
    ],
)
@pytest.mark.parametrize("field", ["utterance", "reasoning"])
def test_a_loop_is_found(text, field):
    """In predictions and in reasoning."""
    found = flags_of(subject_of(with_candidate(clean_pair(), "chosen", 0, **{field: text})), only=["repetition"])
    assert {flag.reason for flag in found} == {"it repeats itself"}


def test_one_thing_predicted_twice_is_found():
    """Nearly the same is the same."""
    pair = clean_pair()
    said = pair.chosen.candidates[2].utterance.replace("hotels", "hotel")
    (flag,) = flags_of(subject_of(with_candidate(pair, "chosen", 3, utterance=said)), only=["repetition"])
    assert (flag.place, flag.reason) == ("chosen prediction 4", "it is prediction 3 again, or nearly")


def test_tables_and_rules_are_no_loops():
    """Answers of other data have them."""
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |\n" + "-" * 80
    assert flags_of(Subject("1", "f:1", "p", Side(table), Side("No.")), only=["repetition"]) == []


def test_a_clean_pair_copies_nothing():
    """No false alarm."""
    assert (
        flags_of(clean_subject(), clean_subject("zh"), only=["copied-prediction", "repetition", "copyable-truth"]) == []
    )
