"""OpenAI-style messages: `{"id", "messages" | "conversation": [{"role", "content"}]}`, or such a list by itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from proutt.dialogue.raw import RawDialogue
from proutt.dialogue.readers.fields import id_of, messages_in, raw_messages, system_of

KEYS = ("messages", "conversation", "conversations")


def recognises_messages(value: Any) -> bool:
    """A list of messages stands in the record, or is the record."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and bool({"role", "from"} & set(value[0]))
    return isinstance(value, dict) and any(each in value for each in KEYS)


def read_messages(value: Any) -> RawDialogue:
    """The dialogue of such a record."""
    notes: Counter[str] = Counter()
    if isinstance(value, list):
        return RawDialogue(None, raw_messages(value, notes), None, notes)
    messages = raw_messages(messages_in(value, KEYS), notes)
    return RawDialogue(id_of(value), messages, system_of(value), notes)
