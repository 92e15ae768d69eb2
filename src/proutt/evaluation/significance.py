"""Comparing two systems on the same test cases: effect, interval, p, and what may be said of it.

A difference that is not significant says something only where one that matters would have been found: else it is
"inconclusive". The power that decides on it is that for a difference named beforehand, never for the one observed,
which would only say p again in other words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from proutt.evaluation.clusters import clustered_mean
from proutt.evaluation.distributions import even_two_sided, t_two_sided
from proutt.evaluation.power import ENOUGH, LEVEL, MATTERS, power_of


class Finding(StrEnum):
    """What a comparison allows to say."""

    A_BETTER = "a is better"
    B_BETTER = "b is better"
    NO_DIFFERENCE = "no difference that matters"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """a − b over common test cases.

    low, high   95% over dialogues; None, like p, with fewer than two dialogues
    p           two-sided, by clustered t; p_adjusted: Holm's, among the comparisons made together
    power       chance to find a true difference of `matters`, at this spread
    """

    a: str
    b: str
    n: int
    clusters: int
    effect: float
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    matters: float
    power: float | None
    finding: Finding


def compared(
    a: str, b: str, scores: Iterable[tuple[str, float, float]], *, matters: float = MATTERS
) -> Comparison | None:
    """Two systems over (dialogue, score of a, score of b), before any adjustment; None without test cases."""
    estimate = clustered_mean((dialogue, one - other) for dialogue, one, other in scores)
    if estimate is None:
        return None
    p = power = None
    if estimate.error is not None:
        p, power = _p(estimate.mean, estimate.error, estimate.clusters - 1), power_of(matters, estimate.error)
    single = Comparison(
        a, b, estimate.n, estimate.clusters, estimate.mean, estimate.low, estimate.high, p, p, matters, power,
        Finding.INCONCLUSIVE,
    )  # fmt: skip
    return replace(single, finding=_finding(single))


def adjusted(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same with p adjusted by Holm's method among them, and findings that follow from it."""
    known = [each.p for each in comparisons if each.p is not None]
    corrected = iter(holm(known))
    found = [replace(each, p_adjusted=None if each.p is None else next(corrected)) for each in comparisons]
    return [replace(each, finding=_finding(each)) for each in found]


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p, in the order of `ps`."""
    found, least = [0.0] * len(ps), 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda each: ps[each])):
        least = max(least, min(1.0, (len(ps) - rank) * ps[at]))
        found[at] = least
    return found


def sign_test(wins: int, losses: int) -> float:
    """The exact two-sided p of wins against losses, ties left out (McNemar's exact test is the same)."""
    return even_two_sided(wins, wins + losses)


def _p(effect: float, error: float, freedom: int) -> float:
    if error > 1e-15:
        return t_two_sided(effect / error, freedom)
    return 1.0 if math.isclose(effect, 0, abs_tol=1e-15) else 0.0


def _finding(comparison: Comparison) -> Finding:
    p, power = comparison.p_adjusted, comparison.power
    if p is not None and p < LEVEL:
        return Finding.A_BETTER if comparison.effect > 0 else Finding.B_BETTER
    return Finding.NO_DIFFERENCE if power is not None and power >= ENOUGH else Finding.INCONCLUSIVE
