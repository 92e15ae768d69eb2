"""An evaluation's folder: every dialogue, and the results and tables that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import RESULTS, files_of, first_fields, object_in, read_lines, write
from proutt.evaluation.tables import Table
from proutt.evaluation.upc.record import Failed, UPCEvaluated
from proutt.evaluation.upc.results import Evaluation, results_of
from proutt.evaluation.upc.tables import tables_of

DIALOGUES = "evaluated.jsonl"


def evaluation_in(path: Path) -> Evaluation:
    """The dialogues of a folder, or of a file of it. Raises UserError where it is none, or holds no dialogue."""
    file = path / DIALOGUES if path.is_dir() else path
    dialogues = list(read_lines(file, UPCEvaluated))
    if not dialogues:
        raise UserError("holds no dialogue.", where=str(file), remedy="Let proutt evaluate upc finish first.")
    return Evaluation(str(path), dialogues)


def derived(
    evaluations: Sequence[Evaluation], *, failed: Failed = "lowest"
) -> tuple[dict[str, Any], list[Table], Mapping[str, str]]:
    """Results, tables, and the files that hold them (name → text). Raises UserError as `results_of`."""
    results = results_of(evaluations, failed=failed)
    tables = tables_of(results)
    return results, tables, files_of({"kind": "upc", **results}, tables)


def holds_evaluation(folder: Path) -> bool:
    """Whether `proutt evaluate upc` wrote this folder."""
    return {"dialogue", "baseline"} <= first_fields(folder / DIALOGUES)


def counted_in(folder: Path) -> Failed:
    """How the results of a folder count turns that the chatbot failed to answer; the lowest score where it has none."""
    return "left-out" if object_in(folder / RESULTS).get("failed_turns_count") == "left-out" else "lowest"


def rebuilt(folder: Path) -> tuple[dict[str, Any], list[Table]]:
    """Write results and tables anew from the dialogues; no call is made. Raises UserError."""
    results, tables, files = derived([evaluation_in(folder)], failed=counted_in(folder))
    write(folder, files)
    return results, tables
