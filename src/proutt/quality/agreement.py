"""How far two judges agree: Cohen's κ, Gwet's AC1, flips, and bootstrap intervals over clusters; pure.

Several rows of one dialogue are one cluster: they are drawn together, or the interval would be too narrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from random import Random
from typing import TypeVar

Label = TypeVar("Label", bound=Hashable)
Item = TypeVar("Item")

RESAMPLES = 2000


def cohen_kappa(ratings: Iterable[tuple[Label, Label]]) -> float | None:
    """Cohen's κ of two raters: (observed − expected) / (1 − expected) agreement, the expected one by their own shares.

    None where it says nothing: no ratings, or both raters gave one and the same label throughout.
    """
    return _chance_corrected(Counter(ratings), _expected_by_margins)


def gwet_ac1(ratings: Iterable[tuple[Label, Label]]) -> float | None:
    """Gwet's AC1, which stays meaningful where one label dominates; None for no ratings or a single label."""
    return _chance_corrected(Counter(ratings), _expected_by_gwet)


def observed_agreement(ratings: Sequence[tuple[Label, Label]]) -> float | None:
    """The share of ratings in which both gave the same label, 0..1."""
    return sum(one == other for one, other in ratings) / len(ratings) if ratings else None


def _chance_corrected(
    counts: Counter[tuple[Label, Label]], expected: Callable[[Counter[tuple[Label, Label]]], float | None]
) -> float | None:
    total, by_chance = counts.total(), expected(counts)
    if not total or by_chance is None or by_chance >= 1:
        return None
    observed = sum(n for (one, other), n in counts.items() if one == other) / total
    return (observed - by_chance) / (1 - by_chance)


def _margins(counts: Counter[tuple[Label, Label]]) -> tuple[Counter[Label], Counter[Label]]:
    first: Counter[Label] = Counter()
    second: Counter[Label] = Counter()
    for (one, other), n in counts.items():
        first[one] += n
        second[other] += n
    return first, second


def _expected_by_margins(counts: Counter[tuple[Label, Label]]) -> float | None:
    first, second = _margins(counts)
    total = counts.total()
    return sum(first[label] * second[label] for label in first) / (total * total) if total else None


def _expected_by_gwet(counts: Counter[tuple[Label, Label]]) -> float | None:
    first, second = _margins(counts)
    total, labels = counts.total(), {*first, *second}
    if not total or len(labels) < 2:
        return None
    shares = [(first[label] + second[label]) / (2 * total) for label in labels]
    return sum(share * (1 - share) for share in shares) / (len(labels) - 1)


def flip_rate(margins: Iterable[tuple[float, float]]) -> float | None:
    """The share of rows whose order another judge turns around, 0..1; None where no row has an order at first.

    margins: of each row, chosen minus rejected by the first judge and by the second. A row that the first judge ties
    has no order to turn; one that only the second ties counts as half.
    """
    turned, ordered = 0.0, 0
    for first, second in margins:
        if first == 0:
            continue
        ordered += 1
        turned += 0.5 if second == 0 else float((first > 0) is not (second > 0))
    return turned / ordered if ordered else None


def bootstrap_interval(
    clusters: Sequence[Sequence[Item]],
    statistic: Callable[[list[Item]], float | None],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[float, float] | None:
    """The 95% percentile interval of a statistic over items, whole clusters drawn with replacement.

    Resamples in which the statistic says nothing are left out. None with fewer than two clusters, or where it said
    nothing in half of the resamples.
    """
    if len(clusters) < 2:
        return None
    rng, values = Random(f"{seed}/bootstrap"), []
    for _ in range(resamples):
        drawn = rng.choices(clusters, k=len(clusters))
        value = statistic([item for cluster in drawn for item in cluster])
        if value is not None:
            values.append(value)
    if len(values) * 2 < resamples:
        return None
    values.sort()
    return _quantile(values, 0.025), _quantile(values, 0.975)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the two nearest."""
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
