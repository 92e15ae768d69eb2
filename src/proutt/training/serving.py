"""A training directory as a model that answers: its files for the embedded engine, and the name to open it by.

One form throughout: what is asked is always the merged model in DIR/gguf/model.gguf. An adapter on a quantised base
answers otherwise than the merged model, so the two must not be mixed within an evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError
from proutt.training.architecture import architecture_of
from proutt.training.gguf_files import Form, write_adapter, write_model
from proutt.training.merging import merge
from proutt.training.record import RECORD, finished_record, write_record
from proutt.training.stages import ADAPTER

MODEL_FILE, ADAPTER_FILE = Path("gguf/model.gguf"), Path("gguf/adapter.gguf")


@dataclass(frozen=True, slots=True)
class GgufFiles:
    """What was written."""

    model: Path
    adapter: Path
    form: str


def write_gguf(folder: Path, form: Form = "q8_0", *, chatter: bool = False) -> GgufFiles:
    """Merged model and adapter of a finished training as GGUF; merged first where that is not done. UserError."""
    merged = merge(folder, chatter=chatter)
    record = finished_record(folder)
    files = GgufFiles(folder / MODEL_FILE, folder / ADAPTER_FILE, form)
    write_adapter(folder / ADAPTER, architecture_of(merged), files.adapter)
    methods = ", ".join(stage["method"] for stage in record["settings"]["stages"])
    write_model(merged, files.model, form, name=f"{record['base']['name']} ({methods})")
    write_record(folder, {**record, "served": form})
    return files


def served_model(name: str) -> str:
    """The name by which a model is opened: of a training directory, its merged GGUF; any other name as it is.

    Raises UserError where a training directory has none yet.
    """
    folder = Path(name).expanduser()
    if not (folder / RECORD).is_file():
        return name
    if not (folder / MODEL_FILE).is_file():
        finished_record(folder)
        raise UserError(
            "has no model that the embedded engine can load yet.",
            where=str(folder),
            remedy=f"Run: proutt train gguf {folder}",
        )
    return f"local:{folder / MODEL_FILE}"
