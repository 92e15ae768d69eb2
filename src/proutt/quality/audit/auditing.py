"""An audit at work: rows go by once, flags come out, and at the end a verdict for each check.

Nothing is kept of a row but counts, and what the checks over the whole data set keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from proutt.quality.audit.check import Check, Look, Measure, Measuring, Need, Options, Setup, Severity, Verdict
from proutt.quality.audit.checks import CHECKS, has
from proutt.quality.audit.pieces import utterances
from proutt.quality.audit.subject import Subject
from proutt.quality.intervals import wilson


@dataclass(frozen=True, slots=True)
class Flag:
    """One finding of one row, as it is written to flags.jsonl.

    id, where  the row's; place, reason, evidence: the finding's
    """

    id: str
    where: str
    check: str
    severity: str
    place: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check.

    looked   rows, or utterances, that it looked at; flagged: those with a finding; rows: rows with one
    value    the share flagged, or the check's own number, with its 95% interval; None where it looked at nothing
    limit    what is borne, as a number and as words
    verdict  pass; fail (an error's limit is passed); warn (a warning's is); undecided (too few rows to tell);
             n/a (no row has what the check needs: `note` says what)
    """

    check: Check
    looked: int
    flagged: int
    rows: int
    value: float | None
    low: float | None
    high: float | None
    limit: float
    verdict: Verdict
    note: str = ""

    @property
    def borne(self) -> str:
        """The limit in words."""
        return borne(self.check, self.limit)


def borne(check: Check, limit: float) -> str:
    """A check's limit in words: "at most 0.5% of rows", "within 0.05 of 0.5"."""
    if not limit and "most" in check.borne:
        return "none"
    return check.borne.format(limit=percent(limit) if "most" in check.borne else f"{limit:g}", unit=check.unit)


def percent(share: float) -> str:
    """A share as a percentage with no more figures than it needs: 0.005 → "0.5%"."""
    return f"{share * 100:.3g}%"


@dataclass(slots=True)
class _Tally:
    """One check at work."""

    check: Check
    look: Look
    limit: float
    looked: int = 0
    flagged: int = 0
    rows: int = 0
    lacking: Need | None = None


class Audit:
    """One pass over rows, in the order of the data."""

    def __init__(self, setup: Setup, checks: Mapping[str, Check] = CHECKS) -> None:
        counted = lru_cache(maxsize=64)(setup.counter.tokens)  # several checks count the same texts
        self._setup = replace(setup, counter=replace(setup.counter, tokens=counted))
        self._tallies = [self._started(check) for check in checks.values()]
        self.rows = 0
        self.flagged_rows = 0

    def _started(self, check: Check) -> _Tally:
        own = self._setup.levels.get(check.name, {})
        limit = own.get("limit", check.limit)
        parameters = {name: own.get(name, default) for name, default in check.parameters.items()}
        return _Tally(check, check.start(Options(self._setup, limit, parameters)), limit)

    def look(self, subject: Subject) -> list[Flag]:
        """What is wrong with one row, in the order of the checks."""
        self.rows += 1
        flags: list[Flag] = []
        for tally in self._tallies:
            flags += self._looked(tally, subject)
        self.flagged_rows += any(flag.severity == Severity.ERROR for flag in flags)
        return flags

    def _looked(self, tally: _Tally, subject: Subject) -> list[Flag]:
        check = tally.check
        lacking = next((need for need in check.needs if not has(subject, need, self._setup)), None)
        if lacking is not None:
            tally.lacking = tally.lacking or lacking
            return []
        found = list(tally.look(subject))
        units = sum(1 for _ in utterances(subject)) if check.unit == "utterances" else 1
        tally.looked += units
        tally.flagged += min(len(found), units)
        tally.rows += bool(found)
        return [
            Flag(subject.id, subject.where, check.name, check.severity.value, each.place, each.reason, each.evidence)
            for each in found
        ]

    def limits(self) -> dict[str, float]:
        """What is borne, by check, as the user has it."""
        return {tally.check.name: tally.limit for tally in self._tallies}

    def results(self, measured: Mapping[str, Measure] | None = None) -> list[Result]:
        """The verdict of every check over the rows so far; `measured`: by check, what was measured elsewhere."""
        return [_result(tally, self._setup, (measured or {}).get(tally.check.name)) for tally in self._tallies]


def _result(tally: _Tally, setup: Setup, measured: Measure | None) -> Result:
    check = tally.check
    if measured is not None:
        return _measured(tally, measured)
    if not tally.looked:
        why = "no rows" if tally.lacking is None else f"needs {tally.lacking.value}"
        return Result(check, 0, 0, 0, None, None, None, tally.limit, "n/a", why)
    if isinstance(tally.look, Measuring):
        return _measured(tally, tally.look.measure())
    share = tally.flagged / tally.looked
    low, high = wilson(tally.flagged, tally.looked)
    held = share <= tally.limit
    note = "tokens are estimated" if Need.LENGTH in check.needs and setup.counter.estimated else ""
    verdict = _verdict(check, held)
    return Result(check, tally.looked, tally.flagged, tally.rows, share, low, high, tally.limit, verdict, note)


def _measured(tally: _Tally, measure: Measure | None) -> Result:
    check = tally.check
    if measure is None:
        return Result(check, tally.looked, 0, 0, None, None, None, tally.limit, "n/a", "too few rows")
    verdict = _verdict(check, measure.held)
    numbers = (measure.value, measure.low, measure.high)
    looked = tally.looked if measure.rows is None else measure.rows
    return Result(check, looked, tally.flagged, tally.rows, *numbers, tally.limit, verdict, measure.note)


def _verdict(check: Check, held: bool | None) -> Verdict:
    if held is None:
        return "undecided"
    if held:
        return "pass"
    return "fail" if check.severity is Severity.ERROR else "warn"


def failed(results: list[Result]) -> bool:
    """Whether an audit fails: a check of severity error is beyond its limit."""
    return any(result.verdict == "fail" for result in results)
