"""The adapter worked into its base: one model that every server loads."""

from __future__ import annotations

import shutil
from pathlib import Path

from proutt.errors import UserError
from proutt.training.bases import base_named, is_local
from proutt.training.library import quieten, require
from proutt.training.record import finished_record
from proutt.training.stages import ADAPTER

MERGED = "merged"


def merge(folder: Path, *, chatter: bool = False) -> Path:
    """DIR/merged: base and adapter as one model, with tokenizer and template; made where it is not there.

    Raises UserError where `folder` is no finished training, or its base is not what it was.
    """
    require()
    record = finished_record(folder)
    merged = folder / MERGED
    if merged.is_dir():
        return merged
    if not chatter:
        quieten(offline=is_local(record["base"]["name"]))
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = base_named(record["base"]["name"])
    _refuse_other(base.identity, record["base"]["identity"], folder)
    model = AutoModelForCausalLM.from_pretrained(str(base.folder), dtype="auto")
    whole = PeftModel.from_pretrained(model, str(folder / ADAPTER)).merge_and_unload(safe_merge=True)
    aside = folder / f".{MERGED}"
    shutil.rmtree(aside, ignore_errors=True)
    whole.save_pretrained(aside)
    AutoTokenizer.from_pretrained(str(base.folder)).save_pretrained(aside)
    aside.rename(merged)
    return merged


def _refuse_other(now: str, then: str, folder: Path) -> None:
    if now != then:
        raise UserError(
            f"its adapter was trained on {then}, and the base is now {now}.",
            where=str(folder),
            remedy="Bring back the base that it was trained on.",
        )
