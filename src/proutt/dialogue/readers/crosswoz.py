"""CrossWOZ: a JSON object from id to `{"messages": [{"role": "usr" | "sys", "content"}], "goal", ...}`.

Here `sys`, and `system`, is the assistant. Goals, dialogue acts and states are annotations, and stay behind.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from proutt.dialogue.raw import RawDialogue, RawMessage, Speaker
from proutt.dialogue.readers.fields import id_of, messages_in, raw_messages


def recognises_crosswoz(value: Any) -> bool:
    """Messages beside one of the corpus's own fields."""
    own = {"sys-usr", "final_goal", "task description"}
    return isinstance(value, dict) and "messages" in value and bool(own & value.keys())


def read_crosswoz(value: Any) -> RawDialogue:
    """The dialogue of such a record; its id is mostly its key in the object, which the reader does not see."""
    notes: Counter[str] = Counter()
    messages = tuple(map(_assistant_for_system, raw_messages(messages_in(value, ("messages",)), notes)))
    return RawDialogue(id_of(value), messages, None, notes)


def _assistant_for_system(message: RawMessage) -> RawMessage:
    return RawMessage(Speaker.ASSISTANT, message.text) if message.speaker is Speaker.SYSTEM else message
