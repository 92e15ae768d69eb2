"""Means and shares with intervals over dialogues: against scipy and statsmodels, by hand, and by their coverage."""

from __future__ import annotations

import math
from random import Random

import pytest

from proutt.evaluation.clusters import clustered_mean, clustered_share, repeat_interval

stats = pytest.importorskip("scipy.stats")
sm = pytest.importorskip("statsmodels.api")


def several_turns(seed: int, dialogues: int = 40) -> list[tuple[str, float]]:
    """Scores of dialogues of one to six test cases that have a level in common."""
    rng = Random(seed)
    found = []
    for number in range(dialogues):
        level = rng.gauss(0.5, 0.2)
        found += [(f"d{number}", level + rng.gauss(0, 0.2)) for _ in range(rng.randint(1, 6))]
    return found


def test_one_test_case_a_dialogue_is_the_usual_interval():
    """As scipy has it for independent numbers."""
    values = [value for _, value in several_turns(1)]
    found = clustered_mean((str(at), value) for at, value in enumerate(values))
    low, high = stats.t.interval(0.95, len(values) - 1, sum(values) / len(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_several_test_cases_a_dialogue_are_statsmodels_clustered_errors():
    """OLS of a constant, clustered, with its correction for few clusters and t at clusters − 1."""
    items = several_turns(2)
    groups = [int(dialogue[1:]) for dialogue, _ in items]
    fit = sm.OLS([value for _, value in items], [1.0] * len(items)).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    found = clustered_mean(items)
    assert found.error == pytest.approx(fit.bse[0], abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[0]), abs=1e-9)


def test_a_clustered_mean_by_hand():
    """a: 1, 1; b: 0. Mean 2/3; sums of deviations 2/3 and −2/3; error √(2 · 8/9) / 3 = 4/9."""
    found = clustered_mean([("a", 1.0), ("a", 1.0), ("b", 0.0)])
    assert found.mean == pytest.approx(2 / 3)
    assert found.error == pytest.approx(4 / 9)
    assert (found.n, found.clusters) == (3, 2)


def test_copies_of_a_dialogue_are_no_new_evidence():
    """Each test case ten times: the interval stays as it was."""
    items = several_turns(3)
    once, often = clustered_mean(items), clustered_mean(items * 10)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_one_dialogue_has_no_interval_and_none_has_no_mean():
    """There is no spread to tell it by."""
    alone = clustered_mean([("a", 0.2), ("a", 0.4)])
    assert (alone.mean, alone.low, alone.high) == (pytest.approx(0.3), None, None)
    assert clustered_mean([]) is None


def test_the_interval_of_a_mean_covers_what_it_says():
    """Of 2000 simulated test sets with dialogues of unequal length, 93–97% of the intervals hold the true mean."""
    inside = sum(each.low <= 0.5 <= each.high for each in map(clustered_mean, map(several_turns, range(2000))))
    assert 0.93 <= inside / 2000 <= 0.97


def test_the_unclustered_interval_would_not():
    """Taken as independent, the same test cases cover far less: what clustering is for."""
    alone = [[(str(at), value) for at, (_, value) in enumerate(several_turns(seed))] for seed in range(1000)]
    inside = sum(each.low <= 0.5 <= each.high for each in map(clustered_mean, alone))
    assert inside / 1000 < 0.85


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
@pytest.mark.parametrize("together", [0.0, 0.5])
def test_the_interval_of_a_share_covers_what_it_says(share, together):
    """93–97%, for shares near the edge too, with test cases of a dialogue that go together or do not (50 dialogues)."""
    inside = 0
    for seed in range(1000):
        rng, hits = Random(f"{seed}/{share}/{together}"), []
        for number in range(50):
            common = rng.random() < share
            hits += [
                (f"d{number}", common if rng.random() < together else rng.random() < share)
                for _ in range(rng.randint(1, 4))
            ]
        found = clustered_share(hits)
        inside += found.low <= share <= found.high
    assert 0.93 <= inside / 1000 <= 0.97


def test_a_share_of_nothing_or_all_keeps_room_on_the_other_side():
    """None of 20: the interval begins at 0 and does not end there."""
    none = clustered_share((f"d{each}", False) for each in range(20))
    every = clustered_share((f"d{each}", True) for each in range(20))
    assert none.low == 0.0 < 0.1 < none.high < 0.25
    assert (every.low, every.high) == pytest.approx((1 - none.high, 1.0))


def test_the_papers_interval_is_over_repeats():
    """Five means: their mean ± t(4) · s / √5, as scipy has it; one repeat has none."""
    means = [0.58, 0.60, 0.61, 0.57, 0.62]
    half = stats.t.ppf(0.975, 4) * stats.sem(means)
    assert repeat_interval(means) == pytest.approx((math.fsum(means) / 5 - half, math.fsum(means) / 5 + half), abs=1e-9)
    assert repeat_interval([0.5]) is None
