"""Negatives that are the truth, or as good as the chosen side."""

from __future__ import annotations

import pytest

from proutt.export.reading import subject_of
from proutt.methods.record import VerificationRecord
from proutt.quality.audit import Setup
from quality.audit.pairs import clean_pair, flags_of, path, with_candidate

NEGATIVE = ["negative-is-truth"]


def test_a_negative_path_near_the_truth_is_found():
    """Spelt differently, it is the same path."""
    pair = with_candidate(clean_pair(), "rejected", 2, path=path("travel", "last departure"))
    (flag,) = flags_of(subject_of(pair), only=NEGATIVE)
    assert (flag.place, flag.evidence) == ("rejected path 3", "travel → last departure")


@pytest.mark.parametrize(
    "said", ["When does the last tram leave?", "when does the LAST tram leave", "When does the last train leave?"]
)
def test_a_negative_utterance_that_is_the_truth_is_found(said):
    """Equal, equal but for case and marks, or nearly equal."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(), "rejected", 1, utterance=said)), only=NEGATIVE)
    assert flag.place == "rejected prediction 2"


def test_a_path_that_was_put_in_is_one_of_the_rejected_side():
    """Released rows tell the wrong path, and no candidate's own."""
    pair = with_candidate(clean_pair(), "rejected", 0, path=None)
    replaced = pair.rejected_edit.replaced[0].model_copy(update={"path": pair.truth.paths[0]})
    edit = pair.rejected_edit.model_copy(update={"replaced": [replaced]})
    (flag,) = flags_of(subject_of(pair.model_copy(update={"rejected_edit": edit})), only=NEGATIVE)
    assert flag.place == "rejected path 1"


def test_a_negative_that_a_released_row_names_is_looked_at():
    """Raw rows have negatives of their own beside the rejected side; one of them may be the truth."""
    pair = clean_pair()
    named = pair.model_copy(update={"settings": pair.settings | {"negative_label": ["No.", pair.truth.utterance]}})
    (flag,) = flags_of(subject_of(named), only=NEGATIVE)
    assert flag.place == "negative label 2"


def test_another_question_on_the_same_subject_is_a_negative():
    """Only what reads like the truth is flagged by its letters."""
    pair = with_candidate(clean_pair(), "rejected", 1, utterance="I take the tram to the last stop.")
    assert flags_of(subject_of(pair), only=NEGATIVE) == []


def test_with_embeddings_a_negative_that_means_the_truth_is_found():
    """The likeness is asked once a row, for all rejected predictions."""
    asked = []

    def likeness(truth, language, utterances):
        asked.append((truth, language))
        return [0.2, 0.9, 0.84, 0.1]

    setup = Setup(embedded=likeness)
    (flag,) = flags_of(subject_of(clean_pair()), setup=setup, only=["negative-near-truth"])
    assert flag.place == "rejected prediction 2"
    assert asked == [("When does the last tram leave?", "en")]


@pytest.mark.parametrize(("chosen", "rejected", "found"), [(0.9, 0.1, 0), (0.4, 0.4, 1), (0.3, 0.5, 1)])
def test_the_judge_must_prefer_the_chosen_side(chosen, rejected, found):
    """A tie teaches nothing, and the other order teaches the wrong thing."""
    scores = {"chosen_scores": [chosen, 0.0, 0.0, 0.0], "rejected_scores": [rejected, 0.0, 0.0, 0.0]}
    checked = VerificationRecord(**scores, tries=1, problems=[])
    assert len(flags_of(subject_of(clean_pair(verification=checked)), only=["tied-scores"])) == found
