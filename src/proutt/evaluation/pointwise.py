"""Pointwise results from stored scores: best of the suggestions as in the paper, and what keeps it honest. Pure.

The maximum over several suggestions rises with the judge's noise alone, so beside it stand the mean, the first
suggestion, hit@k, and the same maximum against other dialogues' truths (`controls`). Intervals are over dialogues; the
paper's interval over repeats is given under its own name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

from proutt.evaluation.clusters import Estimate, clustered_mean, clustered_share, repeat_interval
from proutt.evaluation.controls import MARK, SHUFFLED, is_control
from proutt.evaluation.power import MATTERS
from proutt.evaluation.record import ScoreRecord
from proutt.evaluation.significance import Comparison, adjusted, compared

#: A score from which on a suggestion counts as a hit: the paper's τ_high.
HIT = 0.8
ALL = "all"


@dataclass(frozen=True)
class CaseLine:
    """One line of `cases.jsonl`. lengths: system → a list per evaluation of it → characters of each suggestion."""

    dialogue_id: str
    k: int
    language: str
    dataset: str
    lengths: Mapping[str, Sequence[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class _Scored:
    """One system on one test case: per repeat, the scores in rank order."""

    dialogue: str
    k: int
    dataset: str
    repeats: dict[int, list[float]]

    def over_repeats(self, measure: Callable[[Sequence[float]], float]) -> float:
        return math.fsum(measure(scores) for scores in self.repeats.values()) / len(self.repeats)


def results(
    lines: Sequence[CaseLine], scores: Iterable[ScoreRecord], *, matters: float = MATTERS, hit: float = HIT
) -> dict[str, Any]:
    """Everything that the tables and figures show, by metric; the same scores give the same, to the last byte."""
    by_metric: dict[str, list[ScoreRecord]] = {}
    for score in scores:
        by_metric.setdefault(score.metric, []).append(score)
    return {metric: _of_metric(lines, found, matters, hit) for metric, found in sorted(by_metric.items())}


def _of_metric(lines: Sequence[CaseLine], scores: Sequence[ScoreRecord], matters: float, hit: float) -> dict[str, Any]:
    languages = {score.language for score in scores}
    systems, unjudged = _by_system([line for line in lines if line.language in languages], scores)
    datasets = sorted({line.dataset for line in lines if line.language in languages})
    groups = [*datasets, ALL] if len(datasets) > 1 else datasets
    rows = [
        _row(system, group, _within(systems[system], group), unjudged, hit)
        for group in groups
        for system in sorted(systems, key=lambda name: (is_control(name), name))
    ]
    named = [name for name in sorted(systems) if not is_control(name)]
    nulls = [(name, f"{MARK}{SHUFFLED} {name}") for name in named if f"{MARK}{SHUFFLED} {name}" in systems]
    others = [name for name in sorted(systems) if is_control(name) and not name.startswith(f"{MARK}{SHUFFLED}")]
    return {
        "flagged": sum(bool(score.flags) for score in scores),
        "systems": [row for row in rows if row is not None],
        "comparisons": _compared(systems, groups, list(combinations(named, 2)), matters),
        "above_controls": _compared(
            systems, groups, [*nulls, *((name, other) for name in named for other in others)], matters
        ),
        "length_only": [_longer_is_better(systems, lines, named, group) for group in groups],
    }


def _by_system(
    lines: Sequence[CaseLine], scores: Sequence[ScoreRecord]
) -> tuple[dict[str, list[_Scored]], Counter[tuple[str, str]]]:
    """System → its test cases; and by system and data set, how many have a suggestion that got no score.

    No suggestion at all is nothing like what the user said: 0. A suggestion without a score says nothing: left out.
    """
    ranks: dict[tuple[str, str, int], dict[int, dict[int, float]]] = {}
    draws: dict[str, set[int]] = {}
    for score in scores:
        place = ranks.setdefault((score.system, score.dialogue_id, score.k), {})
        place.setdefault(score.repeat, {})[score.rank] = score.score
        draws.setdefault(score.system, set()).add(score.repeat)
    found: dict[str, list[_Scored]] = {name: [] for name in draws}
    unjudged: Counter[tuple[str, str]] = Counter()
    for line in lines:
        for name, runs in line.lengths.items():
            if name not in draws:
                continue
            per_run = max(1, -(-max(draws[name]) // max(1, len(runs))))
            judged = ranks.get((name, line.dialogue_id, line.k), {})
            repeats: dict[int, list[float]] = {}
            for number, sizes in enumerate(runs):
                for draw in sorted(each for each in draws[name] if (each - 1) // per_run == number):
                    said = judged.get(draw, {})
                    if len(said) == len(sizes):
                        repeats[draw] = [said[rank] for rank in sorted(said)]
            if repeats:
                found[name].append(_Scored(line.dialogue_id, line.k, line.dataset, repeats))
            else:
                unjudged[name, line.dataset] += 1
    return found, unjudged


def _within(cases: Sequence[_Scored], group: str) -> list[_Scored]:
    return [case for case in cases if group in (ALL, case.dataset)]


def _best(scores: Sequence[float]) -> float:
    return max(scores, default=0.0)


def _best_of_first(n: int, scores: Sequence[float]) -> float:
    return _best(scores[:n])


def _mean(scores: Sequence[float]) -> float:
    return math.fsum(scores) / len(scores) if scores else 0.0


def _row(
    system: str, dataset: str, cases: Sequence[_Scored], unjudged: Counter[tuple[str, str]], hit: float
) -> dict[str, Any] | None:
    if not cases:
        return None
    most = max((len(scores) for case in cases for scores in case.repeats.values()), default=0)
    repeats = sorted({repeat for case in cases for repeat in case.repeats})
    by_repeat = [
        math.fsum(_best(case.repeats[repeat]) for case in cases if repeat in case.repeats)
        / sum(repeat in case.repeats for case in cases)
        for repeat in repeats
    ]
    over_repeats = repeat_interval(by_repeat)
    upto = range(1, most + 1)
    return {
        "system": system,
        "dataset": dataset,
        "cases": len(cases),
        "dialogues": len({case.dialogue for case in cases}),
        "repeats": len(repeats),
        "suggestions": most,
        "silent": sum(all(not scores for scores in case.repeats.values()) for case in cases),
        "unjudged": sum(n for (name, where), n in unjudged.items() if name == system and dataset in (ALL, where)),
        "best": estimated(clustered_mean((case.dialogue, case.over_repeats(_best)) for case in cases)),
        "best_repeat_interval": None if over_repeats is None else [rounded(each) for each in over_repeats],
        "mean": estimated(clustered_mean((case.dialogue, case.over_repeats(_mean)) for case in cases)),
        "best_of_first": [
            estimated(clustered_mean((case.dialogue, case.over_repeats(partial(_best_of_first, n))) for case in cases))
            for n in upto
        ],
        "hit_at": [estimated(_hits(cases, n, hit)) for n in upto],
    }


def _hits(cases: Sequence[_Scored], upto: int, hit: float) -> Estimate | None:
    """hit@k: whether one of the first k suggestions reaches the threshold. Over repeats, it is the mean of these."""
    values = [(case.dialogue, case.over_repeats(lambda scores: float(_best(scores[:upto]) >= hit))) for case in cases]
    if all(value in (0.0, 1.0) for _, value in values):
        return clustered_share((dialogue, value == 1.0) for dialogue, value in values)
    return clustered_mean(values)


def _compared(
    systems: Mapping[str, Sequence[_Scored]], groups: Sequence[str], pairs: Sequence[tuple[str, str]], matters: float
) -> list[dict[str, Any]]:
    """Best of the suggestions, test case by test case, over those that both have scores for; Holm over all of them."""
    made: list[tuple[str, Comparison]] = []
    for group in groups:
        values = {
            name: {(case.dialogue, case.k): case for case in _within(cases, group)} for name, cases in systems.items()
        }
        for a, b in pairs:
            common = [key for key in values[a] if key in values[b]]
            scores = [
                (key[0], values[a][key].over_repeats(_best), values[b][key].over_repeats(_best)) for key in common
            ]
            comparison = compared(a, b, scores, matters=matters)
            if comparison is not None:
                made.append((group, comparison))
    corrected = adjusted([comparison for _, comparison in made])
    return [as_dict(group, each) for (group, _), each in zip(made, corrected, strict=True)]


def _longer_is_better(
    systems: Mapping[str, Sequence[_Scored]], lines: Sequence[CaseLine], named: Sequence[str], group: str
) -> dict[str, Any]:
    """The control length-only: of two suggestions for one test case, how often the longer one has the higher score.

    0.5 where length tells nothing; equal scores count half. The mean over test cases of what their pairs say.
    """
    sizes = {(line.dialogue_id, line.k): line.lengths for line in lines}
    said: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for name in named:
        for case in _within(systems[name], group):
            runs = sizes[case.dialogue, case.k][name]
            first = min(case.repeats)
            if first == 1 and len(runs[0]) == len(case.repeats[first]):
                said.setdefault((case.dialogue, case.k), []).extend(zip(runs[0], case.repeats[first], strict=True))
    shares = []
    for (dialogue, _), suggestions in said.items():
        won = [
            0.5 if one[1] == other[1] else float((one[0] > other[0]) is (one[1] > other[1]))
            for one, other in combinations(suggestions, 2)
            if one[0] != other[0]
        ]
        if won:
            shares.append((dialogue, math.fsum(won) / len(won)))
    return {"dataset": group, "longer_is_better": within_bounds(estimated(clustered_mean(shares)))}


def as_dict(dataset: str, comparison: Comparison) -> dict[str, Any]:
    found = {"dataset": dataset, **{name: getattr(comparison, name) for name in Comparison.__slots__}}
    return {
        name: rounded(value) if isinstance(value, float) else str(value) if name == "finding" else value
        for name, value in found.items()
    }


def estimated(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "mean": rounded(estimate.mean),
        "low": None if estimate.low is None else rounded(estimate.low),
        "high": None if estimate.high is None else rounded(estimate.high),
        "n": estimate.n,
        "clusters": estimate.clusters,
    }


def within_bounds(share: dict[str, Any] | None) -> dict[str, Any] | None:
    """A share in which ties count half is a mean, whose interval may leave 0..1: no share can."""
    if share is None or share["low"] is None:
        return share
    return share | {"low": max(0.0, share["low"]), "high": min(1.0, share["high"])}


def rounded(value: float) -> float:
    """Ten significant digits: what the last bits of a sum are is nobody's finding."""
    return float(f"{value:.10g}")
