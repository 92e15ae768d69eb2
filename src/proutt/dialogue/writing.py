"""Writes dialogues in normal form, a JSON line each, all or nothing: a reader never sees half a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from proutt.dialogue.dialogue import Dialogue
from proutt.dialogue.normal import to_messages
from proutt.dialogue.sources import named
from proutt.errors import UserError


def messages_line(dialogue: Dialogue, *, ascii_only: bool = False) -> str:
    """The dialogue as a line of messages JSONL, newline included. ascii_only escapes all else, for terminals."""
    return json.dumps(to_messages(dialogue), ensure_ascii=ascii_only) + "\n"


def write_messages(dialogues: Iterable[Dialogue], to: str, *, inputs: Sequence[str] = ()) -> None:
    """Write the dialogues to a file: first beside it, then renamed into place; the old file stays if anything fails.

    inputs  the sources that the dialogues are read from, none of which may be overwritten

    Raises UserError where `to` is one of the inputs, no regular file, or in no folder.
    """
    target = Path(os.path.realpath(to))
    _refuse_unsafe(target, to, inputs)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(messages_line(dialogue) for dialogue in dialogues)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _refuse_unsafe(target: Path, to: str, inputs: Sequence[str]) -> None:
    if not target.parent.is_dir():
        raise UserError("the folder to write to does not exist.", where=str(target.parent), remedy="Make it first.")
    if not target.exists():
        return
    if not target.is_file():
        raise UserError("is not a file to write to.", where=to, remedy="Name a file, or `-` for standard output.")
    for source in named(inputs) if inputs else []:
        if source.kind == "file" and target.samefile(source.name):
            raise UserError("is one of the files being read.", where=to, remedy="Write to another file.")
