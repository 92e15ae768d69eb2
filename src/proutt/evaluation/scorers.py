"""Agreement of scores: of people with each other, with judging models and with embeddings (ProUtt, Appendix B-B). Pure.

What two raters gave the same suggestion is compared. Controls are left out: what nobody could take for a suggestion
makes any two raters look alike. Embeddings have a scale of their own, so of them only the order and the straightness
of the relation are told (Spearman, Pearson), not how far apart the numbers are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from proutt.evaluation.clusters import clustered_mean
from proutt.evaluation.controls import is_control
from proutt.evaluation.pointwise import ALL, estimated, rounded
from proutt.evaluation.raters import PEOPLE
from proutt.evaluation.record import LLM_JUDGE, PERSON, ScoreRecord
from proutt.evaluation.score_statistics import interval_alpha, interval_of, pearson, spearman, squared_kappa, value_of

if TYPE_CHECKING:
    from proutt.evaluation.score_statistics import Statistic

#: (dialogue, K, system, rank): what is scored.
Suggestion = tuple[str, int, str, int]
Kind = Literal["person", "model", "embedding"]
#: system → how many evaluations of it there are, by (dialogue, K).
Runs = Mapping[tuple[str, int], Mapping[str, int]]


@dataclass(frozen=True)
class Scorer:
    """One rater's scores, one a suggestion; of repeated judgements the mean."""

    name: str
    kind: Kind
    said: Mapping[Suggestion, float]


def suggestion_of(score: ScoreRecord) -> Suggestion:
    return (score.dialogue_id, score.k, score.system, score.rank)


def of_first_run(scores: Sequence[ScoreRecord], runs: Runs) -> list[ScoreRecord]:
    """The scores without controls, and of several evaluations of a system those of the first, which people judge.

    Repeats are numbered over the evaluations: with R of them, the first has the first 1/R of the numbers.
    """
    last: dict[tuple[str, str], int] = {}
    for each in scores:
        last[each.metric, each.system] = max(each.repeat, last.get((each.metric, each.system), 1))
    return [
        each
        for each in scores
        if not is_control(each.system)
        and each.repeat
        <= math.ceil(last[each.metric, each.system] / runs.get((each.dialogue_id, each.k), {}).get(each.system, 1))
    ]


def scorers_of(scores: Iterable[ScoreRecord]) -> list[Scorer]:
    """Every rater's one score a suggestion, people first."""
    found: dict[tuple[Kind, str], dict[Suggestion, list[float]]] = {}
    for each in scores:
        kind: Kind = "person" if each.metric == PERSON else "model" if each.metric == LLM_JUDGE else "embedding"
        name = each.metric if kind == "embedding" else each.rater
        found.setdefault((kind, name), {}).setdefault(suggestion_of(each), []).append(each.score)
    order = ("person", "model", "embedding")
    return [
        Scorer(name, kind, {of: _mean(values) for of, values in said.items()})
        for (kind, name), said in sorted(found.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
    ]


def _mean(values: Sequence[float]) -> float:
    return values[0] if len(set(values)) == 1 else math.fsum(values) / len(values)


def together(people: Sequence[Scorer]) -> Scorer:
    """People as one: the mean of each suggestion that two or more of them scored."""
    found: dict[Suggestion, list[float]] = {}
    for each in people:
        for of, score in each.said.items():
            found.setdefault(of, []).append(score)
    return Scorer(PEOPLE, "person", {of: _mean(said) for of, said in sorted(found.items()) if len(said) > 1})


def score_agreement(scorers: Sequence[Scorer], datasets: Mapping[Suggestion, str]) -> list[dict[str, Any]]:
    """Agreement by data set, and over all where there are several. datasets: of every suggestion."""
    names = sorted(set(datasets.values()))
    groups = [*names, ALL] if len(names) > 1 else names
    return [_of_group(scorers, datasets, group) for group in groups]


def _of_group(scorers: Sequence[Scorer], datasets: Mapping[Suggestion, str], group: str) -> dict[str, Any]:
    mine = [
        Scorer(each.name, each.kind, {of: s for of, s in each.said.items() if group in (ALL, datasets[of])})
        for each in scorers
    ]
    people = [each for each in mine if each.kind == "person"]
    others = [each for each in mine if each.kind != "person"]
    mean = together(people)
    compared = [*combinations(mine, 2), *((mean, other) for other in others)]
    return {
        "dataset": group,
        "raters": {each.name: {"kind": each.kind, "suggestions": len(each.said)} for each in mine},
        "pairs": [row for one, other in compared if (row := _pair(one, other)) is not None],
        "alpha": _alpha(people),
    }


def _pair(one: Scorer, other: Scorer) -> dict[str, Any] | None:
    common = sorted(one.said.keys() & other.said.keys())
    if not common:
        return None
    dialogues = [of[0] for of in common]
    ratings = [(one.said[of], other.said[of]) for of in common]
    same_scale = "embedding" not in (one.kind, other.kind)
    difference = clustered_mean((of[0], a - b) for of, (a, b) in zip(common, ratings, strict=True))
    return {
        "one": one.name,
        "other": other.name,
        "suggestions": len(common),
        "dialogues": len(set(dialogues)),
        "squared_kappa": _found(squared_kappa, ratings, dialogues) if same_scale else None,
        "alpha": _found(interval_alpha, ratings, dialogues) if same_scale else None,
        "pearson": _found(pearson, ratings, dialogues),
        "spearman": _found(spearman, ratings, dialogues),
        "difference": estimated(difference) if same_scale else None,
    }


def _alpha(people: Sequence[Scorer]) -> dict[str, Any] | None:
    """Krippendorff's α of all people together, for numbers."""
    suggestions = sorted({of for each in people for of in each.said})
    units = [[each.said.get(of, math.nan) for each in people] for of in suggestions]
    kept = [at for at, unit in enumerate(units) if sum(not math.isnan(score) for score in unit) > 1]
    if not kept:
        return None
    found = _found(interval_alpha, [units[at] for at in kept], [suggestions[at][0] for at in kept])
    return {"suggestions": len(kept), "people": len(people), "alpha": found}


def _found(statistic: Statistic, ratings: Sequence[Sequence[float]], dialogues: Sequence[str]) -> dict[str, Any] | None:
    import numpy as np

    table = np.array(ratings, dtype=np.float64)
    value = value_of(statistic, table)
    if value is None:
        return None
    interval = interval_of(statistic, table, dialogues)
    low, high = (None, None) if interval is None else (rounded(interval[0]), rounded(interval[1]))
    return {"mean": rounded(value), "low": low, "high": high}
