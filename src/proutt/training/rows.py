"""Data to training rows: those that `proutt export` writes, by the same code, and nothing else.

data → pairs (export/reading) → rows in TRL's form and a manifest (export/write)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export import ExportSettings, export_pairs
from proutt.export.dialogue_tally import dialogues_of
from proutt.export.reading import pairs_in
from proutt.export.reading.places import export_manifest
from proutt.export.reading.upc import holds_upc
from proutt.training.settings import TrainSettings

_TRAIN = "train.jsonl"


@dataclass(frozen=True, slots=True)
class RowFile:
    """The rows of one format.

    path      JSON Lines; digest: its SHA-256 (hex), which names the data
    rows      how many; pairs_read: of how many pairs
    left_out  reason → pairs that make no row (docs/exports.md)
    other     part → rows that are not trained on, where the data was split
    """

    path: Path
    digest: str
    rows: int
    pairs_read: int
    left_out: dict[str, int]
    other: dict[str, int]


def write_rows(data: str, folder: Path, formats: Iterable[str], settings: TrainSettings) -> dict[str, RowFile]:
    """Write the rows of `data` into a folder for each format. Raises UserError where there is nothing to train on.

    data  the --out of `proutt synthesize`, an export, or any file that `proutt export` reads
    """
    _refuse_whole_dialogues(data)
    return {name: _written(data, folder / name, name, settings) for name in formats}


def _refuse_whole_dialogues(data: str) -> None:
    """A row here has one answer that is learnt, its last. Of an export whose rows are to teach every answer, most would
    be lost without a word; and what is learnt of a run of UPC is for its export to say."""
    manifest = export_manifest(Path(data))
    dialogues = None if manifest is None else dialogues_of(manifest)
    if (dialogues is not None and dialogues["rows"] == "whole") or holds_upc(data):
        raise UserError(
            "holds whole dialogues, and of each only the last answer would be learnt.",
            where=data,
            remedy="Export the run with --to trl-sft, a row for each answer, and train on that.",
        )


def _written(data: str, folder: Path, format: str, settings: TrainSettings) -> RowFile:
    manifest = export_pairs(
        pairs_in(data),
        folder,
        ExportSettings(
            format=format,
            instruction=settings.instruction,
            include_unverified=settings.include_unverified,
            include_personal=settings.include_personal,
        ),
    )
    counts = {
        name.removesuffix(".jsonl"): entry["rows"]
        for name, entry in manifest["files"].items()
        if name.endswith(".jsonl") and not name.endswith(".meta.jsonl")
    }
    if "train" not in counts:
        raise UserError(
            f"has no rows to train on, only of {', '.join(counts)}.", where=data, remedy="Name the part for training."
        )
    return RowFile(
        path=folder / _TRAIN,
        digest=manifest["files"][_TRAIN]["sha256"],
        rows=counts.pop("train"),
        pairs_read=manifest["pairs"]["read"],
        left_out=dict(manifest["pairs"]["left_out"]),
        other=counts,
    )


def read_rows(path: Path, keep: Iterable[bool]) -> list[dict[str, Any]]:
    """The rows whose flag is set; one flag for each line."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, kept in zip(lines, keep, strict=True) if kept]
