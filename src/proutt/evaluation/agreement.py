"""How far raters agree: weighted κ, Krippendorff's α, intervals, confusion; pure.

Cohen's κ, Gwet's AC1 and the bootstrap over dialogues are in `quality/agreement.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from proutt.quality.agreement import cohen_kappa
from proutt.quality.intervals import Z

Label = TypeVar("Label", bound=Hashable)
Scale = Literal["nominal", "ordinal", "interval"]


def weighted_kappa(
    ratings: Iterable[tuple[Label, Label]], order: Sequence[Label], *, power: Literal[1, 2] = 1
) -> float | None:
    """Cohen's κ that counts a disagreement by how far apart the labels are in `order`: linearly, or squared (power 2).

    None where it says nothing: no ratings, or one label throughout. Raises ValueError for a label outside `order`.
    """
    place = {label: at for at, label in enumerate(order)}
    counts = Counter(ratings)
    if not set(place) >= {label for pair in counts for label in pair}:
        raise ValueError("a rating has a label that is not in the order")
    total = counts.total()
    if not total:
        return None
    first, second = _margins(counts)
    seen = sum(abs(place[a] - place[b]) ** power * n for (a, b), n in counts.items()) / total
    by_chance = sum(abs(place[a] - place[b]) ** power * first[a] * second[b] for a in first for b in second) / total**2
    return 1 - seen / by_chance if by_chance else None


def kappa_interval(ratings: Sequence[tuple[Label, Label]]) -> tuple[float, float] | None:
    """The 95% interval of Cohen's κ for independent test cases, by its asymptotic error (Fleiss, Cohen, Everitt 1969).

    None where κ says nothing. For several test cases a dialogue, take `bootstrap_interval`.
    """
    kappa = cohen_kappa(ratings)
    if kappa is None:
        return None
    counts = Counter(ratings)
    total = counts.total()
    first, second = _margins(counts)
    labels = [*first, *(label for label in second if label not in first)]
    by_chance = sum(first[each] * second[each] for each in labels) / total**2
    same = sum(
        counts[each, each] / total * (1 - (first[each] + second[each]) / total * (1 - kappa)) ** 2 for each in labels
    )
    apart = (1 - kappa) ** 2 * sum(
        n / total * ((second[a] + first[b]) / total) ** 2 for (a, b), n in counts.items() if a != b
    )
    variance = (same + apart - (kappa - by_chance * (1 - kappa)) ** 2) / (1 - by_chance) ** 2 / total
    half = Z * math.sqrt(max(variance, 0.0))
    return kappa - half, kappa + half


def krippendorff_alpha(
    units: Iterable[Sequence[Label]], *, scale: Scale = "nominal", order: Sequence[Label] | None = None
) -> float | None:
    """Krippendorff's α over units, each with the ratings that it got, from any number of raters.

    order: the labels from low to high, for ordinal ones; interval labels are numbers. Units with one rating say nothing
    and are left out. None where α says nothing: no unit with two ratings, or one label throughout.
    """
    weights: dict[tuple[Label, Label], float] = {}
    for unit in units:
        if len(unit) < 2:
            continue
        said = Counter(unit)
        for a, n in said.items():
            for b, m in said.items():
                pairs = n * (m - (a == b))
                if pairs:
                    weights[a, b] = weights.get((a, b), 0.0) + pairs / (len(unit) - 1)
    margins: dict[Label, float] = {}
    for (a, _), weight in weights.items():
        margins[a] = margins.get(a, 0.0) + weight
    total = sum(margins.values())
    if len(margins) < 2:
        return None
    distance = _distance(scale, margins, order)
    seen = sum(weight * distance(a, b) for (a, b), weight in weights.items())
    by_chance = sum(margins[a] * margins[b] * distance(a, b) for a in margins for b in margins) / (total - 1)
    return 1 - seen / by_chance if by_chance else None


def _distance(
    scale: Scale, margins: Mapping[Label, float], order: Sequence[Label] | None
) -> Callable[[Label, Label], float]:
    """δ² of two labels."""
    if scale == "nominal":
        return lambda a, b: float(a != b)
    if scale == "interval":
        return lambda a, b: (float(a) - float(b)) ** 2  # type: ignore[arg-type]
    if order is None or not set(order) >= set(margins):
        raise ValueError("ordinal labels need their order")
    place = {label: at for at, label in enumerate(order)}

    def between(a: Label, b: Label) -> float:
        low, high = sorted((place[a], place[b]))
        inside = sum(margins.get(each, 0.0) for each in order[low : high + 1])
        return (inside - (margins[a] + margins[b]) / 2) ** 2

    return between


def confusion(ratings: Iterable[tuple[Label, Label]], labels: Sequence[Label]) -> list[list[int]]:
    """How often the first rater said a label (row) where the second said another (column), in the order of `labels`."""
    counts = Counter(ratings)
    return [[counts[row, column] for column in labels] for row in labels]


def _margins(counts: Counter[tuple[Label, Label]]) -> tuple[Counter[Label], Counter[Label]]:
    first: Counter[Label] = Counter()
    second: Counter[Label] = Counter()
    for (a, b), n in counts.items():
        first[a] += n
        second[b] += n
    return first, second
