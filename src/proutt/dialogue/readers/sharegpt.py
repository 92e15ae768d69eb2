"""ShareGPT: `{"id", "conversations": [{"from": "human" | "gpt", "value"}]}`, mostly as one JSON array."""

from __future__ import annotations

from collections import Counter
from typing import Any

from proutt.dialogue.raw import RawDialogue
from proutt.dialogue.readers.fields import id_of, messages_in, raw_messages, system_of

KEYS = ("conversations", "conversation", "messages")


def recognises_sharegpt(value: Any) -> bool:
    """The messages stand under "conversations"."""
    return isinstance(value, dict) and isinstance(value.get("conversations"), list)


def read_sharegpt(value: Any) -> RawDialogue:
    """The dialogue of such a record. A system prompt may be the first message or a field of its own."""
    notes: Counter[str] = Counter()
    messages = raw_messages(messages_in(value, KEYS), notes)
    return RawDialogue(id_of(value), messages, system_of(value), notes)
