"""Weighted κ, α, the interval of κ and AC1: against other libraries, by hand, and by coverage."""

from __future__ import annotations

from random import Random

import pytest

from proutt.evaluation.agreement import confusion, kappa_interval, krippendorff_alpha, weighted_kappa
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, observed_agreement

metrics = pytest.importorskip("sklearn.metrics")
inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
krippendorff = pytest.importorskip("krippendorff")

ORDER = ["a", "tie", "b"]


def verdicts(n: int, seed: int, *, same: float = 0.6) -> list[tuple[str, str]]:
    """Two raters who say the same by nature in that share, else anything."""
    rng, found = Random(f"{seed}/{n}/{same}"), []
    for _ in range(n):
        first = rng.choices(ORDER, (5, 2, 3))[0]
        found.append((first, first if rng.random() < same else rng.choices(ORDER, (4, 3, 3))[0]))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_kappa_is_that_of_scikit_learn(seed):
    """Plain, linearly and quadratically weighted, to 1e-9."""
    ratings = verdicts(60, seed)
    first, second = zip(*ratings, strict=True)
    expected = [
        metrics.cohen_kappa_score(first, second, labels=ORDER, weights=w) for w in (None, "linear", "quadratic")
    ]
    found = [cohen_kappa(ratings), weighted_kappa(ratings, ORDER), weighted_kappa(ratings, ORDER, power=2)]
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_kappa_is_that_of_statsmodels(seed):
    """The asymptotic one, to 1e-9."""
    ratings = verdicts(60, seed)
    expected = inter_rater.cohens_kappa(confusion(ratings, ORDER))
    assert kappa_interval(ratings) == pytest.approx((expected.kappa_low, expected.kappa_upp), abs=1e-9)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(3))
def test_alpha_is_that_of_krippendorff(scale, seed):
    """Four raters, a third of the ratings missing, to 1e-9."""
    rng = Random(f"{seed}/{scale}")
    units = []
    for _ in range(40):
        level = rng.randint(1, 5)
        said = [min(5, max(1, level + rng.choice((-1, 0, 0, 0, 1)))) for _ in range(4)]
        units.append([each if rng.random() > 0.33 else None for each in said])
    table = [[float("nan") if unit[rater] is None else unit[rater] for unit in units] for rater in range(4)]
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement=scale, value_domain=[1, 2, 3, 4, 5])
    rated = [[each for each in unit if each is not None] for unit in units]
    assert krippendorff_alpha(rated, scale=scale, order=[1, 2, 3, 4, 5]) == pytest.approx(expected, abs=1e-9)


def test_alpha_by_hand():
    """aa, ab, bb: six values, half of each. Observed 2/6; by chance 2·9/30 = 3/5: 1 − (1/3)/(3/5) = 4/9."""
    assert krippendorff_alpha([("a", "a"), ("a", "b"), ("b", "b"), ("a",)]) == pytest.approx(4 / 9)


def test_weighted_kappa_by_hand():
    """(a, a), (a, b), (b, b), (b, b) of two labels: 1/4 apart, by chance 1/2·3/4 + 1/2·1/4 = 1/2, so 1/2."""
    assert weighted_kappa([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")], ["a", "b"]) == pytest.approx(0.5)


def test_a_tie_is_half_a_disagreement():
    """Apart by a tie, raters agree more than apart by the winner, where the order counts."""
    rest = [("a", "a"), ("b", "b"), ("tie", "tie")] * 5
    near, far = [*rest, ("a", "tie")], [*rest, ("a", "b")]
    assert weighted_kappa(near, ORDER) > weighted_kappa(far, ORDER)
    assert cohen_kappa(near) == pytest.approx(cohen_kappa(far), abs=0.01)


def test_the_interval_of_kappa_covers_what_it_says():
    """Of 1500 simulated hundreds of test cases, 93–97% of the intervals hold the κ of all (three labels)."""
    true = cohen_kappa(verdicts(400_000, 99))
    inside = 0
    for seed in range(1500):
        low, high = kappa_interval(verdicts(100, seed))
        inside += low <= true <= high
    assert 0.93 <= inside / 1500 <= 0.97


def test_the_bootstrapped_interval_of_kappa_covers_what_it_says():
    """Over dialogues of two copied test cases, 92–98% of 200 (there is 1.5% of chance in so few)."""
    true = cohen_kappa(verdicts(400_000, 99))
    inside = 0
    for seed in range(200):
        dialogues = [[each, each] for each in verdicts(100, seed)]
        low, high = bootstrap_interval(dialogues, cohen_kappa, seed=seed, resamples=200)
        inside += low <= true <= high
    assert 0.92 <= inside / 200 <= 0.98


@pytest.mark.parametrize("ratings", [[], [("a", "a")] * 4])
def test_without_variety_nothing_is_said(ratings):
    """No ratings, or one label throughout: None, where scikit-learn and statsmodels give not-a-number."""
    assert weighted_kappa(ratings, ORDER) is None
    assert kappa_interval(ratings) is None
    assert krippendorff_alpha(ratings) is None


def test_a_label_outside_the_order_is_a_bug():
    """Weights need a place for every label."""
    with pytest.raises(ValueError, match="order"):
        weighted_kappa([("a", "c")], ORDER)


def test_confusion_counts_rows_by_the_first_rater():
    """Rows and columns in the order asked for."""
    assert confusion([("a", "a"), ("a", "b"), ("tie", "a")], ORDER) == [[1, 0, 1], [1, 0, 0], [0, 0, 0]]


def test_ac1_is_gwets_formula_over_three_labels():
    """Worked from the margins: chance = Σ π(1 − π) / (labels − 1)."""
    ratings = verdicts(50, 3)
    shares = [sum((a == each) + (b == each) for a, b in ratings) / 100 for each in ORDER]
    chance = sum(share * (1 - share) for share in shares) / 2
    expected = (observed_agreement(ratings) - chance) / (1 - chance)
    assert gwet_ac1(ratings) == pytest.approx(expected, abs=1e-9)
