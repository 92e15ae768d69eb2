"""Probability control of the initial inquiry (SynPT III-C, equations 6 to 10), and which users grow tired.

Pure: chance comes from generators that are keyed by the run's seed and the seed's id. How many intentions an inquiry
names, and which, comes from one of them; reluctance from another, so that neither tells anything of the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from proutt.intent.task import Seed, Task


def count_distribution(task: Task) -> tuple[float, ...]:
    """P(n) for n = 0..N: a normal density around the task's mean, normalised over the counts (equations 6, 7).

    N + 1 probabilities that sum to 1. The density's own factor cancels out; exponents are taken relative to the
    largest, so that a mean far outside 0..N leaves no 0 / 0.
    """
    exponents = [-((n - task.mean) ** 2) / (2 * task.deviation**2) for n in range(len(task.intentions) + 1)]
    densities = [math.exp(each - max(exponents)) for each in exponents]
    return tuple(each / sum(densities) for each in densities)


def draw_inquiry(seed: Seed, run_seed: int) -> tuple[str, ...]:
    """Keys of the intentions that the initial inquiry names, in the task's order (equations 8 to 10).

    First m ~ P(n), then m draws without replacement: each takes t_i with k_i's share of what is left, so the first goes
    by q_i (equation 9). None and all of them are possible.
    """
    chance = Random(f"{run_seed}/{seed.id}/inquiry")
    task = seed.task
    count = _drawn(chance, count_distribution(task))
    left = list(task.intentions)
    chosen = {left.pop(_drawn(chance, [each.weight for each in left])).key for _ in range(count)}
    return tuple(key for key in task.keys if key in chosen)


def is_reluctant(seed: Seed, run_seed: int, share: float) -> bool:
    """Whether the user of a seed grows tired of questions; `share` of users do, 0..1 (III-E)."""
    return Random(f"{run_seed}/{seed.id}/reluctant").random() < share


def _drawn(chance: Random, weights: Sequence[float]) -> int:
    return chance.choices(range(len(weights)), weights)[0]
