"""`training.json`: what a training directory is of, how far it is, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from proutt import __version__
from proutt.errors import UserError
from proutt.training.bases import Base
from proutt.training.library import versions
from proutt.training.plan import Plan, plan_json
from proutt.training.settings import TrainSettings, changed
from proutt.training.watching import write_whole

RECORD = "training.json"


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of a directory; None where there is none. Raises UserError where it can't be read."""
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if not {"settings", "data", "base", "state"} <= record.keys():
            raise KeyError("settings")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"can't be read ({type(error).__name__}).", where=str(folder / RECORD), remedy="Give another --out."
        ) from None
    return record


def finished_record(folder: Path) -> dict[str, Any]:
    """The record of a finished training. Raises UserError where there is none, or it is not finished."""
    record = read_record(folder)
    if record is None:
        raise UserError(
            f"is no training directory: it has no {RECORD}.",
            where=str(folder),
            remedy="Name the --out of proutt train.",
        )
    if record["state"] != "done":
        raise UserError(
            "the training is not finished.", where=str(folder), remedy="Run the same `proutt train` command to go on."
        )
    return record


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write it whole."""
    write_whole(folder / RECORD, json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def new_record(
    settings: TrainSettings, data: str, digests: Mapping[str, str], base: Base, plan: Plan
) -> dict[str, Any]:
    """The record of a training that begins. digests: format → SHA-256 of its rows."""
    return {
        "proutt": __version__,
        "state": "running",
        "settings": settings.as_json(),
        "data": {"name": data, "sha256": dict(digests)},
        "base": {"name": base.name, "identity": base.identity, "folder": str(base.folder), "licence": base.licence},
        "versions": versions(),
        "plan": plan_json(plan),
        "results": [],
    }


def refuse_changes(record: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Raise UserError, naming what differs, where a directory was begun with other settings, data or weights."""
    found = changed(_deciding(record), _deciding(now))
    if found:
        raise UserError(
            f"was begun with other settings: {'; '.join(found)}.",
            where=str(folder),
            remedy="Give the same settings to go on, or another --out.",
        )


def _deciding(record: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same for a training to go on. Where the data lies does not matter, what it holds does."""
    return {**record["settings"], "data": record["data"]["sha256"], "weights": record["base"]["identity"]}


def result_of(method: str, log: list[dict[str, Any]], rows: int) -> dict[str, Any]:
    """What a stage came to, of its log: first and last value of each measure, the last averaged over a tenth."""
    steps = [entry for entry in log if "loss" in entry]
    measures = {
        "loss": "loss",
        "token_accuracy": "mean_token_accuracy",
        "margin": "rewards/margins",
        "accuracy": "rewards/accuracies",
    }
    found = {
        name: {"first": _mean(steps, key, first=True), "last": _mean(steps, key, first=False)}
        for name, key in measures.items()
        if any(key in entry for entry in steps)
    }
    total: dict[str, Any] = next((entry for entry in reversed(log) if "train_runtime" in entry), {})
    return {
        "method": method,
        "rows": rows,
        "steps": steps[-1]["step"] if steps else 0,
        "seconds_of_last_session": total.get("train_runtime"),
        "measures": found,
    }


def _mean(steps: list[dict[str, Any]], key: str, *, first: bool) -> float | None:
    """Over the first, or the last, tenth of the logged steps."""
    count = max(1, len(steps) // 10)
    values = [float(each[key]) for each in (steps[:count] if first else steps[-count:]) if key in each]
    return round(sum(values) / len(values), 6) if values else None
