"""What the overview shows: sums over all pairs, taken as they stream by, and what the run's other files say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proutt.export.reading import TextPair
from proutt.methods.record import PreferencePair
from proutt.quality import GroupStatistics, as_json

BRANCHES = ("low", "middle", "high")
TENTHS = tuple(f"{each / 10:.1f}" for each in range(11))


@dataclass(slots=True)
class Scores:
    """The distribution of J_max, by tenth and branch, and the thresholds that the pairs were made with."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    thresholds: dict[str, set[float]] = field(default_factory=lambda: {"low": set(), "high": set()})

    def add(self, pair: PreferencePair | TextPair) -> None:
        """A pair without a record has no score."""
        if isinstance(pair, TextPair):
            return
        self.counts[f"{int(pair.j_max * 10 + 1e-9) / 10:.1f}", pair.branch] += 1
        for name, found in self.thresholds.items():
            value = pair.settings.get(f"tau_{name}")
            if isinstance(value, int | float) and len(found) < 2:
                found.add(float(value))

    def as_rows(self) -> list[list[Any]]:
        """Tenth, then the pairs of each branch, low first."""
        return [[tenth, *(self.counts[tenth, branch] for branch in BRANCHES)] for tenth in TENTHS]

    def common(self) -> dict[str, float | None]:
        """The thresholds; None where pairs of several settings are together."""
        return {name: next(iter(found)) if len(found) == 1 else None for name, found in self.thresholds.items()}


def groups_as_data(groups: Mapping[str, GroupStatistics]) -> list[list[Any]]:
    """Name and numbers of each group (`quality.as_json`); "all" is the last."""
    return [[name, as_json(group)] for name, group in groups.items()]
