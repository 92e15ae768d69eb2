"""Equations (2) and (3), and which dialogues are easy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.upc.script import dialogue_with, turn_of
from proutt.methods.upc.difficulty import Difficulty

_SCORES = st.tuples(*(st.integers(1, 5) for _ in range(3)))
_MEASURES = st.builds(
    Difficulty, alpha=st.integers(1, 5), beta=st.integers(0, 3), untouched=st.sampled_from(["letter", "pass"])
)


@pytest.mark.parametrize(
    ("first", "said", "regenerated", "letter", "passing"),
    [
        ((3, 3, 3), (4, 4, 4), True, False, False),
        ((3, 3, 4), (4, 4, 4), True, False, False),  # two boosted
        ((3, 4, 4), (4, 4, 4), True, True, True),  # one boosted
        ((2, 2, 2), (2, 4, 4), True, True, True),  # one below α
        ((1, 1, 1), (3, 3, 1), True, True, True),
        ((1, 1, 3), (3, 3, 3), True, False, False),
        ((4, 4, 4), (4, 4, 4), False, True, False),  # not written again: what the two readings differ in
        ((2, 4, 4), (2, 4, 4), False, True, True),  # below α all the same
        ((5, 5, 3), (5, 5, 3), True, True, True),  # written again, and the first was said
    ],
)
def test_a_turn_by_both_readings(first, said, regenerated, letter, passing):
    """α = 3, β = 2."""
    assert Difficulty(untouched="letter").difficult(first, said, regenerated=regenerated) is letter
    assert Difficulty(untouched="pass").difficult(first, said, regenerated=regenerated) is passing


@given(_MEASURES, _SCORES, _SCORES, st.booleans())
def test_equation_3_as_it_stands(measure, first, said, regenerated):
    """Some score below α, or fewer than β boosted; a turn that passes is held to the first alone."""
    low = any(p < measure.alpha for p in said)
    few = sum(now - before > 0 for now, before in zip(said, first, strict=True)) < measure.beta
    expected = low or (few and (regenerated or measure.untouched == "letter"))
    assert measure.difficult(first, said, regenerated=regenerated) is expected


@given(_MEASURES, _SCORES, _SCORES, st.booleans(), st.integers(0, 2))
def test_a_better_score_makes_no_turn_more_difficult(measure, first, said, regenerated, at):
    """Nor does letting untouched turns pass."""
    better = tuple(min(5, each + (index == at)) for index, each in enumerate(said))
    before = measure.difficult(first, said, regenerated=regenerated)
    assert measure.difficult(first, better, regenerated=regenerated) <= before
    lenient = Difficulty(measure.alpha, measure.beta, "pass")
    assert lenient.difficult(first, said, regenerated=regenerated) <= before


def test_a_dialogue_is_easy_where_no_turn_is_difficult():
    """Algorithm 2, lines 5 to 12."""
    good, hard = turn_of("A.", "B.", (3, 3, 3), (4, 4, 4)), turn_of("C.", "D.", (1, 1, 1), (2, 2, 2))
    untouched = turn_of("E.", "F.", (4, 4, 4))
    for measure in (Difficulty(), Difficulty(untouched="letter")):
        assert measure.is_easy(dialogue_with(good, good))
        assert not measure.is_easy(dialogue_with(good, hard))
        assert measure.is_easy(dialogue_with(good, untouched)) is (measure.untouched == "pass")


def test_without_scores_there_is_no_difficulty():
    """Rather than an easy one."""
    with pytest.raises(ValueError, match="without scores"):
        Difficulty().is_easy(dialogue_with(turn_of("A.", "B.")))


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"alpha": 6}, {"beta": -1}, {"beta": 4}, {"untouched": "maybe"}])
def test_a_measure_out_of_range_is_none(wrong):
    """α is a score, β counts three of them."""
    with pytest.raises(ValueError, match="no measure"):
        Difficulty(**wrong)


def test_the_choice_can_be_recorded():
    """By name."""
    assert Difficulty().as_record() == {"alpha": 3, "beta": 2, "untouched": "pass"}
