"""Agreement of two judges, against cases worked by hand."""

from __future__ import annotations

import pytest

from proutt.quality.agreement import bootstrap_interval, cohen_kappa, flip_rate, gwet_ac1, observed_agreement

#: 50 proposals, two readers: both yes 20, both no 15, only the first 5, only the second 10.
PROPOSALS = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15


def test_kappa_by_hand():
    """Observed 0.7, by chance 0.5·0.6 + 0.5·0.4 = 0.5, so (0.7 − 0.5) / 0.5 = 0.4."""
    assert observed_agreement(PROPOSALS) == pytest.approx(0.7)
    assert cohen_kappa(PROPOSALS) == pytest.approx(0.4)


def test_ac1_by_hand():
    """Shares 0.55 and 0.45 over both readers: by chance 2·0.55·0.45 = 0.495, so (0.7 − 0.495) / 0.505."""
    assert gwet_ac1(PROPOSALS) == pytest.approx(0.205 / 0.505)


def test_where_one_label_dominates_ac1_keeps_its_meaning():
    """90 of 100 the same and 10 apart: κ is below 0, AC1 near the agreement."""
    skewed = [("a", "a")] * 90 + [("a", "b")] * 5 + [("b", "a")] * 5
    assert cohen_kappa(skewed) == pytest.approx(-0.0526, abs=1e-3)
    assert gwet_ac1(skewed) == pytest.approx(0.89, abs=0.01)


@pytest.mark.parametrize("ratings", [[], [("a", "a")] * 5])
def test_without_variety_kappa_says_nothing(ratings):
    """No ratings, or one label throughout: there is no chance to correct for."""
    assert cohen_kappa(ratings) is None
    assert gwet_ac1(ratings) is None


def test_flips_are_counted_against_the_first_order():
    """Turned around counts 1, tied by the second judge a half; what the first tied has no order."""
    assert flip_rate([(1.0, 0.5), (1.0, -0.5), (-0.2, -0.1), (0.3, 0.0), (0.0, -1.0)]) == pytest.approx(1.5 / 4)
    assert flip_rate([(0.0, 1.0)]) is None


def test_whole_clusters_are_drawn():
    """Copies of one cluster's items are no new evidence: the interval is that of the clusters."""

    def mean(items):
        return sum(items) / len(items)

    apart = bootstrap_interval([[0.0], [1.0]] * 20, mean)
    copied = bootstrap_interval([[0.0] * 10, [1.0] * 10] * 20, mean)
    alone = bootstrap_interval([[each] for each in [0.0, 1.0] * 200], mean)
    assert copied == pytest.approx(apart)
    assert alone[1] - alone[0] < (apart[1] - apart[0]) / 2


def test_the_interval_is_the_same_every_time_and_none_where_it_says_nothing():
    """Chance is keyed by the seed; one cluster has no spread."""
    clusters = [[(1.0, 0.5)], [(1.0, -0.5)], [(1.0, 0.1)]]
    assert bootstrap_interval(clusters, flip_rate, seed=3) == bootstrap_interval(clusters, flip_rate, seed=3)
    assert bootstrap_interval(clusters[:1], flip_rate) is None
    assert bootstrap_interval(clusters, lambda _: None) is None
