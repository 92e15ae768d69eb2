"""Audits of preference pairs: what is known to go wrong in such data, and what goes wrong in this task.

`Audit` looks at one `Subject` after the other with the checks of `CHECKS`; docs/audits.md says what each finds.
"""

from proutt.quality.audit.auditing import Audit, Flag, Outcome, Result, failed, percent
from proutt.quality.audit.check import Check, Finding, Measure, Need, Setup, Severity
from proutt.quality.audit.checks import CHECKS, selected
from proutt.quality.audit.subject import Side, Subject
from proutt.quality.audit.thresholds import read_thresholds

__all__ = [
    "CHECKS",
    "Audit",
    "Check",
    "Finding",
    "Flag",
    "Measure",
    "Need",
    "Outcome",
    "Result",
    "Setup",
    "Severity",
    "Side",
    "Subject",
    "failed",
    "percent",
    "read_thresholds",
    "selected",
]
