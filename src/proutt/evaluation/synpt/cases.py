"""The test set of SynPT IV-B: seeds, and how much of each the user's first words tell. Pure.

20% of the initial inquiries name no intention, 20% name all, the rest a number drawn from 0 to N; which ones is drawn
without weights. The shares are exact over the set and over each task as far as whole numbers go. All is keyed by the
ids of the seeds, so the order of the input changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from proutt.intent.task import Seed

#: Which rule says how many intentions an initial inquiry names.
Part = Literal["none", "all", "some"]
#: Share of the inquiries that name nothing, and of those that name everything.
SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Case:
    """What one user wants, and what the first words tell of it. told: keys, in the task's order."""

    seed: Seed
    told: tuple[str, ...]
    part: Part

    @property
    def missing(self) -> tuple[str, ...]:
        """The implicit intentions: keys that the first words leave out, in the task's order."""
        return tuple(key for key in self.seed.task.keys if key not in self.told)

    @property
    def vague(self) -> bool:
        return bool(self.missing)


def drawn(seeds: Iterable[Seed], *, per_task: int, seed: int) -> list[Seed]:
    """So many seeds of each task, or all that there are, in the order of the input; drawn by the ids of the seeds."""
    every = list(seeds)
    by_task: dict[tuple[str, str], list[Seed]] = {}
    for each in every:
        by_task.setdefault((each.task.language, each.task.name), []).append(each)
    kept = {
        each.id
        for group in by_task.values()
        for each in sorted(group, key=lambda one: Random(f"{seed}/{one.id}/taken").random())[:per_task]
    }
    return [each for each in every if each.id in kept]


def cases_of(seeds: Sequence[Seed], *, seed: int) -> list[Case]:
    """A test case of each seed, in their order. The ids are all different."""
    parts = _parts(seeds, seed)
    return [Case(each, _told(each, parts[each.id], seed), parts[each.id]) for each in seeds]


def _parts(seeds: Sequence[Seed], seed: int) -> dict[str, Part]:
    """Which rule each seed is under: in an order that mixes each task's seeds, every part evenly spread."""

    def place(each: Seed) -> tuple[str, str, float]:
        return (each.task.language, each.task.name, Random(f"{seed}/{each.id}/part").random())

    ids = [each.id for each in sorted(seeds, key=place)]
    each_part = int(len(ids) * SHARE + 0.5)
    silent = _spread(ids, each_part)
    rest = [one for one in ids if one not in silent]
    telling = _spread(rest, min(each_part, len(rest)))
    return {one: "none" if one in silent else "all" if one in telling else "some" for one in ids}


def _spread(ids: Sequence[str], count: int) -> set[str]:
    """So many of them, as far from each other as may be."""
    return {ids[int((at + 0.5) * len(ids) / count)] for at in range(count)}


def _told(each: Seed, part: Part, seed: int) -> tuple[str, ...]:
    keys = each.task.keys
    if part != "some":
        return () if part == "none" else keys
    number = Random(f"{seed}/{each.id}/how-many").randint(0, len(keys))
    chosen = set(Random(f"{seed}/{each.id}/which").sample(keys, number))
    return tuple(key for key in keys if key in chosen)
