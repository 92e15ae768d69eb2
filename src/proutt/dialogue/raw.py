"""What lies between a file and the normal form: records as they were found, and dialogues as their corpus tells them.

    file → Record (a place and a JSON value) → RawDialogue (an id and messages) → Dialogue

A record knows where it was found and nothing of corpora; a raw dialogue knows who spoke and nothing of files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from proutt.errors import ItemFailed


class Speaker(StrEnum):
    """Who a message is by, after the corpus's own names were translated."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it was logged; the text may be empty."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class RawDialogue:
    """A dialogue as its reader understood it, before any rule of the normal form.

    id      as text, or None where the record has none
    system  a system prompt that stands beside the messages instead of among them
    notes   oddities that the reader repaired, by kind
    """

    id: str | None
    messages: tuple[RawMessage, ...]
    system: str | None = None
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a source, or the reason why it could not be had.

    file     the source as the user named it
    suffix   where in it: ":412" (line, from 1), "[17]" (position, from 0), '["9562"]' (key)
    made_id  the id it gets where it has none of its own: the file's stem and the position
    key      its key in a JSON object of dialogues
    """

    file: str
    suffix: str
    made_id: str
    value: Any = None
    key: str | None = None
    problem: ItemFailed | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages: `logs/chats.jsonl:412`."""
        return f"{self.file}{self.suffix}"

    @property
    def source(self) -> str:
        """Where it is, without folders, so that a record does not tell whose machine read it: `chats.jsonl:412`."""
        name = self.file if self.file.startswith("hf:") else PurePath(self.file).name
        return f"{name}{self.suffix}"


def bad_record(reason: str, message: str) -> ItemFailed:
    """The failure of one record: a slug for counting and a sentence for the person."""
    return ItemFailed(message, reason=reason, stage="reading")
