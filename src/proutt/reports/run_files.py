"""What a run says of itself beside its pairs: `summary.json` and `failures.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.reports.audit import FOLDER, audit_in
from proutt.reports.report import Facts
from proutt.runs.directory import DIALOGUES, FAILURES, SUMMARY
from proutt.runs.pairs import PAIRS

#: As many failures are in the report; the rest are in the file.
FAILURES_SHOWN = 200
#: As many characters of a model's words.
RAW_SHOWN = 4000


def summary_in(run: Path) -> dict[str, Any] | None:
    """The run's summary; None where there is none (a `pairs.jsonl` alone, a file of somebody else).

    Raises UserError where the file is not one.
    """
    path = run / SUMMARY
    if not path.is_file():
        return None
    try:
        summary: Any = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        summary = None
    if not isinstance(summary, dict) or not isinstance(summary.get("turns"), dict):
        raise UserError(
            "not a run's summary.",
            where=str(path),
            remedy="Give the run's `proutt synthesize` command again: it writes the file anew and pays for nothing.",
        )
    return summary


def failures_in(run: Path) -> dict[str, Any]:
    """How many turns failed, and the first of them with the model's words."""
    path, shown, total = run / FAILURES, list[dict[str, Any]](), 0
    for failure in _lines(path) if path.is_file() else ():
        total += 1
        if len(shown) < FAILURES_SHOWN:
            shown.append({**failure, "raw": str(failure.get("raw") or "")[:RAW_SHOWN]})
    return {"count": total, "shown": shown}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield dict(json.loads(line))
            except (ValueError, TypeError):
                raise UserError(
                    "not a failure's record.",
                    where=f"{path}:{number}",
                    remedy="Give the run's `proutt synthesize` command again: it writes the file anew.",
                ) from None


def dialogue_facts(path: Path, audit: Path | None = None) -> Facts:
    """The same of a run of dialogues, or of a file of them."""
    run = path.parent if path.name == DIALOGUES else path
    name = run.resolve().name or "run"
    is_run = (run / DIALOGUES).is_file()
    found = audit_in(audit or run / FOLDER)
    if audit is not None and found is None:
        raise UserError("there is no audit here.", where=str(audit), remedy="Name the folder `proutt audit` wrote to.")
    return Facts(
        name=name,
        source=f"{name}/{DIALOGUES}" if is_run else name,
        failures=failures_in(run) if is_run else None,
        audit=None if found is None else found.summary,
        flags=(lambda _: ()) if found is None else found.of,
    )


def facts_of(path: Path, audit: Path | None = None) -> Facts:
    """What a run says beside its pairs; of a file that is no run's, its name only.

    audit  the folder of an audit's files; else that of the run, if there is one
    """
    run = path.parent if path.name == PAIRS else path
    name = run.resolve().name or "run"
    is_run = (run / PAIRS).is_file()
    found = audit_in(audit or run / FOLDER)
    if audit is not None and found is None:
        raise UserError("there is no audit here.", where=str(audit), remedy="Name the folder `proutt audit` wrote to.")
    return Facts(
        name=name,
        source=f"{name}/{PAIRS}" if is_run else name,
        summary=summary_in(run) if is_run else None,
        failures=failures_in(run) if is_run else None,
        audit=None if found is None else found.summary,
        flags=(lambda _: ()) if found is None else found.of,
    )
