"""Perspectives by the tree, and differences where nothing was edited."""

from __future__ import annotations

import pytest

from proutt.export.reading import subject_of
from proutt.intent import Perspective
from proutt.methods.record import EditRecord
from quality.audit.pairs import clean_pair, flags_of, path, with_candidate, with_truth

PERSPECTIVE, STRAY = ["perspective-errors"], ["stray-edits"]


@pytest.mark.parametrize(
    ("at", "labels", "said"),
    [(0, ("Museum", "Hours"), "lacks"), (2, ("Travel", "Season"), "has")],
)
def test_a_path_of_the_other_perspective_is_found(at, labels, said):
    """Exploitation goes on with a topic of the tree, exploration has a new one."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(), "chosen", at, path=path(*labels))), only=PERSPECTIVE)
    assert flag.place == f"chosen path {at + 1}"
    assert said in flag.reason


def test_a_truth_of_the_other_perspective_is_found():
    """It is computed from the tree, never asked."""
    pair = with_truth(clean_pair(), perspective=Perspective.EXPLORATION)
    assert [flag.place for flag in flags_of(subject_of(pair), only=PERSPECTIVE)] == ["truth"]


def test_a_future_path_may_be_of_the_other_perspective():
    """It takes the place of the truth's perspective, whatever its own (III-D.3)."""
    pair = with_candidate(clean_pair(), "rejected", 0, path=path("Museum", "Hours"))
    assert flags_of(subject_of(pair), only=PERSPECTIVE) == []


@pytest.mark.parametrize("field", ["reasoning", "utterance"])
def test_a_change_of_the_chosen_side_without_an_edit_is_found(field):
    """What was not replaced stays as it was predicted."""
    (flag,) = flags_of(
        subject_of(with_candidate(clean_pair(), "chosen", 3, **{field: "Where is the zoo?"})), only=STRAY
    )
    assert flag.place == f"chosen {'prediction' if field == 'utterance' else 'reasoning'} 4"


def test_rejected_utterances_are_worded_anew_but_keep_path_and_reasoning():
    """One that is the chosen one was not worded under the other type."""
    pair = clean_pair()
    same = with_candidate(pair, "rejected", 1, utterance=pair.chosen.candidates[1].utterance)
    other = with_candidate(pair, "rejected", 1, reasoning="Something else altogether.")
    assert flags_of(subject_of(pair), only=STRAY) == []
    assert [flag.place for flag in flags_of(subject_of(same), only=STRAY)] == ["rejected prediction 2"]
    assert [flag.place for flag in flags_of(subject_of(other), only=STRAY)] == ["rejected reasoning 2"]


def test_a_branch_that_its_score_does_not_belong_to_is_found():
    """J_max decides the branch, and the branch the edits."""
    high = flags_of(subject_of(clean_pair(j_max=0.9)), only=STRAY)
    kept = flags_of(subject_of(clean_pair(rejected_edit=EditRecord(edit="keep"))), only=STRAY)
    assert "branch high" in high[0].reason
    assert "does not make" in kept[0].reason


def test_released_rows_have_no_record_of_edits():
    """What another method wrote is not held to this one's contract."""
    pair = with_candidate(clean_pair(method="proutt-released"), "chosen", 3, utterance="Where is the zoo?")
    assert flags_of(subject_of(pair), only=STRAY) == []
