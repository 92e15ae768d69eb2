"""Intervals."""

from __future__ import annotations

import pytest

from proutt.quality.intervals import of_mean, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (81, 263, 0.2553, 0.3662), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_of_a_share_is_wilson_s(hits, of, low, high):
    """81 of 263 is the example of Newcombe (1998); 0 and all of 10 are its well-known ends."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_nothing_seen_says_nothing():
    """Every share is possible."""
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_interval_of_a_mean_shrinks_with_the_root():
    """Four times the numbers, half the width."""
    wide, narrow = of_mean(1.0, 2.0, 25), of_mean(1.0, 2.0, 100)
    assert wide == pytest.approx((1 - 0.784, 1 + 0.784), abs=1e-3)
    assert (wide[1] - wide[0]) == pytest.approx(2 * (narrow[1] - narrow[0]))
