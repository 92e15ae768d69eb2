"""An evaluation's folder: every dialogue and inquiry, and the results and tables that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import RESULTS, files_of, first_fields, object_in, read_lines, write
from proutt.evaluation.synpt.record import EvaluatedDialogue, Failed, InquiryRecord
from proutt.evaluation.synpt.results import Evaluation, results_of
from proutt.evaluation.synpt.tables import tables_of
from proutt.evaluation.tables import Table

DIALOGUES, INQUIRIES = "evaluated.jsonl", "inquiries.jsonl"


def dialogue_file(path: Path) -> Path:
    """The file of an evaluation's folder, or the file itself."""
    return path / DIALOGUES if path.is_dir() else path


def evaluation_in(path: Path) -> Evaluation:
    """The dialogues of a folder, or of a file of it. Raises UserError where it is none, or holds no dialogue."""
    file = dialogue_file(path)
    dialogues = list(read_lines(file, EvaluatedDialogue))
    if not dialogues:
        raise UserError("holds no dialogue.", where=str(file), remedy="Let the evaluation finish first.")
    return Evaluation(str(path), dialogues)


def inquiries_in(path: Path) -> dict[str, InquiryRecord]:
    """Seed id → its test case and first words. Raises UserError where the file has none."""
    file = path / INQUIRIES if path.is_dir() else path
    found = {each.seed_id: each for each in read_lines(file, InquiryRecord)}
    if not found:
        raise UserError("holds no inquiry.", where=str(file), remedy="Name a finished proutt evaluate synpt.")
    return found


def derived(
    evaluations: Sequence[Evaluation], failed: Failed = "wrong"
) -> tuple[dict[str, Any], list[Table], Mapping[str, str]]:
    """Results, tables, and the files that hold them (name → text). failed: as in `results_of`."""
    results = results_of(evaluations, failed)
    tables = tables_of(results)
    return results, tables, files_of({"kind": "synpt", **results}, tables)


def holds_evaluation(folder: Path) -> bool:
    """Whether `proutt evaluate synpt` wrote this folder; lines of an evaluation of UPC hold a whole dialogue."""
    file = folder / DIALOGUES
    return file.is_file() and "dialogue" not in first_fields(file)


def counted_in(folder: Path) -> Failed:
    """How the results of a folder count dialogues in which the model under test failed; as wrong where it has none."""
    failed = object_in(folder / RESULTS).get("failed")
    return "left-out" if isinstance(failed, dict) and failed.get("counted") == "left-out" else "wrong"


def rebuilt(folder: Path) -> tuple[dict[str, Any], list[Table]]:
    """Write results and tables anew from the dialogues; no call is made. Raises UserError."""
    results, tables, files = derived([evaluation_in(folder)], counted_in(folder))
    write(folder, files)
    return results, tables
