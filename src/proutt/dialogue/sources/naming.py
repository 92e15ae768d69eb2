"""What the user's words name: files, those of folders, objects behind URLs, standard input, data sets of the hub."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from proutt.dialogue.sources.remote import Remote, is_url, objects
from proutt.errors import UserError

#: a file found in a folder is read when its name ends so; a file named directly is read whatever its name
SUFFIXES = tuple(end + gz for end in (".json", ".jsonl", ".ndjson", ".parquet") for gz in ("", ".gz"))
HUB = "hf:"


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of records. name is as the user gave it, for messages; a URL without its secrets.

    remote  the object itself, where it is one
    """

    kind: Literal["file", "stdin", "hub", "url"]
    name: str
    remote: Remote | None = field(default=None, repr=False)

    @property
    def stem(self) -> str:
        """The name without folders and suffixes: the beginning of ids that are made here."""
        if self.kind == "hub":
            return self.name.removeprefix(HUB)
        stem = os.path.basename(self.name.partition("?")[0] if self.remote else self.name)
        while os.path.splitext(stem)[1] in {".gz", ".json", ".jsonl", ".ndjson", ".parquet"}:
            stem = os.path.splitext(stem)[0]
        return stem or "file"


def named(words: Sequence[str]) -> list[Source]:
    """The sources that the words name, in order; a folder's files sorted by path, hidden ones left out.

    Raises UserError where a file, folder or object is not there, or a folder holds nothing to read.
    """
    if not words:
        raise UserError("no dialogue file was named.", remedy="Name a file, a folder, a URL, `-`, or hf:owner/name.")
    if list(words).count("-") > 1:
        raise UserError("standard input is named more than once.", remedy="Leave one `-`.")
    return [source for word in words for source in _named_by(word)]


def _named_by(word: str) -> list[Source]:
    if word == "-":
        return [Source("stdin", "stdin")]
    if is_url(word):
        return [Source("url", name, remote) for name, remote in objects(word, SUFFIXES)]
    if word.startswith(HUB):
        return [Source("hub", word)]
    if not word.strip():
        raise UserError("an input has no name.", remedy="Name a file or a folder; this folder is `.`.")
    path = Path(word)
    try:
        if path.is_dir():
            return [Source("file", str(found)) for found in _files_of(path)]
        there = path.exists()
    except (OSError, ValueError):  # too long, or not a path at all
        there = False
    if not there:
        raise UserError("there is no such file or folder.", where=word, remedy="Check the spelling of its path.")
    return [Source("file", word)]


def _files_of(folder: Path) -> list[Path]:
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.name.lower().endswith(SUFFIXES)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not found:
        wanted = ", ".join(end for end in SUFFIXES if not end.endswith(".gz"))
        raise UserError(
            f"the folder holds no file that ends in {wanted} (or those with .gz).",
            where=str(folder),
            remedy="Name the files themselves.",
        )
    return found
