"""Fields that several corpora share: ids, lists of messages, the text of a message. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from proutt.dialogue.raw import RawMessage, Speaker, bad_record
from proutt.dialogue.readers.speakers import speaker_of

ID_KEYS = (
    *("id", "conversation_id", "conversation_hash", "dialogue_id", "dialog_id"),
    *("session_id", "chat_id", "uuid", "_id"),
)
SYSTEM_KEYS = ("system", "system_prompt")
#: a message that holds one of these may have no text: it calls a tool
CALL_KEYS = ("tool_calls", "function_call")
#: names under which a text may stand in a message; the first that is there counts
TEXT_KEYS = ("content", "value", "text")
ROLE_KEYS = ("role", "from", "speaker", "author")

_SURROGATE = re.compile("[\ud800-\udfff]")


def sound_text(text: str) -> str:
    """The text as it can be stored and sent: lone surrogates become U+FFFD, NUL characters go. All else stays."""
    return _SURROGATE.sub("\ufffd", text).replace("\x00", "")


def id_of(record: Mapping[str, Any], keys: Sequence[str] = ID_KEYS) -> str | None:
    """The record's id as text, under the first of the keys that holds one; None where none does."""
    return next((found for found in (id_text(record.get(key)) for key in keys) if found is not None), None)


def id_text(value: Any) -> str | None:
    """An id as text: 17 and 17.0 become "17" (tables make floats of integers); blanks and other things are none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # a number of thousands of digits
            return None
    text = sound_text(value) if isinstance(value, str) else ""
    return text if text.strip() else None


def system_of(record: Mapping[str, Any]) -> str | None:
    """A system prompt that stands beside the messages, if there is one."""
    return next((record[key] for key in SYSTEM_KEYS if isinstance(record.get(key), str)), None)


def messages_in(record: Any, keys: Sequence[str]) -> list[Any]:
    """The list of messages under the first of the keys that is there. Raises ItemFailed where there is none."""
    if not isinstance(record, dict):
        raise bad_record("not-a-dialogue", f"it is no object with {_either(keys)}.")
    for key in keys:
        if key in record:
            if isinstance(record[key], list):
                found: list[Any] = record[key]
                return found
            raise bad_record("not-a-dialogue", f'"{key}" is no list of messages.')
    raise bad_record("not-a-dialogue", f"it has no {_either(keys)}.")


def raw_messages(items: Sequence[Any], notes: Counter[str]) -> tuple[RawMessage, ...]:
    """The messages in order; what was dropped of them is counted in notes. Raises ItemFailed at the first bad one."""
    messages = tuple(_raw_message(item, position, notes) for position, item in enumerate(items, start=1))
    if items and not any(key in item for item in items for key in (*TEXT_KEYS, *CALL_KEYS)):
        raise bad_record("bad-message", f"no message has a text under {_either(TEXT_KEYS)}.")
    return messages


def _raw_message(item: Any, position: int, notes: Counter[str]) -> RawMessage:
    if not isinstance(item, dict):
        raise bad_record("bad-message", f"message {position} is no object with a speaker and a text.")
    role_key = next((key for key in ROLE_KEYS if key in item), None)
    if role_key is None:
        raise bad_record("bad-message", f'message {position} has no "role" (or "from").')
    speaker = speaker_of(item[role_key], position)
    if speaker is Speaker.TOOL:
        return RawMessage(speaker, "")
    text = _text(next((item[key] for key in TEXT_KEYS if key in item), None), position, notes)
    if not text.strip() and any(item.get(key) for key in CALL_KEYS):
        return RawMessage(Speaker.TOOL, "")
    return RawMessage(speaker, text)


def _text(content: Any, position: int, notes: Counter[str]) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, int | float) and not isinstance(content, bool):
        return str(content)
    if isinstance(content, dict) and isinstance(content.get("parts"), list):
        content = content["parts"]
    if isinstance(content, list):
        texts = [_part(part) for part in content]
        notes["parts"] += sum(text is None for text in texts)
        return "\n".join(text for text in texts if text is not None)
    raise bad_record("bad-message", f"the text of message {position} is {type(content).__name__}, not text or parts.")


def _part(part: Any) -> str | None:
    """The text of a content part, or None where it is an image, a sound or anything else."""
    if isinstance(part, str):
        return part
    text = part.get("text") if isinstance(part, dict) else None
    if isinstance(text, dict):
        text = text.get("value")
    return text if isinstance(text, str) else None


def _either(keys: Sequence[str]) -> str:
    return " or ".join(f'"{key}"' for key in keys)
