"""Means and shares with intervals that know of dialogues: test cases of one dialogue are not independent of each other.

The standard error of a mean is the clustered one (Miller, arXiv 2411.00640), with Student's t at clusters − 1 degrees
of freedom. With one test case a dialogue it is the usual one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proutt.evaluation.distributions import t_quantile

#: (dialogue, value): one number of one test case.
Value = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95% interval.

    error      clustered standard error; None, like low and high, with fewer than two dialogues
    n          test cases; clusters: dialogues
    """

    mean: float
    error: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int


def clustered_mean(values: Iterable[Value], *, share: float = 0.95) -> Estimate | None:
    """The mean over test cases, with an interval over dialogues; None where there are none."""
    items = list(values)
    if not items:
        return None
    mean = math.fsum(value for _, value in items) / len(items)
    sums = _sums((dialogue, value - mean) for dialogue, value in items)
    if len(sums) < 2:
        return Estimate(mean, None, None, None, len(items), len(sums))
    error = math.sqrt(len(sums) / (len(sums) - 1) * math.fsum(each * each for each in sums)) / len(items)
    half = t_quantile((1 + share) / 2, len(sums) - 1) * error
    return Estimate(mean, error, mean - half, mean + half, len(items), len(sums))


def clustered_share(hits: Iterable[tuple[str, bool]]) -> Estimate | None:
    """The share of test cases that are hits, 0..1, with Wilson's interval for as many cases as the dialogues are worth.

    How many that is: n divided by how much dialogues widen the standard error, squared (the design effect). A share of
    0 or 1 has no spread to tell it by; then a dialogue counts as one case.
    """
    items = [(dialogue, float(hit)) for dialogue, hit in hits]
    plain = clustered_mean(items)
    if plain is None or plain.error is None:
        return plain
    alone = math.sqrt(plain.mean * (1 - plain.mean) / plain.n)
    worth = plain.n * (alone / plain.error) ** 2 if plain.error > 0 < alone else plain.clusters
    z = t_quantile(0.975, plain.clusters - 1)
    spread = z * z / worth
    middle = (plain.mean + spread / 2) / (1 + spread)
    half = z * math.sqrt(plain.mean * (1 - plain.mean) / worth + spread / (4 * worth)) / (1 + spread)
    low = 0.0 if plain.mean == 0 else middle - half
    high = 1.0 if plain.mean == 1 else middle + half
    return Estimate(plain.mean, plain.error, low, high, plain.n, plain.clusters)


def repeat_interval(means: Sequence[float]) -> tuple[float, float] | None:
    """The paper's interval (Table I): of the mean over repeated evaluations of the same test cases, by Student's t.

    It says how much judging and sampling vary. It says nothing of other dialogues, so it is narrower than what a
    reader takes it for. None with fewer than two repeats.
    """
    estimate = clustered_mean((str(number), mean) for number, mean in enumerate(means))
    return None if estimate is None or estimate.low is None or estimate.high is None else (estimate.low, estimate.high)


def _sums(values: Iterable[Value]) -> list[float]:
    parts: dict[str, list[float]] = {}
    for dialogue, value in values:
        parts.setdefault(dialogue, []).append(value)
    return [math.fsum(each) for each in parts.values()]
