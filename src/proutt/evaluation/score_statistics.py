"""How far scores agree: weighted κ, Krippendorff's α, correlations, each with an interval over dialogues; pure.

Every statistic is of `ratings`, an array (items, raters) of scores in 0..1 or of cosines, and of `weights`, an array
(draws, items): how often each item counts. It gives one value a draw, nan where it says nothing. Drawing dialogues
anew, for an interval, only changes the weights, so thousands of draws are a few products of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING

from proutt.evaluation.distributions import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Statistic = Callable[[Array, Array], Array]

RESAMPLES = 2000
#: Draws that are worked on together; it bounds the memory.
TOGETHER = 250


def squared_kappa(ratings: Array, weights: Array) -> Array:
    """Cohen's κ of two raters, with disagreements weighted by their squares; nan where both gave one score throughout.

    For scores on a scale of equal steps it does not depend on which steps there are, so means over repeats need no
    rounding: it is Lin's concordance coefficient.
    """
    ratings = ratings - ratings.mean()
    one, other = ratings[:, 0], ratings[:, 1]
    total = weights.sum(axis=1)
    squares = weights @ (one**2 + other**2) / total
    by_chance = squares - 2 * (weights @ one / total) * (weights @ other / total)
    apart = weights @ (one - other) ** 2 / total
    return _where(~_constant(ratings, weights), 1 - _ratio(apart, by_chance))


def interval_alpha(ratings: Array, weights: Array) -> Array:
    """Krippendorff's α for numbers; nan in ratings where a rater has no score.

    Items with one score say nothing and are left out. nan where no item has two scores, or one score throughout.
    """
    import numpy as np

    there = ~np.isnan(ratings)
    kept = there.sum(axis=1) > 1
    ratings, there, weights = ratings[kept], there[kept], weights[:, kept]
    if not len(ratings):
        return np.full(len(weights), np.nan)
    scores = there.sum(axis=1)
    # Taken from the mean: differences do not change by it, and sums of squares then lose no digits.
    centred = np.where(there, ratings - np.nanmean(ratings), 0.0)
    sums, squares = centred.sum(axis=1), (centred**2).sum(axis=1)
    total = weights @ scores
    seen = weights @ ((scores * squares - sums**2) / (scores - 1))
    by_chance = _ratio(total * (weights @ squares) - (weights @ sums) ** 2, total - 1)
    return _where(~_constant(ratings, weights), 1 - _ratio(seen, by_chance))


def pearson(ratings: Array, weights: Array) -> Array:
    """Pearson's r of two raters, −1..1; nan where one of them gave one score throughout."""
    import numpy as np

    ratings = ratings - ratings.mean(axis=0)
    one, other = (np.broadcast_to(ratings[:, at], weights.shape) for at in (0, 1))
    varied = ~(_constant(ratings[:, :1], weights) | _constant(ratings[:, 1:], weights))
    return _where(varied, _correlation(one, other, weights))


def spearman(ratings: Array, weights: Array) -> Array:
    """Spearman's ρ of two raters: Pearson's r of ranks, the same scores sharing theirs."""
    varied = ~(_constant(ratings[:, :1], weights) | _constant(ratings[:, 1:], weights))
    return _where(varied, _correlation(_ranks(ratings[:, 0], weights), _ranks(ratings[:, 1], weights), weights))


def _ranks(scores: Array, weights: Array) -> Array:
    """(draws, items): ranks where each score stands as often as its weight says, from the middle, as shares of all."""
    import numpy as np

    levels, place = np.unique(scores, return_inverse=True)
    often = np.zeros((len(levels), len(weights)))
    np.add.at(often, place, weights.T)
    ranks: Array = ((np.cumsum(often, axis=0) - often / 2) / weights.sum(axis=1) - 0.5).T
    return ranks[:, place]


def _correlation(one: Array, other: Array, weights: Array) -> Array:
    """Pearson's r of (draws, items) and the same, draw by draw."""
    total = weights.sum(axis=1, keepdims=True)
    one = one - (weights * one).sum(axis=1, keepdims=True) / total
    other = other - (weights * other).sum(axis=1, keepdims=True) / total
    spreads = (weights * one**2).sum(axis=1) * (weights * other**2).sum(axis=1)
    return _ratio((weights * one * other).sum(axis=1), spreads**0.5)


def _constant(ratings: Array, weights: Array) -> NDArray[np.bool_]:
    """Draw by draw, whether all that counts is one and the same score."""
    import numpy as np

    low, high = np.nanmin(ratings, axis=1), np.nanmax(ratings, axis=1)
    counts = weights > 0
    found: NDArray[np.bool_] = np.where(counts, high, -np.inf).max(axis=1) <= np.where(counts, low, np.inf).min(axis=1)
    return found


def _where(known: NDArray[np.bool_], values: Array) -> Array:
    import numpy as np

    return np.where(known, values, np.nan)


def _ratio(one: Array, other: Array) -> Array:
    """nan where there is nothing to divide by."""
    import numpy as np

    return np.divide(one, other, out=np.full_like(one, np.nan), where=other != 0)


def value_of(statistic: Statistic, ratings: Array) -> float | None:
    """The statistic with every item once; None where it says nothing."""
    import numpy as np

    value = float(statistic(ratings, np.ones((1, len(ratings))))[0])
    return None if np.isnan(value) else value


def interval_of(
    statistic: Statistic, ratings: Array, dialogues: Sequence[str], *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[float, float] | None:
    """The 95% percentile interval, with whole dialogues drawn with replacement.

    Draws vary less than samples do, by (n - 1) / n, and few dialogues tell little of how much: so the percentiles lie
    further out, by as much as Student's t lies outside the normal distribution (Hesterberg 2015, "expanded").

    dialogues: of each item. Draws in which the statistic says nothing are left out. None with fewer than two dialogues,
    or where it said nothing in half of the draws.
    """
    import numpy as np

    names, place = np.unique(np.array(dialogues, dtype=object), return_inverse=True)
    if len(names) < 2:
        return None
    drawn = _drawn(len(names), seed, resamples)
    parts = [statistic(ratings, drawn[at : at + TOGETHER, place]) for at in range(0, resamples, TOGETHER)]
    values = np.concatenate(parts)
    values = values[~np.isnan(values)]
    if len(values) * 2 < resamples:
        return None
    outside = NormalDist().cdf(-t_quantile(0.975, len(names) - 1) * sqrt(len(names) / (len(names) - 1)))
    low, high = np.quantile(values, (outside, 1 - outside))
    return float(low), float(high)


@lru_cache(maxsize=4)
def _drawn(dialogues: int, seed: int, resamples: int) -> Array:
    """(resamples, dialogues): how often each is drawn."""
    import numpy as np

    rng = Random(f"{seed}/bootstrap")
    return np.array(
        [np.bincount(rng.choices(range(dialogues), k=dialogues), minlength=dialogues) for _ in range(resamples)],
        dtype=np.float64,
    )
