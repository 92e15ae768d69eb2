"""What an audit writes: `flags.jsonl`, one flag a line as rows go by, and `audit.json`, the summary. docs/audits.md
describes both; whoever shows or gates an audit reads them here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from proutt import __version__
from proutt.errors import UserError
from proutt.quality.audit.auditing import Flag, Result

VERSION = 1
FOLDER = "audit"
FLAGS, SUMMARY = "flags.jsonl", "audit.json"


class Report:
    """An audit's folder. Both files come into place when the audit is done, the summary last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: TextIO | None = None
        self._partial = folder / f".{FLAGS}.{os.getpid()}.partial"

    def __enter__(self) -> Report:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("w", encoding="utf-8", errors="replace", newline="\n")
        except OSError as error:
            remedy = "Give another --out."
            raise UserError(
                f"can't be written to ({error.strerror}).", where=str(self.folder), remedy=remedy
            ) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
        self._partial.unlink(missing_ok=True)

    def add(self, flags: Sequence[Flag]) -> None:
        """Write flags down."""
        if self._file is None:
            raise ValueError("the report is not open")
        for flag in flags:
            self._file.write(json.dumps(asdict(flag), ensure_ascii=False) + "\n")

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Put both files in place."""
        if self._file is None:
            raise ValueError("the report is not open")
        self._file.close()
        self._partial.replace(self.folder / FLAGS)
        partial = self.folder / f".{SUMMARY}.{os.getpid()}.partial"
        partial.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
        partial.replace(self.folder / SUMMARY)


def summary_of(results: Sequence[Result], facts: Mapping[str, Any]) -> dict[str, Any]:
    """`audit.json`: the facts of the audit, then one entry for each check."""
    return {"version": VERSION, "proutt": __version__, **facts, "checks": [_entry(result) for result in results]}


def _entry(result: Result) -> dict[str, Any]:
    check = result.check
    numbers = {name: _rounded(getattr(result, name)) for name in ("value", "low", "high", "limit")}
    return {
        "name": check.name,
        "title": check.title,
        "severity": check.severity.value,
        "level": check.level,
        "unit": check.unit,
        "looked": result.looked,
        "flagged": result.flagged,
        "rows": result.rows,
        **numbers,
        "borne": result.borne,
        "verdict": result.verdict,
        "note": result.note,
        "source": check.source,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def read_flags(folder: Path) -> Iterator[Flag]:
    """The flags of an audit's folder, in order. Raises UserError where there are none to read."""
    path = folder / FLAGS
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Flag(**json.loads(line))
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"can't be read ({error}).", where=str(path), remedy="Run `proutt audit` again.") from None
