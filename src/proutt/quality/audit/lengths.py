"""Length bias: whether the longer side is the better one often enough to be learned in place of the preference.

Each look sums as rows go by; lengths are tokens of the completions. A measure is outside its limit only where its
whole 95% interval is: a handful of rows shows no bias either way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

from proutt.quality.audit.check import Check, Finding, Measure, Need, Options, Severity
from proutt.quality.audit.subject import Subject
from proutt.quality.intervals import Z, of_mean, wilson
from proutt.quality.statistics import Moments

_NOTHING: tuple[Finding, ...] = ()


def _held(value: float, low: float, high: float, ideal: float, limit: float) -> bool | None:
    """Whether a number stays within `limit` of its ideal; None where only part of its interval does."""
    if abs(value - ideal) <= limit:
        return True
    return False if low > ideal + limit or high < ideal - limit else None


class ChosenLonger:
    """The share of rows whose chosen side is the longer one; equal lengths count as half."""

    def __init__(self, options: Options) -> None:
        self._tokens, self._limit = _counted(options), options.limit
        self._longer, self._equal, self._rows = 0, 0, 0

    def __call__(self, subject: Subject) -> Iterable[Finding]:
        if subject.rejected is not None:
            chosen, rejected = self._tokens(subject.chosen.text), self._tokens(subject.rejected.text)
            self._longer += chosen > rejected
            self._equal += chosen == rejected
            self._rows += 1
        return _NOTHING

    def measure(self) -> Measure | None:
        if not self._rows:
            return None
        hits = self._longer + self._equal / 2
        low, high = wilson(math.floor(hits), self._rows)[0], wilson(math.ceil(hits), self._rows)[1]
        share = hits / self._rows
        return Measure(share, low, high, _held(share, low, high, 0.5, self._limit))


class MeanDifference:
    """The mean of chosen minus rejected, over the mean length of a completion."""

    def __init__(self, options: Options) -> None:
        self._tokens, self._limit = _counted(options), options.limit
        self._delta, self._length = Moments(), Moments()

    def __call__(self, subject: Subject) -> Iterable[Finding]:
        if subject.rejected is not None:
            chosen, rejected = self._tokens(subject.chosen.text), self._tokens(subject.rejected.text)
            self._delta.add(chosen - rejected)
            self._length.add(chosen)
            self._length.add(rejected)
        return _NOTHING

    def measure(self) -> Measure | None:
        if self._delta.count < 2 or not self._length.mean:
            return None
        value = self._delta.mean / self._length.mean
        low, high = (
            each / self._length.mean for each in of_mean(self._delta.mean, self._delta.sigma, self._delta.count)
        )
        note = f"{self._delta.mean:+.1f} of {self._length.mean:.0f} tokens"
        return Measure(value, low, high, _held(value, low, high, 0.0, self._limit), note)


class LengthAlone:
    """How well length alone tells chosen from rejected completions: the area under the ROC curve, 0.5: not at all."""

    def __init__(self, options: Options) -> None:
        self._tokens, self._limit = _counted(options), options.limit
        self._chosen: Counter[int] = Counter()
        self._rejected: Counter[int] = Counter()

    def __call__(self, subject: Subject) -> Iterable[Finding]:
        if subject.rejected is not None:
            self._chosen[self._tokens(subject.chosen.text)] += 1
            self._rejected[self._tokens(subject.rejected.text)] += 1
        return _NOTHING

    def measure(self) -> Measure | None:
        rows = self._chosen.total()
        if rows < 2:
            return None
        value = auc(self._chosen, self._rejected)
        half = Z * _auc_error(value, rows)
        low, high = max(value - half, 0.0), min(value + half, 1.0)
        return Measure(value, low, high, _held(value, low, high, 0.5, self._limit))


def auc(better: Counter[int], worse: Counter[int]) -> float:
    """The probability that a number of `better` is larger than one of `worse`, ties counting half (Mann-Whitney)."""
    below, wins = 0, 0.0
    for number in sorted({*better, *worse}):
        wins += better[number] * (below + worse[number] / 2)
        below += worse[number]
    return wins / (better.total() * worse.total())


def _auc_error(value: float, rows: int) -> float:
    """Standard error of an area over as many better as worse (Hanley and McNeil 1982)."""
    q1, q2 = value / (2 - value), 2 * value * value / (1 + value)
    spread = value * (1 - value) + (rows - 1) * (q1 - value * value) + (rows - 1) * (q2 - value * value)
    return math.sqrt(max(spread, 0.0)) / rows


def _counted(options: Options) -> Callable[[str], int]:
    return options.setup.counter.tokens


LENGTHS = (
    Check(
        name="chosen-longer",
        title="share of rows whose chosen side is longer",
        severity=Severity.ERROR,
        limit=0.05,
        borne="within {limit} of 0.5",
        source="reward-model data (arXiv 2502.00814): 59.8% longer makes length alone right 60% of the time",
        start=ChosenLonger,
        needs=(Need.PAIR,),
        level="dataset",
    ),
    Check(
        name="length-difference",
        title="mean length of chosen minus rejected, over the mean length",
        severity=Severity.ERROR,
        limit=0.02,
        borne="within {limit} of 0",
        source="ProUtt, Table II: mean differences of −2 to +3 tokens",
        start=MeanDifference,
        needs=(Need.PAIR,),
        level="dataset",
    ),
    Check(
        name="length-alone",
        title="length alone tells chosen from rejected (AUC)",
        severity=Severity.ERROR,
        limit=0.05,
        borne="within {limit} of 0.5",
        source="length-controlled evaluation (arXiv 2404.04475)",
        start=LengthAlone,
        needs=(Need.PAIR,),
        level="dataset",
    ),
)
