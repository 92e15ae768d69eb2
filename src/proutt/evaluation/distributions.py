"""Tails of the normal, Student's t and binomial distributions, so that no statistics library is needed at run time.

Checked against scipy in tests/evaluation/test_distributions.py.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()

_ENOUGH = 10_000
_TINY = 1e-300
_EPSILON = 1e-16


def t_two_sided(t: float, freedom: float) -> float:
    """P(|T| ≥ |t|) of Student's t with that many degrees of freedom (> 0)."""
    return _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=1024)
def t_quantile(share: float, freedom: float) -> float:
    """The t with P(T ≤ t) = share; share strictly between 0 and 1."""
    if share < 0.5:
        return -t_quantile(1 - share, freedom)
    tail = 2 * (1 - share)
    low, high = 0.0, 2.0
    while t_two_sided(high, freedom) > tail:
        low, high = high, high * 2
    while high - low > 1e-13 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_two_sided(middle, freedom) > tail else (low, middle)
    return (low + high) / 2


def even_two_sided(hits: int, of: int) -> float:
    """The exact two-sided p of `hits` heads in `of` throws of a fair coin; 1 where nothing was thrown."""
    rarer = min(hits, of - hits)
    ways: int = sum(math.comb(of, each) for each in range(rarer + 1))
    return min(1.0, 2 * ways / (1 << of))


def _beta_share(x: float, a: float, b: float) -> float:
    """I_x(a, b), the regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1 - _beta_share(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x) - math.log(a)
    )
    return front / _beta_fraction(x, a, b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """1 + d₁/(1 + d₂/(1 + …)), by Lentz's method."""
    value, up, down = 1.0, 1.0, 0.0
    for step in range(1, _ENOUGH):
        half = step // 2
        if step % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        down = 1 / ((1 + term * down) or _TINY)
        up = (1 + term / up) or _TINY
        value *= up * down
        if abs(up * down - 1) < _EPSILON:
            break
    return value
