"""Pieces of prompts, and broken layout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proutt.export.reading import subject_of
from proutt.quality.audit import Side, Subject
from quality.audit.pairs import clean_pair, clean_subject, flags_of, with_candidate

ARTEFACTS = ["prompt-artefacts"]


@pytest.mark.parametrize(
    "said",
    [
        "Where is the {destination}?",
        "Incorrect Input 1: Where is the zoo?",
        "What does the intent tree say?",
        "User: where is the zoo?",
        "[Round 3] Where is the zoo?",
        'Where is the zoo?"}]',
        '"utterance": "Where is the zoo?"',
        "Where is the <insert place>?",
        "意图树里有什么？",
        "[第3轮] 动物园在哪里？",
        "用户：动物园在哪里？",
    ],
)
def test_a_piece_of_a_prompt_in_a_prediction_is_found(said):
    """Placeholders, labels, JSON tails."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(), "chosen", 0, utterance=said)), only=ARTEFACTS)
    assert flag.place == "chosen prediction 1"


@pytest.mark.parametrize("text", ["The zoo is near. Prediction 2: the harbour.", "The {topic} is near.", 'So it is."}'])
def test_a_piece_of_a_prompt_in_reasoning_is_found(text):
    """Reasoning may speak of intents and trees, but not in fields of a template."""
    (flag,) = flags_of(subject_of(with_candidate(clean_pair(), "rejected", 0, reasoning=text)), only=ARTEFACTS)
    assert flag.place == "rejected reasoning"


def test_a_dialogue_about_templates_may_have_placeholders():
    """What the dialogue has itself is no artefact."""
    pair = clean_pair()
    turns = [pair.context.turns[0].model_copy(update={"user": "Fill {name} in."}), pair.context.turns[1]]
    pair = pair.model_copy(update={"context": pair.context.model_copy(update={"turns": turns})})
    assert (
        flags_of(subject_of(with_candidate(pair, "chosen", 0, utterance="Can {name} be empty?")), only=ARTEFACTS) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "<think>\nR\n\n<predict>a b</predict>",
        "<think>\nR\n</think>\n\n<predict>a b</predict>\n<predict>c d",
        "<think>\nR\n</think>\n</think>\n\n<predict>a b</predict>",
    ],
)
def test_tags_that_do_not_pair_are_found(text):
    """A trainer's template cuts at them."""
    clean = clean_subject()
    found = flags_of(replace(clean, chosen=replace(clean.chosen, text=text)), only=["broken-layout"])
    assert "do not pair" in found[0].reason


def test_missing_and_empty_predictions_are_found():
    """Both sides predict, and as many."""
    clean = clean_subject()
    none = replace(clean, rejected=replace(clean.rejected, text="<think>\nR\n</think>\n\nNo.", utterances=()))
    fewer = replace(clean, rejected=replace(clean.rejected, utterances=clean.rejected.utterances[:3]))
    empty = replace(clean, chosen=replace(clean.chosen, utterances=("?", *clean.chosen.utterances[1:])))
    only = ["broken-layout"]
    assert [flag.reason for flag in flags_of(none, only=only)] == ["it has no predictions, and the other side does"]
    assert [flag.reason for flag in flags_of(fewer, only=only)] == ["the sides have different numbers of predictions"]
    assert [flag.reason for flag in flags_of(empty, only=only)] == ["it says nothing"]


def test_data_without_this_layout_is_not_held_to_it():
    """Another trainer's answers are plain text."""
    assert flags_of(Subject("1", "f:1", "p", Side("Yes."), Side("No.")), only=["broken-layout", *ARTEFACTS]) == []
