"""Pairwise results from stored verdicts: win, tie and loss, how the judge takes to positions, a ranking. Pure.

Asked in both orders, a system wins where both verdicts agree on it; else it is a tie. So a judge that always prefers
what it reads first gives no winner, and is reported as what it is.

    position consistency  share of comparisons whose two verdicts agree, 0..1
    preference fairness   −1..1: share of comparisons decided by standing first, minus by standing second; 0 is fair
                          (after arXiv 2406.07791)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from proutt.evaluation.clusters import Estimate, clustered_mean, clustered_share
from proutt.evaluation.pointwise import ALL, CaseLine, as_dict, estimated, rounded, within_bounds
from proutt.evaluation.ranking import Outcome, Ranking, ranked
from proutt.evaluation.record import VerdictRecord, Winner
from proutt.evaluation.significance import Comparison, Finding, adjusted, compared, sign_test

#: Win rate minus loss rate that is taken to matter, unless the user says otherwise.
MATTERS_WINS = 0.1
#: A judge whose fairness is further from 0 than this, beyond chance, is biased.
FAIR = 0.1

_SHARE = {"a": 1.0, "tie": 0.5, "b": 0.0}


@dataclass(frozen=True, slots=True)
class Decided:
    """One comparison of two systems on one case.

    winner      as the verdicts of both orders give it
    consistent  whether they agree; None where it was asked in one order
    leaning     1 where standing first decided, −1 where standing second did, else 0
    first_won   of each decisive verdict, whether it went to what stood first
    """

    dialogue_id: str
    k: int
    a: str
    b: str
    repeat: int
    winner: Winner
    consistent: bool | None
    leaning: int
    first_won: tuple[bool, ...]


def decided(verdicts: Iterable[VerdictRecord], *, both: bool) -> list[Decided]:
    """The comparisons that the verdicts decide. both: those that lack a verdict in one of the orders are left out."""
    together: dict[tuple[str, int, str, str, int], dict[str, Winner]] = {}
    for each in verdicts:
        key = (each.dialogue_id, each.k, each.a, each.b, each.repeat)
        together.setdefault(key, {})[each.first] = each.winner
    found = []
    for key, by_first in together.items():
        first_won = tuple(winner == first for first, winner in by_first.items() if winner != "tie")
        if len(by_first) == 2:
            one, other = by_first["a"], by_first["b"]
            leaning = 0 if one == other else 1 if all(first_won) else -1
            winner: Winner = one if one == other else "tie"
            found.append(Decided(*key, winner, one == other, leaning, first_won))
        elif not both:
            (winner,) = by_first.values()
            found.append(Decided(*key, winner, None, 0, first_won))
    return found


def results(
    lines: Sequence[CaseLine], verdicts: Iterable[VerdictRecord], *, both: bool, matters: float = MATTERS_WINS
) -> dict[str, Any]:
    """Everything that the tables and figures show; the same verdicts give the same, to the last byte."""
    all_verdicts = list(verdicts)
    outcomes = decided(all_verdicts, both=both)
    datasets = {(line.dialogue_id, line.k): line.dataset for line in lines}
    names = sorted(set(datasets.values()))
    groups = [*names, ALL] if len(names) > 1 else names
    in_group = {
        group: [each for each in outcomes if group in (ALL, datasets[each.dialogue_id, each.k])] for group in groups
    }
    rows, made = [], []
    for group, mine in in_group.items():
        for a, b in sorted({(each.a, each.b) for each in mine}):
            of_pair = [each for each in mine if (each.a, each.b) == (a, b)]
            row, comparison = _pair(group, a, b, of_pair, matters)
            rows.append(row | {"length_only": _length_only(of_pair, lines)})
            made.append(comparison)
    corrected = adjusted(made)
    for row, comparison in zip(rows, corrected, strict=True):
        biased = bool(row["biased"])
        row["comparison"] = as_dict(
            row["dataset"], replace(comparison, finding=Finding.INCONCLUSIVE) if biased else comparison
        )
    return {
        "flagged": sum(bool(each.flags) for each in all_verdicts),
        "pairs": rows,
        "judge": _position(outcomes),
        "rankings": [{"dataset": group, **_ranking(mine)} for group, mine in in_group.items()],
    }


def _pair(
    dataset: str, a: str, b: str, outcomes: Sequence[Decided], matters: float
) -> tuple[dict[str, Any], Comparison]:
    cases: dict[tuple[str, int], list[Winner]] = {}
    for each in outcomes:
        cases.setdefault((each.dialogue_id, each.k), []).append(each.winner)

    def share(wanted: Winner) -> Estimate | None:
        values = [(key[0], sum(each == wanted for each in said) / len(said)) for key, said in cases.items()]
        if all(value in (0.0, 1.0) for _, value in values):
            return clustered_share((dialogue, value == 1.0) for dialogue, value in values)
        return clustered_mean(values)

    net = [(key[0], said.count("a") / len(said), said.count("b") / len(said)) for key, said in cases.items()]
    comparison = compared(a, b, net, matters=matters)
    if comparison is None:
        raise ValueError("a pair without comparisons")
    wins, losses = (sum(one > other for _, one, other in each) for each in (net, [(d, y, x) for d, x, y in net]))
    row = {
        "dataset": dataset,
        "a": a,
        "b": b,
        "cases": len(cases),
        "dialogues": len({dialogue for dialogue, _ in cases}),
        "win": estimated(share("a")),
        "tie": estimated(share("tie")),
        "loss": estimated(share("b")),
        "sign_test_p": rounded(sign_test(wins, losses)),
        **_position(outcomes),
    }
    return row, comparison


def _position(outcomes: Sequence[Decided]) -> dict[str, Any]:
    """How the judge takes to positions."""
    asked_twice = [each for each in outcomes if each.consistent is not None]
    fairness = clustered_mean((each.dialogue_id, float(each.leaning)) for each in asked_twice)
    first = clustered_share((each.dialogue_id, won) for each in outcomes for won in each.first_won)
    consistency = clustered_share((each.dialogue_id, bool(each.consistent)) for each in asked_twice)
    beyond_chance = fairness is not None and (
        fairness.low is None or fairness.high is None or fairness.low > 0 or fairness.high < 0
    )
    return {
        "position_consistency": estimated(consistency),
        "preference_fairness": estimated(fairness),
        "first_preferred": estimated(first),
        "biased": None if fairness is None else bool(beyond_chance and abs(fairness.mean) > FAIR),
    }


def _length_only(outcomes: Sequence[Decided], lines: Sequence[CaseLine]) -> dict[str, Any] | None:
    """Of decided comparisons, how often the system with the longer suggestions won; equal lengths count half."""
    sizes = {(line.dialogue_id, line.k): line.lengths for line in lines}
    hits = []
    for each in outcomes:
        if each.winner == "tie":
            continue
        a, b = (_mean_length(sizes[each.dialogue_id, each.k].get(name, ())) for name in (each.a, each.b))
        hits.append((each.dialogue_id, 0.5 if a == b else float((a > b) is (each.winner == "a"))))
    return within_bounds(estimated(clustered_mean(hits)))


def _mean_length(runs: Sequence[Sequence[int]]) -> float:
    said = [size for run in runs for size in run]
    return math.fsum(said) / len(said) if said else 0.0


def _ranking(outcomes: Sequence[Decided]) -> Mapping[str, Any]:
    found: Ranking | None = ranked(Outcome(each.dialogue_id, each.a, each.b, _SHARE[each.winner]) for each in outcomes)
    if found is None:
        return {"smoothed": False, "strengths": []}
    return {
        "smoothed": found.smoothed,
        "strengths": [
            {
                "system": each.system,
                "theta": rounded(each.theta),
                "low": None if each.low is None else rounded(each.low),
                "high": None if each.high is None else rounded(each.high),
            }
            for each in found.strengths
        ],
    }
