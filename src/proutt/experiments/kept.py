"""What is kept of stages: a folder each, with a record that says what it was made of and what came of it.

OUT/stages/KIND-KEY/stage.json   written when the stage is done, whole
OUT/stages/KIND-KEY/run/         what the verb wrote

The key is a hash of all that decides the result: settings, the version of the stage, and the content of every file
that it reads, those of other stages included. So a changed input is another key, and everything else stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.experiments.stage import Stage, hashed
from proutt.training.watching import write_whole

STAGES, RECORD, RUN, ASIDE = "stages", "stage.json", "run", "aside"


@dataclass(frozen=True, slots=True)
class Kept:
    """A stage that is done. outputs: file of its folder → SHA-256."""

    folder: Path
    outputs: Mapping[str, str]
    facts: Mapping[str, Any]
    seconds: float

    @property
    def run(self) -> Path:
        return self.folder / RUN


def key_of(stage: Stage, needs: Iterable[Mapping[str, str]]) -> str:
    """The key of a stage whose needed stages are done. needs: their outputs, in order. Reads the files of the stage."""
    files = [file_digest(each) for each in stage.files]
    return hashed([stage.kind, stage.work.version, stage.work.settings(), list(needs), files])


def folder_of(out: Path, stage: Stage, key: str) -> Path:
    return out / STAGES / f"{stage.kind}-{key}"


def kept_in(folder: Path) -> Kept | None:
    """What a folder keeps; None where its stage is not done, or a file of its result is no longer what it was."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        outputs = {name: _checked(folder / RUN / name, of) for name, of in record["outputs"].items()}
        return Kept(folder, outputs, record["facts"], record["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, stage: Stage, facts: Mapping[str, Any], seconds: float) -> Kept:
    """Write the record of a stage that is done."""
    files = {name: folder / RUN / name for name in stage.work.results}
    outputs = {name: _sha256(file) for name, file in files.items()}
    record = {
        "kind": stage.kind,
        "title": stage.title,
        "version": stage.work.version,
        "settings": stage.work.settings(),
        "files": {name: file_digest(name) for name in stage.files},
        "outputs": {name: {"sha256": outputs[name], **_stamp(file)} for name, file in files.items()},
        "facts": facts,
        "seconds": round(seconds, 1),
    }
    write_whole(folder / RECORD, json.dumps(record, ensure_ascii=False, indent=2, default=str) + "\n")
    return Kept(folder, outputs, facts, round(seconds, 1))


def _checked(file: Path, of: Mapping[str, Any]) -> str:
    """The file's digest as it was recorded. Raises ValueError where the file is another one now.

    A file of the same size and time is taken for the same: weights of models are large.
    """
    told = str(of["sha256"])
    if _stamp(file) != {name: of[name] for name in ("size", "mtime_ns")} and _sha256(file) != told:
        raise ValueError(file)
    return told


def _stamp(file: Path) -> dict[str, int]:
    found = file.stat()
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns}


def file_digest(name: str) -> str:
    """A digest of a file, or of all files of a folder with their names; of what is on the hub, its name."""
    path = Path(name)
    if path.is_file():
        return _sha256(path)
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file())
        return hashed([[str(each.relative_to(path)), _sha256(each)] for each in files])
    return name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
