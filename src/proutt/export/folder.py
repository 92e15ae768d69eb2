"""The folder of an export: whole or not there. Nobody else's file is ever overwritten or removed, nor a changed one."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from proutt.errors import UserError

MANIFEST = "manifest.json"
DATA_ENDINGS = (".jsonl", ".parquet")


@contextlib.contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A folder inside `out` to write in; it and every folder that was made for it are gone when something fails."""
    made = [place for place in (out, *out.parents) if not place.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "Give another --out."
        raise UserError(f"can't be written to ({error.strerror}).", where=str(out), remedy=remedy) from error
    try:
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=out) as folder:
            yield Path(folder)
    except BaseException:
        for place in made:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


def earlier_files(out: Path, names: Iterable[str], ours: frozenset[str]) -> list[str]:
    """What an earlier export left here, the manifest apart.

    names  what this export may write; ours: every name that any export writes
    Raises UserError where one of the names is there and is not from an export, or was changed since.
    """
    listed = _listed(out, ours)
    for name in names:
        if (out / name).exists() and name not in listed:
            raise UserError(
                f"{name} is there already and is not from an export.",
                where=str(out),
                remedy="Name another folder with --out, or move the file away.",
            )
    for name, entry in listed.items():
        if _changed(out / name, entry):
            raise UserError(
                f"{name} was changed since it was exported, and would be overwritten.",
                where=str(out),
                remedy="Name another folder with --out, or move the file away.",
            )
    return [name for name in listed if name != MANIFEST]


def _listed(out: Path, ours: frozenset[str]) -> dict[str, Any]:
    """What an earlier export of ours wrote here, by its manifest; nothing where the manifest is another tool's."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        if "proutt" not in manifest or "instruction_version" not in manifest:
            return {}
        return {MANIFEST: None, **{name: entry for name, entry in manifest["files"].items() if name in ours}}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _changed(path: Path, entry: Any) -> bool:
    """Whether somebody wrote into a file that is for writing into: the card, a configuration."""
    if path.name.endswith(DATA_ENDINGS) or not isinstance(entry, dict) or not path.is_file():
        return False
    return sha256(path.read_bytes()).hexdigest() != entry.get("sha256")


def put_in_place(folder: Path, out: Path, earlier: Iterable[str], manifest: Mapping[str, Any]) -> None:
    """Rename all files into the folder, the manifest last, and remove what only an earlier export had."""
    for name in manifest["files"]:
        (folder / name).replace(out / name)
    for name in earlier:
        if name not in manifest["files"]:
            (out / name).unlink(missing_ok=True)
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
    (folder / MANIFEST).replace(out / MANIFEST)


class HashedFile:
    """A new UTF-8 file that knows its lines and its SHA-256 (hex)."""

    def __init__(self, path: Path) -> None:
        self._digest, self.lines = sha256(), 0
        self._file: BinaryIO = path.open("wb")

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def __enter__(self) -> HashedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, text: str) -> None:
        data = text.encode()
        self._digest.update(data)
        self._file.write(data)
        self.lines += text.count("\n")


def file_hash(path: Path) -> str:
    """SHA-256 (hex) of a file, read in pieces."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
