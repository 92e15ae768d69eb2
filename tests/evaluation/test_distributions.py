"""Tails of distributions, against scipy and by hand."""

from __future__ import annotations

import math

import pytest

from proutt.evaluation.distributions import even_two_sided, t_quantile, t_two_sided

stats = pytest.importorskip("scipy.stats")


@pytest.mark.parametrize("freedom", [1, 2, 5, 29, 99, 4999])
@pytest.mark.parametrize("t", [0.0, 0.01, 0.7, 1.96, 4.2, 30.0])
def test_tails_of_t_are_those_of_scipy(t, freedom):
    """To 1e-9, far out relatively."""
    assert t_two_sided(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("freedom", [1, 2, 5, 29, 99, 4999])
@pytest.mark.parametrize("share", [0.025, 0.4, 0.5, 0.9, 0.975, 0.9995])
def test_quantiles_of_t_are_those_of_scipy(share, freedom):
    """To 1e-9."""
    assert t_quantile(share, freedom) == pytest.approx(stats.t.ppf(share, freedom), rel=1e-9, abs=1e-9)


def test_t_with_one_degree_of_freedom_by_hand():
    """It is Cauchy's: P(|T| ≥ 1) = 1/2, and the quantile at 3/4 is tan(π/4) = 1."""
    assert t_two_sided(1.0, 1) == pytest.approx(0.5, abs=1e-12)
    assert t_quantile(0.75, 1) == pytest.approx(math.tan(math.pi / 4), abs=1e-9)


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (3, 3), (1, 10), (5, 10), (40, 100), (700, 1500)])
def test_throws_of_a_coin_are_those_of_scipy(hits, of):
    """The exact test of a share of one half."""
    expected = stats.binomtest(hits, of).pvalue if of else 1.0
    assert even_two_sided(hits, of) == pytest.approx(expected, rel=1e-9)


def test_three_heads_by_hand():
    """Three of three: 2 · (1/2)³ = 1/4."""
    assert even_two_sided(3, 3) == 0.25
