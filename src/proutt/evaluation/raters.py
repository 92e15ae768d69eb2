"""Agreement of people with each other and with judges, from their verdicts (ProUtt IV-B, Appendix B-B.2; figures 4, 5).

The paper keeps a batch of two people only where they agree in at least 0.75 of it. That selects by the outcome and
flatters what is left, so everything is given twice: of all batches, and of those that pass the gate. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from proutt.evaluation.agreement import confusion, kappa_interval, krippendorff_alpha, weighted_kappa
from proutt.evaluation.clusters import clustered_share
from proutt.evaluation.people import BatchKey, Item, Rater, adjudicated, judged_twice, valid_items, valid_shared_items
from proutt.evaluation.pointwise import ALL, estimated, rounded
from proutt.evaluation.record import Winner
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, observed_agreement

LABELS: tuple[Winner, ...] = ("a", "tie", "b")
PEOPLE = "people"

Pair = tuple[Winner, Winner]
Statistic = Callable[[list[Pair]], float | None]


def verdict_agreement(
    raters: Sequence[Rater], datasets: Mapping[Item, str], batches: Mapping[Item, BatchKey], *, gate: float
) -> list[dict[str, Any]]:
    """Agreement by data set, and over all where there are several.

    datasets: of every item; batches: of those whose batch is known; gate: 0..1.
    """
    passed = valid_items([each for each in raters if each.kind == "person"], batches, gate)
    names = sorted(set(datasets.values()))
    groups = [*names, ALL] if len(names) > 1 else names
    found = []
    for group in groups:
        items = {item for item, dataset in datasets.items() if group in (ALL, dataset)}
        mine = [each.within(items) for each in raters]
        unknown = [each.within(items - batches.keys()) for each in mine if each.kind == "person"]
        found.append(_of_group(group, mine, (passed & items) | valid_shared_items(unknown, gate)))
    return found


def _of_group(group: str, raters: Sequence[Rater], valid: set[Item]) -> dict[str, Any]:
    people = [each for each in raters if each.kind == "person"]
    models = [each for each in raters if each.kind == "model"]
    decided = Rater(PEOPLE, "person", adjudicated(people))
    gated = Rater(f"{PEOPLE} (gated)", "person", decided.within(valid).said)
    compared = [*combinations(raters, 2), *((each, model) for each in (decided, gated) for model in models)]
    return {
        "dataset": group,
        "raters": {
            each.name: {"kind": each.kind, "items": len(each.said), "adjudicated": len(each.decided)} for each in raters
        },
        "items_of_valid_batches": len(valid),
        "items_judged_twice": len(judged_twice(people)),
        "pairs": [row for one, other in compared if (row := _pair(one, other)) is not None],
        "alpha": {
            kind: _alpha(group_of) for kind, group_of in (("all", raters), ("people", people)) if len(group_of) > 1
        },
    }


def _pair(one: Rater, other: Rater) -> dict[str, Any] | None:
    common = sorted(one.said.keys() & other.said.keys())
    if not common:
        return None
    clusters: dict[str, list[Pair]] = {}
    for item in common:
        clusters.setdefault(item[0], []).append((one.said[item], other.said[item]))
    ratings = [rating for cluster in clusters.values() for rating in cluster]
    return {
        "one": one.name,
        "other": other.name,
        "items": len(common),
        "dialogues": len(clusters),
        "agreement": estimated(clustered_share((item[0], one.said[item] == other.said[item]) for item in common)),
        "kappa": _with_interval(cohen_kappa, clusters, kappa_interval(ratings)),
        "weighted_kappa": _with_interval(_weighted, clusters),
        "ac1": _with_interval(gwet_ac1, clusters),
        "labels": list(LABELS),
        "confusion": confusion(ratings, LABELS),
        "raw_agreement": observed_agreement(ratings),
    }


def _weighted(ratings: Iterable[Pair]) -> float | None:
    return weighted_kappa(ratings, LABELS)


def _with_interval(
    statistic: Statistic, clusters: Mapping[str, list[Pair]], independent: tuple[float, float] | None = None
) -> dict[str, Any] | None:
    """A statistic with its interval: bootstrapped over dialogues, or the one for independent items where they are."""
    value = statistic([rating for cluster in clusters.values() for rating in cluster])
    if value is None:
        return None
    alone = all(len(cluster) == 1 for cluster in clusters.values())
    interval = independent if alone and independent else bootstrap_interval(list(clusters.values()), statistic)
    low, high = interval or (None, None)
    return {
        "mean": rounded(value),
        "low": None if low is None else rounded(low),
        "high": None if high is None else rounded(high),
    }


def _alpha(raters: Sequence[Rater]) -> dict[str, Any]:
    """Krippendorff's α of all raters together, for labels without an order and with a tie in the middle."""
    clusters: dict[str, list[tuple[Winner, ...]]] = {}
    for item in sorted({item for each in raters for item in each.said}):
        unit = tuple(each.said[item] for each in raters if item in each.said)
        if len(unit) > 1:
            clusters.setdefault(item[0], []).append(unit)
    units = [unit for cluster in clusters.values() for unit in cluster]
    nominal = krippendorff_alpha(units)
    ordinal = krippendorff_alpha(units, scale="ordinal", order=LABELS)
    interval = None if nominal is None else bootstrap_interval(list(clusters.values()), krippendorff_alpha)
    return {
        "items": len(units),
        "nominal": None if nominal is None else rounded(nominal),
        "low": None if interval is None else rounded(interval[0]),
        "high": None if interval is None else rounded(interval[1]),
        "ordinal": None if ordinal is None else rounded(ordinal),
    }
