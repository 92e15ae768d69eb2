"""What moves a critic's scores though it should not: repetition, order, an empty sentence, a demand, length. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from proutt.evaluation.clusters import Estimate, clustered_mean, clustered_share
from proutt.evaluation.critic.probes import BY_NAME, DEMANDED, PLAIN, PROBES, REPEATS, Probe
from proutt.evaluation.critic.record import CheckRecord
from proutt.evaluation.critic.responses import ResponseKey
from proutt.evaluation.critic.slope import Point, slope
from proutt.evaluation.pointwise import estimated
from proutt.prompts.upc.heard import ASPECTS

#: probe → response → what the critic said.
Said = Mapping[str, Mapping[ResponseKey, CheckRecord]]
#: Intervals of the aspects hold together: each by itself is wider.
TOGETHER = 1 - 0.05 / len(ASPECTS)

FOUND, NONE_FOUND, TOO_FEW = "found", "none found", "too few personas"


def said_by(records: Sequence[CheckRecord]) -> Said:
    """One critic's records by probe and response."""
    found: dict[str, dict[ResponseKey, CheckRecord]] = {each.name: {} for each in PROBES}
    for record in records:
        found[record.probe][record.key] = record
    return found


def shifts(said: Said) -> list[dict[str, Any]]:
    """Of every probe that has scores: how much it moves each aspect, in points of 1..5, and whether that is something.

    finding  "found" where the interval of an aspect is not around 0. The three intervals hold together at 95%
    """
    return [_shift(said, probe) for probe in PROBES if probe.against and said[probe.name]]


def _shift(said: Said, probe: Probe) -> dict[str, Any]:
    pairs = list(_pairs(said, probe))
    aspects = {
        name: clustered_mean(((one.persona_id, _score(one, name) - _score(other, name)) for one, other in pairs),
                             share=TOGETHER)
        for name in ASPECTS
    }  # fmt: skip
    row: dict[str, Any] = {
        "probe": probe.name,
        "against": probe.against,
        "aspects": {name: estimated(each) for name, each in aspects.items()},
        "moved": [name for name, each in aspects.items() if finding_of(each) == FOUND],
        "finding": _together(list(aspects.values())),
    }
    if probe.name in REPEATS:
        row["same"] = {
            name: estimated(clustered_share((one.persona_id, _score(one, name) == _score(other, name))
                                            for one, other in pairs))
            for name in ASPECTS
        }  # fmt: skip
        row["apart"] = estimated(clustered_mean((one.persona_id, abs(one.mean - other.mean)) for one, other in pairs))
    if probe.name == DEMANDED:
        row["rules_find"] = estimated(clustered_share((one.persona_id, one.suspected) for one, _ in pairs))
    return row


def _pairs(said: Said, probe: Probe) -> Iterator[tuple[CheckRecord, CheckRecord]]:
    other = said[BY_NAME[probe.name].against]
    for key, record in said[probe.name].items():
        if key in other:
            yield record, other[key]


def _score(record: CheckRecord, aspect: str) -> int:
    return record.scores.by_aspect()[aspect]


def length(said: Said) -> dict[str, Any]:
    """What length tells of scores.

    doubled      points of the mean score that a response of twice the length has more, the persona, the turn's number
                 and the system held fixed
    longer_wins  of two attempts at one turn with different scores and lengths, how often the longer is the better:
                 a rule that knows nothing but length is right so often
    """
    plain = list(said[PLAIN].values())
    doubled = slope(
        [
            Point(each.persona_id, math.log2(each.length), each.mean, (each.persona_id, each.turn, each.system))
            for each in plain
        ]
    )
    wins = clustered_share(_longer_wins(plain))
    return {
        "doubled": estimated(doubled),
        "longer_wins": estimated(wins),
        "finding": finding_of(doubled),
    }


def _longer_wins(records: Sequence[CheckRecord]) -> Iterator[tuple[str, bool]]:
    turns: dict[tuple[str, int, str, int], list[CheckRecord]] = {}
    for each in records:
        turns.setdefault(each.key[:4], []).append(each)
    for attempts in turns.values():
        for one, other in combinations(attempts, 2):
            if one.length != other.length and one.scores.total != other.scores.total:
                longer = (one.length > other.length) == (one.scores.total > other.scores.total)
                yield one.persona_id, longer


def finding_of(estimate: Estimate | None) -> str:
    """Whether the interval leaves 0 out."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return TOO_FEW
    return FOUND if estimate.low > 0 or estimate.high < 0 else NONE_FOUND


def _together(estimates: Sequence[Estimate | None]) -> str:
    each = [finding_of(estimate) for estimate in estimates]
    return next((name for name in (FOUND, TOO_FEW) if name in each), NONE_FOUND)
