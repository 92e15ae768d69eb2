"""Whether a critic prefers what its own family wrote: a difference of differences over critics and systems. Pure.

That a critic scores one system higher than another says nothing by itself: the system may be better. So the same
difference by critics of other families is taken off, by the middle one of them, so that one rival which prefers its own
does not count much. Two critics alone can't be told apart: what one has too much, the other seems to have too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from proutt.evaluation.clusters import clustered_mean
from proutt.evaluation.critic.probes import PLAIN
from proutt.evaluation.critic.record import CheckRecord
from proutt.evaluation.critic.responses import ResponseKey
from proutt.evaluation.critic.shifts import finding_of
from proutt.evaluation.critic.slope import Point, slope
from proutt.evaluation.family import family_of
from proutt.evaluation.pointwise import estimated


def mean_scores(records: Sequence[CheckRecord]) -> list[dict[str, Any]]:
    """What each critic gives each system: the mean of the three aspects, 1..5."""
    cells: dict[tuple[str, str, str], list[CheckRecord]] = {}
    for each in records:
        if each.probe == PLAIN:
            cells.setdefault((each.critic, each.system, each.chatbot), []).append(each)
    return [
        {
            "critic": critic,
            "system": system,
            "chatbot": chatbot,
            "same_family": family_of(critic) == family_of(chatbot),
            "score": estimated(clustered_mean((each.persona_id, each.mean) for each in found)),
        }
        for (critic, system, chatbot), found in sorted(cells.items())
    ]


def self_preferences(records: Sequence[CheckRecord]) -> list[dict[str, Any]]:
    """Of every critic: how many points more it gives its own family's responses than others', beyond what critics of
    other families do. Only responses that both scored count.

    Left out: critics with no system of their family or none of another, and those that no critic of another family
    stands beside.
    """
    by_critic: dict[str, dict[ResponseKey, CheckRecord]] = {}
    for each in records:
        if each.probe == PLAIN:
            by_critic.setdefault(each.critic, {})[each.key] = each
    found = []
    for critic, own in sorted(by_critic.items()):
        others = [said for name, said in by_critic.items() if family_of(name) != family_of(critic)]
        points = _points(critic, own, others)
        if len({point.x for point in points}) == 2:
            estimate = slope(points)
            found.append(
                {
                    "critic": critic,
                    "family": family_of(critic),
                    "beyond_others": estimated(estimate),
                    "finding": finding_of(estimate),
                }
            )
    return found


def _points(
    critic: str, own: Mapping[ResponseKey, CheckRecord], others: Sequence[Mapping[ResponseKey, CheckRecord]]
) -> list[Point]:
    """x: 1 of a response of the critic's family, else 0; y: its score less the median of the others'."""
    points = []
    for key, record in own.items():
        means = [said[key].mean for said in others if key in said]
        if means:
            kin = family_of(record.chatbot) == family_of(critic)
            points.append(Point(record.persona_id, float(kin), record.mean - median(means)))
    return points
