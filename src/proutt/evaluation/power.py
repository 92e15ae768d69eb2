"""How many test cases a difference needs, and what a comparison could have found; normal approximation, two-sided."""

from __future__ import annotations

import math

from proutt.evaluation.distributions import NORMAL

LEVEL = 0.05
ENOUGH = 0.8
#: The smallest difference of scores (0..1) that is taken to matter, unless the user says otherwise.
MATTERS = 0.03


def power_of(difference: float, error: float, *, level: float = LEVEL) -> float:
    """The chance, 0..1, that a test at `level` finds a true difference, where the standard error is `error`."""
    if error <= 0:
        return 1.0 if difference else level
    beyond, shift = NORMAL.inv_cdf(1 - level / 2), abs(difference) / error
    return NORMAL.cdf(shift - beyond) + NORMAL.cdf(-shift - beyond)


def design_effect(per_dialogue: float, correlation: float) -> float:
    """By how much more test cases are needed where each dialogue gives several (Kish): 1 + (m − 1)ρ.

    per_dialogue: test cases a dialogue, ≥ 1; correlation: of two differences of one dialogue, 0..1.
    """
    return 1 + (per_dialogue - 1) * correlation


def cases_needed(
    difference: float,
    sd: float,
    *,
    power: float = ENOUGH,
    level: float = LEVEL,
    per_dialogue: float = 1.0,
    correlation: float = 0.0,
) -> int:
    """The fewest test cases with which the difference is found with that chance.

    difference: of two systems' mean scores, > 0; sd: of the differences test case by test case, > 0.
    """
    if difference <= 0 or sd <= 0:
        raise ValueError("difference and sd are above 0")
    widened = sd * math.sqrt(design_effect(per_dialogue, correlation))
    beyond = NORMAL.inv_cdf(1 - level / 2) + NORMAL.inv_cdf(power)
    n = max(1, math.floor((beyond * widened / difference) ** 2) - 1)
    while power_of(difference, widened / math.sqrt(n), level=level) < power:
        n += 1
    return n


def least_difference(error: float, *, power: float = ENOUGH, level: float = LEVEL) -> float:
    """The smallest true difference that a comparison with this standard error finds with that chance."""
    return (NORMAL.inv_cdf(1 - level / 2) + NORMAL.inv_cdf(power)) * error
