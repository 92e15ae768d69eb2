"""WildChat: `{"conversation_hash" | "conversation_id", "conversation": [{"content", "role", ...}], "toxic", ...}`.

Only the id and the messages are taken. What identifies people (hashed address, request header, country, state, times)
stands both beside the messages and inside them, and stays behind. Equal conversations have equal hashes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from proutt.dialogue.raw import RawDialogue
from proutt.dialogue.readers.fields import id_of, messages_in, raw_messages


def recognises_wildchat(value: Any) -> bool:
    """A "conversation" under a "conversation_hash", or a "conversation_id" and one of the corpus's own columns."""
    if not isinstance(value, dict) or "conversation" not in value:
        return False
    own = {"toxic", "detoxify_moderation", "hashed_ip"}
    return "conversation_hash" in value or ("conversation_id" in value and bool(own & value.keys()))


def read_wildchat(value: Any) -> RawDialogue:
    """The dialogue of such a row."""
    notes: Counter[str] = Counter()
    messages = raw_messages(messages_in(value, ("conversation",)), notes)
    return RawDialogue(id_of(value, ("conversation_hash", "conversation_id")), messages, None, notes)
