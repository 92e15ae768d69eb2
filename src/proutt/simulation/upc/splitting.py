"""Personas told apart for training, validation and test by occupation group: no group is in two splits (UPC 5.1).

Pure. A person without a group is a group alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from proutt.intent.persona import Persona

#: The paper's sizes, of 800.
TRAIN, VALIDATION, TEST = 500, 100, 200


def split_groups(sizes: Mapping[str, int], wanted: Sequence[int], seed: int) -> list[list[str]]:
    """Which groups go to which split, so that no group is in two, and some may be in none.

    sizes   group → how many personas it has
    wanted  personas of each split, in their order
    seed    shuffles the groups, keyed by the groups' names alone

    Each split in turn, the smallest wanted first, takes the groups whose sizes come nearest to what it wants: exactly
    where they can, and of two as near the one with fewer. The same groups in another order split alike.
    """
    left = sorted(group for group in sizes if sizes[group] > 0)
    Random(f"{seed}/split").shuffle(left)
    found: list[list[str]] = [[] for _ in wanted]
    for at in sorted(range(len(wanted)), key=lambda at: (wanted[at], at)):
        found[at] = _nearest(left, sizes, wanted[at])
        left = [group for group in left if group not in set(found[at])]
    return found


def split_personas(
    personas: Sequence[Persona], wanted: Sequence[int], seed: int
) -> tuple[list[list[Persona]], list[Persona]]:
    """The personas of each split, and those of none, in their order. wanted: what `aims` gives."""
    keys = [_group_of(each) for each in personas]
    where = {group: at for at, groups in enumerate(split_groups(Counter(keys), wanted, seed)) for group in groups}
    found: list[list[Persona]] = [[] for _ in wanted]
    rest: list[Persona] = []
    for persona, key in zip(personas, keys, strict=True):
        (found[where[key]] if key in where else rest).append(persona)
    return found, rest


def aims(there: int, wanted: Sequence[int]) -> list[int]:
    """How many personas each split is to have: those wanted, or of fewer than that, in the same proportion."""
    total = sum(wanted)
    if there >= total:
        return list(wanted)
    ends = [round(there * sum(wanted[: at + 1]) / total) for at in range(len(wanted))]
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def _group_of(persona: Persona) -> str:
    return f"alone/{persona.id}" if persona.group is None else f"group/{persona.group}"


def _nearest(groups: Sequence[str], sizes: Mapping[str, int], wanted: int) -> list[str]:
    """Groups whose sizes together come nearest to `wanted`: of all sums that can be had, by dynamic programming.

    Earlier groups go first, so that the shuffle decides among sums that are alike.
    """
    best: dict[int, tuple[int, str] | None] = {0: None}  # sum → the sum before it and the group that was added
    most = wanted + max((sizes[group] for group in groups), default=0)
    for group in groups:
        for before in sorted(best, reverse=True):
            total = before + sizes[group]
            if total <= most and total not in best:
                best[total] = (before, group)
    at = min(best, key=lambda total: (abs(total - wanted), total))
    found = []
    while (step := best[at]) is not None:
        at, group = step
        found.append(group)
    return found[::-1]
