"""Intervals of scores stay on the scale, and say when they say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.upc.records import evaluated
from proutt.evaluation.upc.results import Evaluation, results_of
from proutt.evaluation.upc.scale import DIFFERENCES, on_scale, score_text
from proutt.evaluation.upc.tables import tables_of


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(2.5, 3.5, "3.000 [2.500, 3.500]"), (-2.0, 4.5, "3.000 [1.000, 4.500]"), (0.5, 5.0, "3.000 –"),
     (None, None, "3.000 –")],
)  # fmt: skip
def test_what_lies_beyond_the_scale_is_cut_off(low, high, shown):
    """Where the whole scale is left, or there was one persona, no interval is told."""
    assert score_text(3.0, low, high) == shown


@given(st.floats(1, 5), st.floats(0, 60))
def test_a_mean_stays_within_its_interval(mean, half):
    """What is left holds the mean, lies on the scale, and is no wider than before."""
    cut = on_scale(mean - half, mean + half)
    if cut is None:
        assert half >= 2 - 1e-9
    else:
        assert 1 <= cut[0] <= mean <= cut[1] <= 5
        assert cut[1] - cut[0] <= 2 * half + 1e-9


def test_two_personas_are_too_few_for_an_interval():
    """As by the t-interval of two that differ by three points, 3.5 ± 19; a difference has a scale of its own."""
    ours = [evaluated("a", *[(5, 3, 3)] * 2), evaluated("b", *[(2, 3, 3)] * 2)]
    theirs = [evaluated("a", *[(1, 3, 3)] * 2, system="t"), evaluated("b", *[(4, 3, 3)] * 2, system="t")]
    found = tables_of(results_of([Evaluation("one", ours), Evaluation("two", theirs)]))
    assert found[0].rows[0][2:4] == ("3.500 –", "3.000 [3.000, 3.000]")
    assert found[2].rows[0][4] == "1.00 –"
    assert "too few personas for an interval" in found[0].note
    assert on_scale(-3.0, 9.0, DIFFERENCES) == (-3.0, 4.0)
