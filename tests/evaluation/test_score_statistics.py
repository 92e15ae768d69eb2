"""Statistics of two raters' scores: against other libraries to 1e-9, by hand, and by coverage."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from proutt.evaluation.score_statistics import interval_alpha, interval_of, pearson, spearman, squared_kappa, value_of

stats = pytest.importorskip("scipy.stats")
metrics = pytest.importorskip("sklearn.metrics")
krippendorff = pytest.importorskip("krippendorff")

TENTHS = [tenth / 10 for tenth in range(11)]
ALL = (squared_kappa, interval_alpha, pearson, spearman)


def scores(n: int, seed: int) -> np.ndarray:
    """Two raters in tenths, the second near the first, and milder."""
    rng, found = Random(f"{seed}/{n}"), []
    for _ in range(n):
        level = rng.random() ** 2
        found.append([round(min(1.0, max(0.0, level + rng.gauss(shift, 0.15))) * 10) / 10 for shift in (0, 0.1)])
    return np.array(found)


@pytest.mark.parametrize("seed", range(4))
def test_squared_kappa_is_that_of_scikit_learn(seed):
    """Over the eleven tenths as labels, to 1e-9."""
    found = scores(60, seed)
    one, other = (np.rint(found[:, at] * 10).astype(int) for at in (0, 1))
    expected = metrics.cohen_kappa_score(one, other, labels=range(11), weights="quadratic")
    assert value_of(squared_kappa, found) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_correlations_are_those_of_scipy(seed):
    """With many equal scores, to 1e-9."""
    found = scores(60, seed)
    assert value_of(pearson, found) == pytest.approx(stats.pearsonr(*found.T).statistic, abs=1e-9)
    assert value_of(spearman, found) == pytest.approx(stats.spearmanr(*found.T).statistic, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_that_of_krippendorff(seed):
    """Five raters, a third of the scores missing, to 1e-9."""
    rng = Random(f"{seed}")
    ratings = np.array(
        [[math.nan if rng.random() < 0.33 else rng.choice(TENTHS[level : level + 4]) for _ in range(5)]
         for level in (rng.randrange(8) for _ in range(50))]
    )  # fmt: skip
    expected = krippendorff.alpha(reliability_data=ratings.T, level_of_measurement="interval")
    assert value_of(interval_alpha, ratings) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("statistic", ALL)
def test_a_weight_is_an_item_so_many_times(statistic):
    """0, 1, 2 or 3 times: the same as of the items written out."""
    found = scores(40, 7)
    weights = np.array([Random(f"w{at}").randrange(4) for at in range(40)], dtype=float)
    written_out = np.repeat(found, weights.astype(int), axis=0)
    assert statistic(found, weights[None])[0] == pytest.approx(value_of(statistic, written_out), abs=1e-9)


def test_by_hand():
    """(0, 0), (0, ½), (1, ½), (1, 1).

    Means ½ and ½, variances 1/4 and 1/8, covariance 1/8. r = (1/8)/√(1/32) = 1/√2. Squared κ: apart 1/8, by chance
    1/4 + 1/8: 2/3. α: of eight scores 0,0,0,½,½,1,1,1 squares from the mean add up to 3/2, so by chance 2·8·(3/2)/7,
    seen 2·(1/2): 1 − 7/24 = 17/24. Ranks of the second are 1, 2½, 2½, 4, of the first 1½, 1½, 3½, 3½: r = 3/√(4·4.5).
    """
    found = np.array([[0, 0], [0, 0.5], [1, 0.5], [1, 1]])
    values = [value_of(statistic, found) for statistic in ALL]
    assert values == pytest.approx([2 / 3, 17 / 24, 1 / math.sqrt(2), 3 / math.sqrt(18)])


def test_a_rater_who_is_always_milder_agrees_less_than_correlates():
    """Everything 0.3 higher: correlated wholly, agreed upon not."""
    found = np.array([[each / 10, each / 10 + 0.3] for each in range(8)])
    assert value_of(pearson, found) == pytest.approx(1)
    assert value_of(spearman, found) == pytest.approx(1)
    assert value_of(squared_kappa, found) < 0.75
    assert value_of(interval_alpha, found) < 0.75


@pytest.mark.parametrize("statistic", ALL)
def test_without_variety_nothing_is_said(statistic):
    """One score throughout, or one item: None, where the libraries give not-a-number."""
    for found in (np.full((5, 2), 0.7), np.array([[0.3, 0.3]])):
        assert value_of(statistic, found) is None
        assert interval_of(statistic, found, [f"d{at}" for at in range(len(found))]) is None


def test_one_dialogue_has_no_interval():
    """Nothing is known of others."""
    assert interval_of(pearson, scores(10, 0), ["d"] * 10) is None


def test_the_interval_widens_with_items_that_go_together():
    """Ten dialogues of six copies are worth ten items, not sixty."""
    found = np.repeat(scores(10, 3), 6, axis=0)
    together = interval_of(pearson, found, [f"d{at // 6}" for at in range(60)])
    alone = interval_of(pearson, found, [f"d{at}" for at in range(60)])
    assert together[1] - together[0] > 1.5 * (alone[1] - alone[0])


@pytest.mark.parametrize("statistic", ALL)
def test_the_interval_covers_what_it_says(statistic):
    """Of 300 simulated sixties of dialogues with three items each, 90–98% hold the value of all."""
    everything = scores(60_000, 1)
    true = value_of(statistic, everything)
    inside = 0
    for seed in range(300):
        found = scores(180, seed)
        low, high = interval_of(statistic, found, [f"d{at // 3}" for at in range(180)], resamples=1000)
        inside += low <= true <= high
    assert 0.90 <= inside / 300 <= 0.98
