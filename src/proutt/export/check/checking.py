"""The check of an export: every row as its trainer would prepare it, and what would be lost on the way.

Rows stream through; of each kind of loss the number and the first place are kept.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.dialogue.raw import Record
from proutt.dialogue.sources import records
from proutt.errors import ItemFailed, UserError
from proutt.export.check.losses import Loss, losses_of
from proutt.export.check.prepared import LeftOut, Setting, Trainer
from proutt.export.check.template import TemplateRefused
from proutt.export.check.trainers import trainers_of
from proutt.export.folder import MANIFEST
from proutt.export.reading.formats import format_of
from proutt.export.reading.places import data_files

#: What a row raises that has other keys or types than its format.
_MALFORMED = (KeyError, TypeError, IndexError, AttributeError, ValueError)


@dataclass(slots=True)
class Checked:
    """What one trainer would do with the rows.

    losses   kind → rows that suffer it; dropped, refused: reason → rows
    first    kind → file and line of the first such row
    lossy    rows with any loss
    longest  tokens of the longest row, prompt and completion, before anything is cut off
    """

    trainer: Trainer
    rows: int = 0
    lossy: int = 0
    longest: int = 0
    losses: Counter[Loss] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    first: dict[Loss, str] = field(default_factory=dict)

    def count(self, losses: frozenset[Loss], place: str, reason: str | None) -> None:
        self.rows += 1
        self.lossy += bool(losses)
        for loss in losses:
            self.losses[loss] += 1
            self.first.setdefault(loss, place)
        if reason is not None:
            self.reasons[reason] += 1


def check_export(path: str | Path, setting: Setting, *, format: str | None = None) -> list[Checked]:
    """Check every row of an export, or of any file of training rows; an entry for each trainer of its format.

    format  one of TRAINERS; else the one that `format_in` tells
    Raises UserError where the rows can't be read, or the trainer can't work with the template at all.
    """
    checks = [_Check(trainer, setting) for trainer in trainers_of(format or format_in(path))]
    for record in _records(path):
        for check in checks:
            check.add(record)
    return [check.result for check in checks]


def format_in(path: str | Path) -> str:
    """The format that an export's manifest names, else the one of the first row. Raises UserError where it is none."""
    named = _manifest(path).get("format")
    if isinstance(named, str):
        return named
    for record in _records(path):
        try:
            return format_of(record.value)
        except ItemFailed as failed:
            raise UserError(failed.message, where=record.place, remedy="Name an export, or its rows.") from None
    raise UserError("has no rows to check.", where=str(path), remedy="Name an export, or a file of rows.")


def manifest_max_length(path: str | Path) -> int | None:
    """The maximum length in the configurations that lie beside the rows; None where there is no manifest of ours."""
    tokens = _manifest(path).get("tokens")
    length = tokens.get("max_length") if isinstance(tokens, dict) else None
    return length if isinstance(length, int) else None


def _manifest(path: str | Path) -> dict[str, Any]:
    place = Path(path)
    try:
        manifest = json.loads((place if place.is_dir() else place.parent).joinpath(MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) and "proutt" in manifest else {}


class _Check:
    """One trainer at work."""

    def __init__(self, trainer: Trainer, setting: Setting) -> None:
        self.result = Checked(trainer)
        self._setting = setting
        self._marks = setting.vocabulary.marks_of(setting.template.text)
        try:
            self._prepare = trainer.prepare(setting)
        except TemplateRefused as error:
            raise UserError(f"{trainer.name}: {error}.", where=setting.template.name) from None

    def add(self, record: Record) -> None:
        result = self.result
        try:
            conversation = result.trainer.read(record.value)
            prepared = self._prepare(conversation)
        except LeftOut as left:
            result.count(frozenset({Loss.DROPPED}), record.place, str(left))
        except TemplateRefused as refused:
            result.count(frozenset({Loss.REFUSED}), record.place, str(refused))
        except _MALFORMED as error:
            raise UserError(
                f"is no row that {result.trainer.name} reads ({type(error).__name__}: {error}).",
                where=record.place,
                remedy="Is it of another format?",
            ) from None
        else:
            losses = losses_of(conversation, prepared, self._marks)
            result.longest = max(result.longest, *(each.length for each in prepared.learned))
            result.count(losses, record.place, prepared.dropped)


def _records(path: str | Path) -> Iterator[Record]:
    for file in data_files(path):
        for record in records(file.source, sys.stdin.buffer, whole=True):
            if record.problem is not None:
                raise UserError(record.problem.message, where=record.place, remedy="Mend the row.")
            yield record


def as_json(checked: Checked, setting: Setting) -> dict[str, Any]:
    """One trainer's result; every kind of loss is in it, the ones that did not happen with 0."""
    return {
        "trainer": checked.trainer.name,
        "version": checked.trainer.version,
        "template": setting.template.name,
        "tokens": {"tokenizer": setting.vocabulary.name, "estimated": setting.vocabulary.estimated},
        "max_length": setting.max_length,
        "rows": checked.rows,
        "rows_with_losses": checked.lossy,
        "longest_row": checked.longest,
        "losses": {loss.value: checked.losses[loss] for loss in Loss},
        "reasons": dict(sorted(checked.reasons.items())),
        "first": {loss.value: checked.first[loss] for loss in Loss if loss in checked.first},
    }
