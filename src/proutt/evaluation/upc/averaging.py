"""Means over personas with honest intervals: personas of one occupation group may be alike. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from proutt.evaluation.clusters import Estimate, clustered_mean
from proutt.evaluation.significance import Comparison, compared

#: What is taken as independent of each other.
Clustering = Literal["persona", "group"]


@dataclass(frozen=True)
class Groups:
    """Persona id → occupation group, where it has one."""

    of: Mapping[str, str | None]

    @property
    def several(self) -> bool:
        """Whether there are two groups or more, and one holds several personas: only then groups tell something."""
        sizes = Counter(group for group in self.of.values() if group is not None)
        return len(sizes) > 1 and max(sizes.values()) > 1

    def cluster(self, persona: str) -> str:
        """What a persona is clustered with: its group, or it stands alone."""
        group = self.of.get(persona)
        return f"persona {persona}" if group is None else f"group {group}"


def persona_means(values: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Persona id → the mean of its values: repeats of a persona are one."""
    found: dict[str, list[float]] = {}
    for persona, value in values:
        found.setdefault(persona, []).append(value)
    return {persona: math.fsum(each) / len(each) for persona, each in found.items()}


def mean_of(means: Mapping[str, float], groups: Groups) -> tuple[Estimate, Clustering] | None:
    """The mean over personas, with the wider of its two intervals: over personas, and over groups where they tell
    something. None of no persona."""
    by_persona = clustered_mean(means.items())
    if by_persona is None:
        return None
    if groups.several:
        by_group = clustered_mean((groups.cluster(persona), value) for persona, value in means.items())
        if by_group is not None and _wider(by_group, by_persona):
            return by_group, "group"
    return by_persona, "persona"


def difference_of(
    a: str, b: str, ours: Mapping[str, float], theirs: Mapping[str, float], groups: Groups, *, matters: float
) -> tuple[Comparison, Clustering] | None:
    """a − b on the personas of both, paired, with the wider of the two intervals; None where there is none of both."""
    common = [persona for persona in ours if persona in theirs]
    by_persona = compared(a, b, ((each, ours[each], theirs[each]) for each in common), matters=matters)
    if by_persona is None:
        return None
    shared = Groups({each: groups.of.get(each) for each in common})
    if shared.several:
        pairs = ((shared.cluster(each), ours[each], theirs[each]) for each in common)
        by_group = compared(a, b, pairs, matters=matters)
        if by_group is not None and _wider(by_group, by_persona):
            return by_group, "group"
    return by_persona, "persona"


def _wider(one: Estimate | Comparison, other: Estimate | Comparison) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.high - one.low > other.high - other.low
