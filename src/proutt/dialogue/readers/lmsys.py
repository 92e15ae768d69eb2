"""LMSYS-Chat-1M: `{"conversation_id", "conversation": [{"content", "role"}], "turn", "redacted", ...}`.

Only the id and the messages are taken; moderation scores stay behind, and the stated language is told anew.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from proutt.dialogue.raw import RawDialogue
from proutt.dialogue.readers.fields import id_of, messages_in, raw_messages


def recognises_lmsys(value: Any) -> bool:
    """A "conversation" under a "conversation_id", with one of the corpus's own columns."""
    own = {"openai_moderation", "redacted", "turn"}
    return isinstance(value, dict) and {"conversation_id", "conversation"} <= value.keys() and bool(own & value.keys())


def read_lmsys(value: Any) -> RawDialogue:
    """The dialogue of such a row."""
    notes: Counter[str] = Counter()
    messages = raw_messages(messages_in(value, ("conversation",)), notes)
    return RawDialogue(id_of(value, ("conversation_id",)), messages, None, notes)
