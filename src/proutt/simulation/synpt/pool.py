"""A pool of seeds that grows without duplicates: what may come in, and what of it is shown to who writes the next.

Pure but for its own state; the same seeds in the same order make the same pool.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random

from proutt.errors import ItemFailed
from proutt.intent.task import Task
from proutt.quality.duplicates import NearDuplicates
from proutt.simulation.synpt.seeds import seed_of

#: Estimated Jaccard similarity of 5-grams from which a seed is too near to one that is there.
NEAR = 0.7
#: A value is there too often that more than this share of the seeds has, and at least two.
OFTEN = 0.15
_SHOWN, _NAMED = 6, 6

Values = dict[str, str]


class Pool:
    """Seeds of one task, as values; ids are no matter."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.seeds: list[Values] = []
        self._known: set[tuple[str, ...]] = set()
        self._near = NearDuplicates(NEAR)

    def add(self, values: Mapping[str, str]) -> str | None:
        """Take a seed in. None where it is in now, else why not, by name:

        no-value   an intention has no value of letters or digits, or its own name for one
        any-only   the user has no preference at all
        duplicate  it is there, but for case, width and marks
        near       it is there with hardly another word
        """
        found = self._normal(values)
        if found is None:
            return "no-value"
        if all(value == self.task.any_value for value in found.values()):
            return "any-only"
        key = tuple(plain(each) for each in found.values())
        if key in self._known:
            return "duplicate"
        text = " ".join(found.values())
        if self._near.near(text) is not None:
            return "near"
        self._near.add(str(len(self.seeds)), text)
        self._known.add(key)
        self.seeds.append(found)
        return None

    def fill(self, seeds: Iterable[Values]) -> None:
        """Take seeds in as they are, unchecked: for a pool that nothing is added to."""
        self.seeds.extend(seeds)

    def sample(self, chance: Random) -> tuple[Values, ...]:
        """A few of the seeds, the latest one among them."""
        earlier = self.seeds[:-1]
        return (*chance.sample(earlier, min(_SHOWN - 1, len(earlier))), *self.seeds[-1:])

    def frequent(self) -> dict[str, list[str]]:
        """Intention → values that too many seeds have, the most frequent first. No preference is no value."""
        often: dict[str, list[str]] = {}
        for key in self.task.keys:
            counts = Counter(seed[key] for seed in self.seeds if seed[key] != self.task.any_value)
            least = max(2, OFTEN * len(self.seeds))
            found = [value for value, count in counts.most_common(_NAMED) if count >= least]
            if found:
                often[key] = found
        return often

    def _normal(self, values: Mapping[str, str]) -> Values | None:
        """As a reader of seeds would have it; None where it would refuse."""
        try:
            seed, _ = seed_of({"task": "", **values}, {"": self.task}, id="", source="")
        except ItemFailed:
            return None
        named = any(plain(value) in ("", plain(self.task.name_of(key))) for key, value in seed.values.items())
        return None if named else dict(seed.values)


def plain(value: str) -> str:
    """A value as two spellings of it are compared: its letters and digits alone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", value).casefold())
