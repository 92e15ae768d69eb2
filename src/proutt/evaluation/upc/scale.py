"""Scores stay on their scale, 1 to 5: what of an interval is said, and when none is. Pure.

A t-interval over two or three personas goes far beyond what a score can be. The true mean is on the scale, so what lies
beyond can be cut off, and the interval covers it as often as before. Where nothing is left but the whole scale, the
personas are too few for an interval.
"""

from __future__ import annotations

from proutt.evaluation.tables import interval_text

#: Of a mean score, and of the difference of two.
SCORES, DIFFERENCES = (1.0, 5.0), (-4.0, 4.0)
#: What stands for an interval that says nothing.
NONE = "–"


def on_scale(low: float | None, high: float | None, scale: tuple[float, float] = SCORES) -> tuple[float, float] | None:
    """The part of an interval that is on the scale; None where there is no interval, or it is the whole scale."""
    if low is None or high is None:
        return None
    cut = (max(low, scale[0]), min(high, scale[1]))
    return None if cut == scale else cut


def score_text(
    mean: float, low: float | None, high: float | None, scale: tuple[float, float] = SCORES, *, digits: int = 3
) -> str:
    """A score as tables print it, with the interval on its scale, or `NONE`."""
    cut = on_scale(low, high, scale)
    return f"{mean:.{digits}f} {NONE}" if cut is None else interval_text(mean, *cut, digits=digits)
