"""A straight line through scores while other things are held fixed, with an interval over clusters. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proutt.evaluation.clusters import Estimate
from proutt.evaluation.distributions import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: What of x is left once the fixed things are taken out of it, as a share of it: less is nothing but rounding.
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """One observation.

    fixed  the level of each thing that is held fixed, such as its persona and its turn
    """

    cluster: str
    x: float
    y: float
    fixed: tuple[Hashable, ...] = ()


def slope(points: Sequence[Point], *, share: float = 0.95) -> Estimate | None:
    """How much y rises where x rises by 1, by least squares, with an effect for every level of what is fixed.

    The error is the cluster-robust one (CR1: G/(G−1) · (n−1)/(n−k)), with Student's t at clusters − 1 degrees of
    freedom. None where x says nothing that the fixed things do not say; no interval with fewer than two clusters, or
    as many effects as points.
    """
    import numpy as np

    if not points:
        return None
    x, y = (np.array([getattr(each, name) for each in points], dtype=np.float64) for name in ("x", "y"))
    held, effects = _effects(points)
    rest = x - held @ np.linalg.lstsq(held, x, rcond=None)[0]
    weight = float(rest @ rest)
    if weight <= _LEAST * max(float(x @ x), 1.0):
        return None
    found = float(rest @ y) / weight
    left = y - held @ np.linalg.lstsq(held, y, rcond=None)[0] - found * rest
    sums: dict[str, float] = {}
    for each, part in zip(points, rest * left, strict=True):
        sums[each.cluster] = sums.get(each.cluster, 0.0) + float(part)
    free = len(points) - effects - 1
    if len(sums) < 2 or free < 1:
        return Estimate(found, None, None, None, len(points), len(sums))
    scale = len(sums) / (len(sums) - 1) * (len(points) - 1) / free
    error = math.sqrt(scale * math.fsum(each * each for each in sums.values())) / weight
    half = t_quantile((1 + share) / 2, len(sums) - 1) * error
    return Estimate(found, error, found - half, found + half, len(points), len(sums))


def _effects(points: Sequence[Point]) -> tuple[Array, int]:
    """(points, 1 + levels): a column of ones, and one for every level; and how many of them say something."""
    import numpy as np

    columns = [np.ones(len(points))]
    for at in range(len(points[0].fixed)):
        levels = sorted({each.fixed[at] for each in points}, key=str)
        columns += [np.array([each.fixed[at] == level for each in points], dtype=np.float64) for level in levels[1:]]
    held = np.column_stack(columns)
    return held, int(np.linalg.matrix_rank(held))
