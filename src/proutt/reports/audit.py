"""What `proutt audit` wrote about the pairs: a verdict for each check, and flags of single pairs (docs/audits.md)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.quality.audit.report import FOLDER, SUMMARY, read_flags
from proutt.reports.pair_data import Flag

__all__ = ["FOLDER", "AuditFound", "audit_in"]

#: What the page shows of the whole, and of a check; the file has more.
_WHOLE = ("rows", "rows_with_errors", "left_out", "passed")
_CHECK = ("name", "title", "severity", "looked", "flagged", "value", "low", "high", "borne", "verdict", "note")


@dataclass(frozen=True, slots=True)
class AuditFound:
    """summary: rows, verdict, and "checks", one entry a check in the audit's order; flags: by the name of the pair."""

    summary: dict[str, Any]
    flags: Mapping[str, list[Flag]]

    def of(self, name: str) -> list[Flag]:
        """The flags of the pair of this name."""
        return self.flags.get(name, [])


def audit_in(folder: Path) -> AuditFound | None:
    """What an audit wrote into the folder; None where there was none.

    Raises UserError where the files are not an audit's.
    """
    path = folder / SUMMARY
    if not path.is_file():
        return None
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        checks = [{key: check[key] for key in _CHECK} for check in whole["checks"]]
        summary = {key: whole[key] for key in _WHOLE} | {"checks": checks}
    except (ValueError, TypeError, KeyError):
        raise UserError("not what `proutt audit` writes.", where=str(path), remedy="Run it again.") from None
    return AuditFound(summary, _flags(folder))


def _flags(folder: Path) -> dict[str, list[Flag]]:
    found: defaultdict[str, list[Flag]] = defaultdict(list)
    for flag in read_flags(folder):
        found[flag.id].append(Flag(flag.check, flag.severity, flag.place, flag.reason, flag.evidence))
    return dict(found)
