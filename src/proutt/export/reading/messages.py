"""Messages and completions as foreign rows hold them: texts, objects, lists of objects. Pure.

Keys and speakers are those that the dialogue readers know: `role` or `from`, `content` or `value`, "human", "gpt".
Lone surrogates become U+FFFD, for no file could hold them again; all other text stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from proutt.dialogue.raw import bad_record
from proutt.dialogue.readers.fields import CALL_KEYS, ROLE_KEYS, TEXT_KEYS
from proutt.dialogue.readers.speakers import speaker_of
from proutt.export.neutral import without_surrogates
from proutt.export.reading.textpair import Message

#: where some trainers keep R beside the answer; it is put back between `<think>` tags, as their templates do
_THINKING_KEYS = ("reasoning_content", "thinking")


def messages_of(items: Sequence[Any], column: str) -> tuple[Message, ...]:
    """The messages under a column. Raises ItemFailed where one has no known speaker or no text."""
    return tuple(_message(item, position, column) for position, item in enumerate(items, start=1))


def prompt_of(value: Any, column: str) -> tuple[Message, ...]:
    """A prompt that is a text (one user message) or a list of messages. Raises ItemFailed for anything else or none."""
    if isinstance(value, str):
        return (Message("user", without_surrogates(value)),)
    if isinstance(value, list) and value:
        return messages_of(value, column)
    raise bad_record("bad-row", f'"{column}" is neither a text nor a list of messages.')


def completion_of(value: Any, column: str) -> str:
    """A completion that is a text, a message, or a list of messages, as one text.

    Several messages become one text with a line that names the speaker before each. Raises ItemFailed.
    """
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return _message(value, 1, column).content
    if isinstance(value, list) and value:
        messages = messages_of(value, column)
        return messages[0].content if len(messages) == 1 else joined(messages)
    raise bad_record("bad-row", f'"{column}" is neither a text, a message nor a list of messages.')


def joined(messages: Sequence[Message]) -> str:
    """Several messages as one text, each under the name of its speaker."""
    return "\n\n".join(f"{message.role}:\n{message.content}" for message in messages)


def system_first(row: Mapping[str, Any], messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages with the row's own system prompt before them, where it has one that says something."""
    system = row.get("system")
    if isinstance(system, str) and system.strip():
        return (Message("system", without_surrogates(system)), *messages)
    return messages


def _message(item: Any, position: int, column: str) -> Message:
    if not isinstance(item, dict):
        raise bad_record("bad-row", f'message {position} of "{column}" is no object with a speaker and a text.')
    role = next((item[key] for key in ROLE_KEYS if key in item), None)
    if role is None:
        raise bad_record("bad-row", f'message {position} of "{column}" has no "role" (or "from").')
    text = _text(item, position, column)
    thinking = next((item[key] for key in _THINKING_KEYS if isinstance(item.get(key), str) and item[key].strip()), None)
    if thinking is not None:
        text = f"<think>\n{thinking.strip()}\n</think>\n\n{text}"
    return Message(speaker_of(role, position).value, without_surrogates(text))


def _text(item: Mapping[str, Any], position: int, column: str) -> str:
    """The message's text; of one that only calls a tool, the call as JSON: two calls must not look alike."""
    content = next((item[key] for key in TEXT_KEYS if key in item), None)
    if isinstance(content, str) and content:
        return content
    if isinstance(content, list):
        parts = [
            part if isinstance(part, str) else part.get("text") for part in content if isinstance(part, str | dict)
        ]
        return "\n".join(part for part in parts if isinstance(part, str))
    call = next((item[key] for key in CALL_KEYS if item.get(key)), None)
    if call is not None:
        return json.dumps(call, ensure_ascii=False, default=str)
    if content in ("", None) and any(key in item for key in TEXT_KEYS):
        return ""
    raise bad_record("bad-row", f'message {position} of "{column}" has no text under "content" (or "value").')
