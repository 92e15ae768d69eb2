"""Bradley–Terry: against statsmodels' logistic regression, by hand, and by coverage."""

from __future__ import annotations

import math
from random import Random

import pytest

from proutt.evaluation.ranking import Outcome, ranked

np = pytest.importorskip("numpy")
sm = pytest.importorskip("statsmodels.api")

TRUE = {"a": 0.8, "b": 0.1, "c": -0.2, "d": -0.7}


def played(seed: int, dialogues: int = 60, *, ties: bool = False) -> list[Outcome]:
    """Every pair of four systems in each dialogue, by the true strengths."""
    rng, found = Random(seed), []
    names = sorted(TRUE)
    for number in range(dialogues):
        for at, a in enumerate(names):
            for b in names[at + 1 :]:
                won = rng.random() < 1 / (1 + math.exp(TRUE[b] - TRUE[a]))
                share = 0.5 if ties and rng.random() < 0.3 else float(won)
                found.append(Outcome(f"d{number}", a, b, share))
    return found


def by_logistic_regression(outcomes: list[Outcome]):
    """θ relative to the last system, and its clustered covariance, by statsmodels."""
    names = sorted(TRUE)
    rows = np.zeros((len(outcomes), len(names)))
    for row, each in zip(rows, outcomes, strict=True):
        row[names.index(each.a)], row[names.index(each.b)] = 1, -1
    groups = [int(each.dialogue_id[1:]) for each in outcomes]
    kinds = {"groups": groups, "use_correction": False}
    model = sm.GLM([each.share for each in outcomes], rows[:, :-1], family=sm.families.Binomial())
    return model.fit(cov_type="cluster", cov_kwds=kinds, tol=1e-14, maxiter=200)


@pytest.mark.parametrize("ties", [False, True])
def test_strengths_and_errors_are_those_of_logistic_regression(ties):
    """Centred, to 1e-9; the interval by t at dialogues − 1 with the factor for few dialogues."""
    from scipy import stats

    outcomes = played(1, ties=ties)
    fit = by_logistic_regression(outcomes)
    centre = np.vstack([np.eye(3), np.zeros(3)]) - np.full((4, 3), 0.25)
    theta = centre @ fit.params
    errors = np.sqrt(np.diag(centre @ fit.cov_params() @ centre.T) * 60 / 59)
    found = {each.system: each for each in ranked(outcomes).strengths}
    for at, name in enumerate(sorted(TRUE)):
        half = stats.t.ppf(0.975, 59) * errors[at]
        assert found[name].theta == pytest.approx(theta[at], abs=1e-9)
        assert (found[name].low, found[name].high) == pytest.approx((theta[at] - half, theta[at] + half), abs=1e-8)


def test_two_systems_by_hand():
    """Three wins to one: odds 3, so θ = ± ln 3 / 2."""
    outcomes = [Outcome(f"d{at}", "a", "b", share) for at, share in enumerate((1.0, 1.0, 1.0, 0.0))]
    first, second = ranked(outcomes).strengths
    assert (first.system, first.theta) == ("a", pytest.approx(math.log(3) / 2))
    assert second.theta == pytest.approx(-math.log(3) / 2)


def test_ties_pull_together():
    """All ties: equal strengths, and no smoothing needed for it."""
    found = ranked([Outcome(f"d{at}", "a", "b", 0.5) for at in range(5)])
    assert [each.theta for each in found.strengths] == pytest.approx([0.0, 0.0])
    assert not found.smoothed


def test_one_that_never_loses_has_a_finite_strength_that_says_so():
    """Its likelihood grows without end: half a win each way is added, and that is told."""
    found = ranked([Outcome(f"d{at}", "a", "b", 1.0) for at in range(10)])
    assert found.smoothed
    assert found.strengths[0].system == "a"
    assert found.strengths[0].theta == pytest.approx(math.log(21) / 2)


def test_systems_never_compared_have_no_common_scale():
    """a with b and c with d: nothing ranks them together."""
    assert ranked([Outcome("x", "a", "b", 1.0), Outcome("y", "c", "d", 0.0)]) is None
    assert ranked([]) is None


def test_a_circle_of_equals_has_no_first():
    """Rock, paper, scissors: all strengths are 0."""
    found = ranked([Outcome("x", "a", "b", 1.0), Outcome("y", "b", "c", 1.0), Outcome("z", "a", "c", 0.0)])
    assert [each.theta for each in found.strengths] == pytest.approx([0, 0, 0], abs=1e-9)


def test_the_intervals_cover_what_they_say():
    """Of 500 simulated tournaments over 60 dialogues, 93–97% of the intervals hold the true strength."""
    inside = sum(
        each.low <= TRUE[each.system] <= each.high for seed in range(500) for each in ranked(played(seed)).strengths
    )
    assert 0.93 <= inside / 2000 <= 0.97
