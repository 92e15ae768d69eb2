"""What our check says that a trainer makes of an export's rows, to be compared with what it does make of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from proutt.export.check import Loss, Setting, Trainer, template_named, trainers_of, vocabulary_named
from proutt.export.check.losses import losses_of
from proutt.export.check.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Ours:
    """One row: what it is prepared as, and what it loses."""

    prepared: Prepared
    losses: frozenset[Loss]

    @property
    def kept(self) -> list[list[int]] | None:
        """What is learned of each side, as token numbers; None where the row is dropped."""
        if Loss.DROPPED in self.losses:
            return None
        return [list(each.kept) for each in self.prepared.learned]


def ours(folder: Path, model: Path, max_length: int, *, library: str) -> list[Ours]:
    """Every row of an export, under the trainer of this library. Raises TemplateRefused as `check_export` would."""
    setting = setting_of(model, max_length)
    trainer = trainer_of(folder, library)
    prepare, marks = trainer.prepare(setting), setting.vocabulary.marks_of(setting.template.text)
    rows = []
    for line in (folder / "train.jsonl").read_text(encoding="utf-8").splitlines():
        conversation = trainer.read(json.loads(line))
        prepared = prepare(conversation)
        rows.append(Ours(prepared, losses_of(conversation, prepared, marks)))
    return rows


def setting_of(model: Path, max_length: int) -> Setting:
    """A model's own template and tokenizer."""
    return Setting(template_named(str(model)), vocabulary_named(str(model)), max_length)


def trainer_of(folder: Path, library: str) -> Trainer:
    format = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["format"]
    return next(each for each in trainers_of(format) if each.library == library)
