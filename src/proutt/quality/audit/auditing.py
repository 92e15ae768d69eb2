"""An audit at work: rows go by once, flags come out, and at the end a verdict for each check.

Nothing is kept of a row but counts, and what the checks over the whole data set keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from proutt.quality.audit.check import (
    Check,
    Finding,
    Look,
    Measure,
    Measuring,
    Need,
    Options,
    Setup,
    Severity,
    Verdict,
)
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check saw of one row.

    lacking  what it needs and the row has not: then it has not looked
    units    rows, or utterances, that it looked at
    """

    findings: tuple[Finding, ...] = ()
    units: int = 0
    lacking: Need | None = None


@dataclass(frozen=True, slots=True)
class _Begun:
    """One check, ready to look. limit: what is borne, as the user has it."""

    check: Check
    look: Look
    limit: float


class Started:
    """Checks that are ready to look at rows."""

    def __init__(self, setup: Setup, checks: Mapping[str, Check]) -> None:
        counted = lru_cache(maxsize=64)(setup.counter.tokens)  # several checks count the same texts
        self._setup = replace(setup, counter=replace(setup.counter, tokens=counted))
        self.each = {name: self._begun(check) for name, check in checks.items()}

    def _begun(self, check: Check) -> _Begun:
        own = self._setup.levels.get(check.name, {})
        limit = own.get("limit", check.limit)
        parameters = {name: own.get(name, default) for name, default in check.parameters.items()}
        return _Begun(check, check.start(Options(self._setup, limit, parameters)), limit)

    def outcome(self, name: str, subject: Subject) -> Outcome:
        """What the check of that name sees of a row."""
        check = self.each[name].check
        lacking = next((need for need in check.needs if not has(subject, need, self._setup)), None)
        if lacking is not None:
            return Outcome(lacking=lacking)
        units = sum(1 for _ in utterances(subject)) if check.unit == "utterances" else 1
        return Outcome(tuple(self.each[name].look(subject)), units)

    def outcomes(self, subject: Subject) -> dict[str, Outcome]:
        """What all of them see of a row, by name."""
        return {name: self.outcome(name, subject) for name in self.each}


@dataclass(slots=True)
class _Tally:
    """What is counted of one check."""

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
        self._setup = setup
        self._started = Started(setup, checks)
        self._tallies = {name: _Tally(each.check, each.look, each.limit) for name, each in self._started.each.items()}
        self.rows = 0
        self.flagged_rows = 0

    def look(self, subject: Subject, known: Mapping[str, Outcome] | None = None) -> list[Flag]:
        """What is wrong with one row, in the order of the checks.

        known  outcomes of checks that have looked at this row already, by name (`side_by_side.py`)
        """
        self.rows += 1
        flags: list[Flag] = []
        for name, tally in self._tallies.items():
            outcome = (known or {}).get(name) or self._started.outcome(name, subject)
            flags += _counted(tally, outcome, subject)
        self.flagged_rows += any(flag.severity == Severity.ERROR for flag in flags)
        return flags

    def limits(self) -> dict[str, float]:
        """What is borne, by check, as the user has it."""
        return {tally.check.name: tally.limit for tally in self._tallies.values()}

    def results(self, measured: Mapping[str, Measure] | None = None) -> list[Result]:
        """The verdict of every check over the rows so far; `measured`: by check, what was measured elsewhere."""
        given = measured or {}
        return [_result(tally, self._setup, given.get(tally.check.name)) for tally in self._tallies.values()]


def _counted(tally: _Tally, outcome: Outcome, subject: Subject) -> list[Flag]:
    """Count what a check saw of a row; its flags."""
    tally.lacking = tally.lacking or outcome.lacking
    tally.looked += outcome.units
    tally.flagged += min(len(outcome.findings), outcome.units)
    tally.rows += bool(outcome.findings)
    name, severity = tally.check.name, tally.check.severity.value
    return [
        Flag(subject.id, subject.where, name, severity, each.place, each.reason, each.evidence)
        for each in outcome.findings
    ]


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
