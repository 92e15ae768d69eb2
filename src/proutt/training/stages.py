"""One stage in its folder: TRL trains, from the last whole checkpoint where there is one.

STAGE/checkpoints/checkpoint-N   what a next session goes on from
STAGE/log.json                   every logged step, from the first
STAGE/adapter                    the result; a stage that has it is done
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.training.bases import Base
from proutt.training.device import Machine, dtype_of
from proutt.training.plan import StagePlan
from proutt.training.settings import TrainSettings
from proutt.training.trainers import trainer_for
from proutt.training.watching import WHOLE, Watch, Watcher

ADAPTER, LOG, CHECKPOINTS = "adapter", "log.json", "checkpoints"
#: Two, so that a kill while one is written leaves the one before it.
_CHECKPOINTS_KEPT = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage is made with. start: folder of the adapter that it starts from, or None for a new one."""

    plan: StagePlan
    settings: TrainSettings
    base: Base
    machine: Machine
    folder: Path
    start: Path | None
    save_steps: int
    tensorboard: Path

    @property
    def done(self) -> bool:
        return (self.folder / ADAPTER).is_dir()


def last_checkpoint(folder: Path) -> tuple[int, Path] | None:
    """(step, folder) of the last checkpoint that was written to its end; None where there is none."""
    found = []
    for path in (folder / CHECKPOINTS).glob("checkpoint-*"):
        number = re.fullmatch(r"checkpoint-(\d+)", path.name)
        if number and (path / WHOLE).is_file():
            found.append((int(number[1]), path))
    return max(found, default=None)


def read_log(folder: Path) -> list[dict[str, Any]]:
    """A stage's log: an object for each logged step, in order; empty where there is none yet."""
    try:
        log: list[dict[str, Any]] = json.loads((folder / LOG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return log


def train_stage(stage: Stage, rows: list[dict[str, Any]], watcher: Watcher, *, main: bool) -> None:
    """Train to the stage's end. main: whether this process is the one that writes."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    checkpoint = last_checkpoint(stage.folder)
    if main:
        _drop_unfinished(stage.folder, checkpoint)
    tokenizer = AutoTokenizer.from_pretrained(str(stage.base.folder))
    model = AutoModelForCausalLM.from_pretrained(str(stage.base.folder), dtype=dtype_of(stage.machine))
    model.config.use_cache = False
    if stage.start is not None:
        model = PeftModel.from_pretrained(model, str(stage.start), is_trainable=True)
    trainer = trainer_for(
        stage.plan,
        stage.settings,
        stage.machine,
        model,
        tokenizer,
        rows,
        folder=stage.folder / CHECKPOINTS,
        tensorboard=stage.tensorboard,
        save_steps=stage.save_steps,
        checkpoints_kept=_CHECKPOINTS_KEPT,
        new_adapter=stage.start is None,
    )
    Watch.join(trainer, watcher, stage.folder / LOG, stage.plan.name, main=main)
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint[1]))
    trainer.accelerator.wait_for_everyone()
    if main:
        _keep_adapter(trainer, stage.folder)
    trainer.accelerator.wait_for_everyone()  # the next stage starts from it, in every process


def _drop_unfinished(folder: Path, whole: tuple[int, Path] | None) -> None:
    """Remove checkpoints that a kill left half written: they would be in the way of the next ones."""
    for path in (folder / CHECKPOINTS).glob("checkpoint-*"):
        if whole is None or path != whole[1]:
            shutil.rmtree(path)


def _keep_adapter(trainer: Any, folder: Path) -> None:
    """The adapter under its name only when it is whole. A reference adapter beside it is not kept."""
    aside = folder / f".{ADAPTER}"
    shutil.rmtree(aside, ignore_errors=True)
    model = trainer.accelerator.unwrap_model(trainer.model)
    model.save_pretrained(str(aside), selected_adapters=["default"])
    aside.rename(folder / ADAPTER)
