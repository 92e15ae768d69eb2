"""Where the parts of an export go: a folder of this machine, or one behind a URL that fsspec can write to.

What is put there is written under a draft's name first, so its own name stands for the whole of it.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from proutt.dialogue.sources import is_url, shown
from proutt.dialogue.sources.remote import our_errors, system_of
from proutt.errors import UserError


class Store(Protocol):
    """A folder of files by name. Every method raises UserError where the folder can't be read or written."""

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where there is none."""
        ...

    def text(self, name: str) -> str | None:
        """A file's text; None where there is none."""
        ...

    def put(self, file: Path, name: str) -> None:
        """Have a local file there by that name, in place of what has it."""
        ...

    def remove(self, name: str) -> None:
        """Have no file of that name."""
        ...


def store_of(to: str) -> Store:
    """The folder that a path or a URL names; it is made where it is not there."""
    if not is_url(to):
        return _Folder(Path(to))
    if to.lower().startswith(("http://", "https://")):
        remedy = "Name a folder, or a bucket: s3://, gs://."
        raise UserError("a web server is not written to.", where=shown(to), remedy=remedy)
    system, path = system_of(to)
    return _Bucket(shown(to), system, path.rstrip("/"))


def _draft(name: str) -> str:
    """Hidden, so that no reader of the folder takes it for data."""
    return f".{name}.draft"


@dataclass(frozen=True)
class _Folder:
    folder: Path

    def size(self, name: str) -> int | None:
        path = self.folder / name
        return path.stat().st_size if path.is_file() else None

    def text(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text("utf-8", errors="replace") if path.is_file() else None

    def put(self, file: Path, name: str) -> None:
        draft = self.folder / _draft(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, draft)
            with draft.open("rb+") as written:
                os.fsync(written.fileno())
            draft.replace(self.folder / name)
        except OSError as error:
            remedy = "Name another folder, or make room."
            raise UserError(f"can't be written ({error.strerror}).", where=str(self.folder), remedy=remedy) from error

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class _Bucket:
    """name: of the URL, to show."""

    name: str
    system: Any
    path: str

    def size(self, name: str) -> int | None:
        with our_errors(self.name):
            place = f"{self.path}/{name}"
            return int(self.system.info(place)["size"]) if self.system.exists(place) else None

    def text(self, name: str) -> str | None:
        with our_errors(self.name):
            place = f"{self.path}/{name}"
            return self.system.cat_file(place).decode("utf-8", "replace") if self.system.exists(place) else None

    def put(self, file: Path, name: str) -> None:
        with our_errors(self.name, "written"):
            self.system.makedirs(self.path, exist_ok=True)
            draft = f"{self.path}/{_draft(name)}"
            self.system.put_file(str(file), draft)
            self.system.mv(draft, f"{self.path}/{name}")

    def remove(self, name: str) -> None:
        with our_errors(self.name, "written"):
            self.system.rm_file(f"{self.path}/{name}")
