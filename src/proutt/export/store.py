"""Where the parts of an export go: a folder of this machine, or one behind a URL that fsspec can write to.

A file's own name stands for the whole of it, whenever a process is killed. S3's and Google's stores see to that: an
object is there once all of it is. Elsewhere it is written under a draft's name and then renamed. (In a store, renaming
would be a copy and a removal: three times the requests, and rights that writing alone does not need.)
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from proutt.dialogue.sources import is_url, shown
from proutt.dialogue.sources.remote import OBJECT_STORES, our_errors, system_of
from proutt.errors import UserError


class Store(Protocol):
    """A folder of files by name. Every method raises UserError where the folder can't be read or written."""

    def names(self) -> list[str]:
        """Of all files that are directly in it."""
        ...

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
    return _Remote(shown(to), system, path.rstrip("/"))


def _draft(name: str) -> str:
    """Hidden, so that no reader of the folder takes it for data."""
    return f".{name}.draft"


@dataclass(frozen=True)
class _Folder:
    folder: Path

    def names(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if path.is_file()]

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
class _Remote:
    """name: of the URL, to show."""

    name: str
    system: Any
    path: str

    def names(self) -> list[str]:
        with our_errors(self.name):
            self.system.invalidate_cache(self.path)
            found = self.system.ls(self.path, detail=True)
            return [each["name"].rpartition("/")[2] for each in found if each["type"] == "file"]

    def size(self, name: str) -> int | None:
        with our_errors(self.name):
            try:
                return int(self.system.info(self._place(name))["size"])
            except FileNotFoundError:  # `exists` would take any failure for this one
                return None

    def text(self, name: str) -> str | None:
        if self.size(name) is None:
            return None
        with our_errors(self.name):
            return str(self.system.cat_file(self._place(name)).decode("utf-8", "replace"))

    def put(self, file: Path, name: str) -> None:
        with our_errors(self.name, "written"):
            if OBJECT_STORES.isdisjoint(_protocols(self.system)):
                self.system.makedirs(self.path, exist_ok=True)
                draft = self._place(_draft(name))
                self.system.put_file(str(file), draft)
                self.system.mv(draft, self._place(name))
            else:  # no folder is made: s3fs would make the bucket, too, of a misspelt name
                self.system.put_file(str(file), self._place(name))

    def remove(self, name: str) -> None:
        with our_errors(self.name, "written"):
            self.system.rm_file(self._place(name))

    def _place(self, name: str) -> str:
        return f"{self.path}/{name}"


def _protocols(system: Any) -> tuple[str, ...]:
    """What fsspec calls a file system by."""
    said = system.protocol
    return (said,) if isinstance(said, str) else tuple(said)
