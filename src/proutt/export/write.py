"""Writing an export: rows, a side file of metadata for each part, and a manifest.

Pairs stream through: memory does not grow with them. Files are written aside and renamed into place when all are
complete, so a folder holds a whole export or none of it.
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from proutt import __version__
from proutt.errors import UserError
from proutt.export.formats import FORMATS, Format
from proutt.export.neutral import without_surrogates
from proutt.export.prompt import Instruction, instruction_version
from proutt.export.split import Split
from proutt.export.text import TrainingText, training_text
from proutt.methods.record import PreferencePair
from proutt.quality.tokens import estimated_tokens

MANIFEST = "manifest.json"
DATASET_INFO = "dataset_info.json"

UNVERIFIED = "not verified"
SAME_TEXT = "chosen and rejected read the same"
NO_CANDIDATES = "no candidates"

#: Line ends that JSON allows inside a string but that line-based readers trip over.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What is exported and how; `format` is a key of FORMATS."""

    format: str
    instruction: Instruction = "structured"
    split: Split = field(default_factory=Split)
    include_unverified: bool = False


@dataclass(slots=True)
class _Tally:
    """What was seen on the way."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    branches: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    prompt_versions: set[str] = field(default_factory=set)
    models: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    longest_tokens: int = 0

    def count(self, pair: PreferencePair, text: TrainingText, part: str) -> None:
        self.rows[part] += 1
        self.branches[pair.branch] += 1
        self.languages[pair.language] += 1
        self.prompt_versions.add(pair.prompt_version)
        for role, model in pair.models.items():
            self.models[role].add(model)
        answer = max(estimated_tokens(text.chosen), estimated_tokens(text.rejected))
        self.longest_tokens = max(self.longest_tokens, estimated_tokens(text.prompt) + answer)


def export_pairs(pairs: Iterable[PreferencePair], out: Path, settings: ExportSettings) -> dict[str, Any]:
    """Write the pairs into the folder `out` and return the manifest that was written beside them.

    Raises UserError where a file would have no row, or where `out` holds files of these names that are no export.
    """
    names = [name for part in settings.split.parts for name in (f"{part}.jsonl", f"{part}.meta.jsonl")]
    earlier = _earlier_files(out, names)
    made = [place for place in (out, *out.parents) if not place.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "Give another --out."
        raise UserError(f"can't be written to ({error.strerror}).", where=str(out), remedy=remedy) from error
    try:
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=out) as folder:
            manifest = _write_aside(pairs, Path(folder), settings)
            _put_in_place(Path(folder), out, earlier, manifest)
    except BaseException:
        for place in made:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise
    return manifest


def _earlier_files(out: Path, names: list[str]) -> list[str]:
    """The files of an earlier export in this folder; a file of ours-to-be without a manifest is somebody's own."""
    listed = _listed(out)
    for name in [*names, MANIFEST, DATASET_INFO]:
        if (out / name).exists() and name not in listed:
            raise UserError(
                f"{name} is there already and is not from an export.",
                where=str(out),
                remedy="Name another folder with --out, or move the file away.",
            )
    return [name for name in listed if name != MANIFEST]


def _listed(out: Path) -> list[str]:
    """What an earlier export of ours wrote here, by its manifest; nothing where the manifest is another tool's."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        ours = "proutt" in manifest and "instruction_version" in manifest
        return [MANIFEST, *(name for name in manifest["files"] if _OURS.fullmatch(name))] if ours else []
    except (OSError, ValueError, TypeError, KeyError):
        return []


#: Names that an export gives; nothing else is ever removed.
_OURS = re.compile(r"(train|validation|test)(\.meta)?\.jsonl|dataset_info\.json")


def _write_aside(pairs: Iterable[PreferencePair], folder: Path, settings: ExportSettings) -> dict[str, Any]:
    target, tally = FORMATS[settings.format], _Tally()
    with contextlib.ExitStack() as stack:
        files = {
            name: stack.enter_context(_HashedFile(folder / name))
            for part in settings.split.parts
            for name in (f"{part}.jsonl", f"{part}.meta.jsonl")
        }
        for pair in pairs:
            _write_pair(pair, files, target, settings, tally)
    _refuse_empty(settings, tally)
    if target.dataset is not None and target.entry is not None:
        info = {_dataset_name(target.dataset, part): target.entry(f"{part}.jsonl") for part in settings.split.parts}
        with _HashedFile(folder / DATASET_INFO) as file:
            file.write(json.dumps(info, indent=2) + "\n")  # ASCII: it is read in the locale's encoding
        files[DATASET_INFO] = file
    return _manifest(files, settings, tally)


def _dataset_name(dataset: str, part: str) -> str:
    return dataset if part == "train" else f"{dataset}_{part}"


def _write_pair(
    pair: PreferencePair, files: Mapping[str, _HashedFile], target: Format, settings: ExportSettings, tally: _Tally
) -> None:
    tally.read += 1
    text = training_text(pair, settings.instruction)
    reason = left_out_reason(pair, text, target, include_unverified=settings.include_unverified)
    if reason is not None:
        tally.left_out[reason] += 1
        return
    part = settings.split.part_of(pair.dialogue_id)
    files[f"{part}.meta.jsonl"].write(json_line(_meta(pair, tally.rows[part])))
    files[f"{part}.jsonl"].write(json_line(target.row(pair, text)))
    tally.count(pair, text, part)


def left_out_reason(
    pair: PreferencePair, text: TrainingText, target: Format, *, include_unverified: bool
) -> str | None:
    """Why a pair is not exported, or None where it is."""
    if not pair.chosen.candidates or not pair.rejected.candidates:
        return NO_CANDIDATES
    if target.preference and text.chosen == text.rejected:
        return SAME_TEXT
    return UNVERIFIED if pair.verified is False and not include_unverified else None


def _meta(pair: PreferencePair, row: int) -> dict[str, Any]:
    return {
        "row": row,
        "dialogue_id": pair.dialogue_id,
        "k": pair.k,
        "branch": pair.branch,
        "language": pair.language,
        "j_max": pair.j_max,
        "verified": pair.verified,
    }


def json_line(row: Mapping[str, Any]) -> str:
    """One object as one line that every reader takes: no lone surrogate, nothing inside that ends a line."""
    return without_surrogates(json.dumps(row, ensure_ascii=False)).translate(_LINE_ENDS) + "\n"


def _refuse_empty(settings: ExportSettings, tally: _Tally) -> None:
    """A file without a row trains nothing and says nothing: say here why it would have none."""
    if tally.read == 0:
        raise UserError(
            "nothing to export: the run has no pairs.", remedy="See its summary.json for what became of them."
        )
    if not tally.rows:
        reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(tally.left_out.items()))
        remedy = (
            "Take them with --include-unverified." if tally.left_out[UNVERIFIED] else "Read them with `proutt show`."
        )
        raise UserError(f"nothing to export: {tally.read} pairs were read and all left out ({reasons}).", remedy=remedy)
    for part in settings.split.parts:
        if not tally.rows[part]:
            raise UserError(
                f"no dialogue fell into {part!r} of {tally.rows.total()} pairs.",
                where="--split",
                remedy="Whole dialogues are split: give it a larger share, another --seed, or leave --split out.",
            )


def _manifest(files: Mapping[str, _HashedFile], settings: ExportSettings, tally: _Tally) -> dict[str, Any]:
    return {
        "proutt": __version__,
        "format": settings.format,
        "instruction": settings.instruction,
        "instruction_version": instruction_version(),
        "split": {"shares": list(settings.split.shares), "seed": settings.split.seed, "by": "dialogue"},
        "pairs": {
            "read": tally.read,
            "exported": tally.rows.total(),
            "left_out": dict(sorted(tally.left_out.items())),
        },
        "branches": dict(sorted(tally.branches.items())),
        "languages": dict(sorted(tally.languages.items())),
        "prompt_versions": sorted(tally.prompt_versions),
        "models": {role: sorted(models) for role, models in sorted(tally.models.items())},
        "longest_row_tokens_estimated": tally.longest_tokens,
        "files": {name: _file_entry(name, file) for name, file in sorted(files.items())},
    }


def _file_entry(name: str, file: _HashedFile) -> dict[str, Any]:
    rows = {"rows": file.lines} if name.endswith(".jsonl") else {}
    return {**rows, "sha256": file.sha256}


def _put_in_place(folder: Path, out: Path, earlier: list[str], manifest: dict[str, Any]) -> None:
    """Rename all files into the folder, the manifest last, and remove what only an earlier export had."""
    for name in manifest["files"]:
        (folder / name).replace(out / name)
    for name in earlier:
        if name not in manifest["files"]:
            (out / name).unlink(missing_ok=True)
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    (folder / MANIFEST).replace(out / MANIFEST)


class _HashedFile:
    """A new UTF-8 file that knows its lines and its SHA-256 (hex)."""

    def __init__(self, path: Path) -> None:
        self._path, self._digest, self.lines = path, sha256(), 0
        self._file: BinaryIO | None = None

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def __enter__(self) -> _HashedFile:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, text: str) -> None:
        if self._file is None:
            raise ValueError("the file is not open")
        data = text.encode()
        self._digest.update(data)
        self._file.write(data)
        self.lines += text.count("\n")
