"""Probability control: what is drawn follows equations (6) to (10), and reluctance knows nothing of it."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent.task import IntentionType, Seed, Task
from proutt.methods.synpt.inquiry import count_distribution, draw_inquiry, is_reluctant

WEIGHTS = (0.8, 0.7, 0.6, 0.5)
DRAWS = 4000
#: Chi-square that a true null hypothesis passes once in a thousand, by degrees of freedom.
CRITICAL = {3: 16.27, 4: 18.47}


def task_of(weights: tuple[float, ...], mean: float, deviation: float = 2.0) -> Task:
    intentions = tuple(IntentionType(f"t{at}", f"T{at}", "", weight) for at, weight in enumerate(weights))
    return Task("trip", "en", intentions, "any", 7, mean, deviation)


TRIP = task_of(WEIGHTS, mean=2.0)


def seed_of(number: int, task: Task = TRIP) -> Seed:
    return Seed(str(number), task, dict.fromkeys(task.keys, "x"))


@cache
def drawn() -> tuple[tuple[str, ...], ...]:
    return tuple(draw_inquiry(seed_of(number), 0) for number in range(DRAWS))


def chi_square(found: list[int], shares: list[float]) -> float:
    """How far counts are from the shares that they should have."""
    total = sum(found)
    return sum((each - total * share) ** 2 / (total * share) for each, share in zip(found, shares, strict=True))


def exact_inclusion(task: Task) -> list[float]:
    """How often each intention is named: over all m, and all orders of successive draws by k_i's share."""
    weights = [each.weight for each in task.intentions]
    inclusion = [0.0] * len(weights)
    for m, share in enumerate(count_distribution(task)):
        for order in permutations(range(len(weights)), m):
            chance, left = share, sum(weights)
            for at in order:
                chance *= weights[at] / left
                left -= weights[at]
            for at in order:
                inclusion[at] += chance
    return inclusion


def test_counts_follow_the_normalised_density():
    """Equations (6) and (7), written out for four intentions around a mean of two."""
    densities = [math.exp(-((n - 2) ** 2) / 8) / math.sqrt(2 * math.pi * 4) for n in range(5)]
    assert count_distribution(TRIP) == pytest.approx([each / sum(densities) for each in densities])


@given(st.integers(1, 8), st.floats(-50, 50), st.floats(0.05, 20))
def test_counts_are_a_distribution_wherever_the_mean_lies(intentions, mean, deviation):
    """N + 1 probabilities that sum to one, even where every density is too small to be told from zero."""
    found = count_distribution(task_of((1.0,) * intentions, mean, deviation))
    assert len(found) == intentions + 1
    assert sum(found) == pytest.approx(1)
    assert all(0 <= each <= 1 for each in found)


def test_the_drawn_counts_are_distributed_so():
    """m ~ P(n), equation (8): a chi-square of the counts over many seeds, none and all among them."""
    counts = Counter(len(each) for each in drawn())
    assert chi_square([counts[n] for n in range(5)], list(count_distribution(TRIP))) < CRITICAL[4]
    assert counts[0] > 0
    assert counts[4] > 0


def test_intentions_are_named_as_often_as_their_weights_say():
    """Equations (9) and (10): each intention's frequency against exact enumeration, within four standard errors."""
    for key, share in zip(TRIP.keys, exact_inclusion(TRIP), strict=True):
        found = sum(key in each for each in drawn()) / DRAWS
        assert abs(found - share) < 4 * math.sqrt(share * (1 - share) / DRAWS)


def test_where_one_is_named_it_is_drawn_by_q():
    """With m = 1 the frequencies are q_i of equation (9) themselves."""
    named = Counter(each[0] for each in drawn() if len(each) == 1)
    shares = [weight / sum(WEIGHTS) for weight in WEIGHTS]
    assert chi_square([named[key] for key in TRIP.keys], shares) < CRITICAL[3]


@given(st.text(min_size=1), st.integers(), st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_an_inquiry_names_intentions_of_the_task_in_its_order_each_once(seed_id, run_seed, weights):
    """Whatever the weights, and the same each time for the same seed."""
    task = task_of(tuple(weights), mean=len(weights) / 2)
    seed = Seed(seed_id, task, dict.fromkeys(task.keys, "x"))
    found = draw_inquiry(seed, run_seed)
    assert list(found) == [key for key in task.keys if key in found]
    assert found == draw_inquiry(seed, run_seed)


def test_a_share_of_the_users_is_reluctant():
    """As many as was set, within four standard errors; none and all at the ends."""
    seeds = [seed_of(number) for number in range(DRAWS)]
    found = sum(is_reluctant(each, 0, 0.33) for each in seeds) / DRAWS
    assert abs(found - 0.33) < 4 * math.sqrt(0.33 * 0.67 / DRAWS)
    assert not any(is_reluctant(each, 0, 0.0) for each in seeds)
    assert all(is_reluctant(each, 0, 1.0) for each in seeds)


def test_reluctance_tells_nothing_of_how_much_an_inquiry_names():
    """Chi-square of independence over counts and reluctance: whoever is reluctant is as wordy as the others."""
    reluctant = [is_reluctant(seed_of(number), 0, 0.33) for number in range(DRAWS)]
    share = sum(reluctant) / DRAWS
    counts = Counter(len(each) for each in drawn())
    both = Counter(len(each) for each, tired in zip(drawn(), reluctant, strict=True) if tired)
    statistic = sum(
        (both[n] - counts[n] * share) ** 2 / (counts[n] * share)
        + (both[n] - counts[n] * share) ** 2 / (counts[n] * (1 - share))
        for n in range(5)
    )
    assert statistic < CRITICAL[4]


def test_another_run_seed_draws_anew():
    """Chance is keyed by the run's seed and the seed's id."""
    assert [draw_inquiry(seed_of(number), 1) for number in range(50)] != list(drawn()[:50])
