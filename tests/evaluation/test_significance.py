"""Paired comparisons, adjusted p and power: against scipy and statsmodels, by hand, and by their coverage."""

from __future__ import annotations

from random import Random

import pytest

from proutt.evaluation.power import cases_needed, design_effect, least_difference, power_of
from proutt.evaluation.significance import Finding, adjusted, compared, holm, sign_test

stats = pytest.importorskip("scipy.stats")
multitest = pytest.importorskip("statsmodels.stats.multitest")
statsmodels_power = pytest.importorskip("statsmodels.stats.power")


def scores(n: int, difference: float, *, sd: float = 0.3, seed: int = 0) -> list[tuple[str, float, float]]:
    """One test case a dialogue."""
    rng = Random(f"{seed}/{n}/{difference}")
    return [
        (f"d{at}", base + rng.gauss(difference, sd), base) for at, base in enumerate(rng.random() for _ in range(n))
    ]


def test_one_test_case_a_dialogue_is_the_paired_t_test():
    """Effect, interval and p as scipy's."""
    data = scores(80, 0.05)
    expected = stats.ttest_rel([a for _, a, _ in data], [b for _, _, b in data])
    found = compared("a", "b", data)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()), abs=1e-9)


def test_a_paired_comparison_by_hand():
    """Differences 0.1, 0.2, 0.3: mean 0.2, error 0.1/√3, t = 2√3 at 2 degrees of freedom: p = 0.0742."""
    found = compared("a", "b", [("x", 0.1, 0.0), ("y", 0.2, 0.0), ("z", 0.3, 0.0)])
    assert found.effect == pytest.approx(0.2)
    assert found.p == pytest.approx(0.0741799, abs=1e-7)


def test_p_values_are_spread_evenly_where_there_is_no_difference():
    """Of 1000 comparisons of equals over dialogues of several test cases, 3–7% are significant at 5%."""
    hits = 0
    for seed in range(1000):
        rng, data = Random(seed), []
        for number in range(40):
            level = rng.gauss(0, 0.2)
            data += [(f"d{number}", level + rng.gauss(0, 0.2), 0.0) for _ in range(rng.randint(1, 5))]
        hits += compared("a", "b", data).p < 0.05
    assert 0.03 <= hits / 1000 <= 0.07


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels(seed):
    """To 1e-9, ties and order included."""
    rng = Random(seed)
    ps = [round(rng.random() ** 3, 2) for _ in range(9)]
    assert holm(ps) == pytest.approx(list(multitest.multipletests(ps, method="holm")[1]), abs=1e-9)


def test_holm_by_hand():
    """0.01·3, then 0.03·2, then no less than that: 0.04 becomes 0.06."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


def test_wins_against_losses_are_mcnemars_exact_test():
    """As scipy's binomial test; by hand, 5 wins and no loss: 2 / 2⁵."""
    assert sign_test(30, 15) == pytest.approx(stats.binomtest(30, 45).pvalue, abs=1e-9)
    assert sign_test(5, 0) == pytest.approx(0.0625)


@pytest.mark.parametrize(("difference", "n"), [(0.02, 1766), (0.03, 785), (0.05, 283)])
def test_how_many_test_cases_a_difference_needs(difference, n):
    """At a spread of 0.3 and 80% power; by the closed form ((1.96 + 0.8416) · 0.3 / 0.03)² = 784.9 → 785."""
    assert abs(cases_needed(difference, 0.3) - n) <= 1
    assert power_of(difference, 0.3 / cases_needed(difference, 0.3) ** 0.5) >= 0.8


@pytest.mark.parametrize("n", [20, 100, 785])
@pytest.mark.parametrize("effect", [0.05, 0.1, 0.5])
def test_power_is_that_of_statsmodels(effect, n):
    """Of a two-sided normal test, both tails."""
    expected = statsmodels_power.NormalIndPower(ddof=0).power(effect, n, 0.05, ratio=0)
    assert power_of(effect, 1 / n**0.5) == pytest.approx(expected, abs=1e-9)


def test_the_planned_number_finds_the_difference_as_often_as_it_says():
    """Of 400 simulated comparisons with a true difference of 0.1 and the planned number, 75–85% find it."""
    n = cases_needed(0.1, 0.3)
    found = sum(compared("a", "b", scores(n, 0.1, seed=seed)).p < 0.05 for seed in range(400))
    assert 0.75 <= found / 400 <= 0.85


def test_dialogues_of_several_test_cases_need_more_of_them():
    """Four a dialogue, correlated 0.5: 1 + 3 · 0.5 = 2.5 times as many."""
    assert design_effect(4, 0.5) == 2.5
    assert cases_needed(0.03, 0.3, per_dialogue=4, correlation=0.5) == pytest.approx(2.5 * 785, abs=3)


def test_the_least_difference_is_found_with_that_power():
    """What 80% power can find has 80% power."""
    assert power_of(least_difference(0.02), 0.02) == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize(
    ("n", "difference", "finding"),
    [
        (2000, 0.06, Finding.A_BETTER),
        (2000, -0.06, Finding.B_BETTER),
        (3000, 0.0, Finding.NO_DIFFERENCE),  # 99.9% power to see 0.03
        (100, 0.0, Finding.INCONCLUSIVE),  # 17%
    ],
)
def test_what_is_not_significant_is_conclusive_only_with_power(n, difference, finding):
    """No difference is a finding only where one that matters would have been seen."""
    assert compared("a", "b", scores(n, difference)).finding == finding


def test_adjusting_can_take_a_finding_away():
    """Alone p < 0.05; one of ten such comparisons, no longer."""
    single = next(
        each for seed in range(200) if 0.01 < (each := compared("a", "b", scores(100, 0.06, seed=seed))).p < 0.05
    )
    assert single.finding in {Finding.A_BETTER, Finding.B_BETTER}
    assert {each.finding for each in adjusted([single] * 10)} == {Finding.INCONCLUSIVE}


def test_the_same_scores_are_no_difference():
    """Every difference is 0: p is 1, and no spread hides anything."""
    found = compared("a", "b", [(f"d{at}", 0.5, 0.5) for at in range(10)])
    assert (found.effect, found.p, found.finding) == (0.0, 1.0, Finding.NO_DIFFERENCE)


def test_one_dialogue_allows_nothing():
    """No interval, no p: inconclusive."""
    found = compared("a", "b", [("x", 1.0, 0.0), ("x", 1.0, 0.0)])
    assert (found.p, found.low, found.finding) == (None, None, Finding.INCONCLUSIVE)
    assert compared("a", "b", []) is None
