"""Preference rows in OpenAI's form, which Together and Fireworks take as well."""

from __future__ import annotations

from typing import Any

from proutt.export.example import Example
from proutt.export.trl import message, messages


def preference_rows(example: Example) -> list[dict[str, Any]]:
    """`input.messages`, `preferred_output`, `non_preferred_output`: one assistant message on each side.

    Trap: only the last message is compared, and Together wants a prompt that begins with system or user.
    """
    texts = example.texts
    return [
        {
            "input": {"messages": messages(texts.messages)},
            "preferred_output": [message("assistant", texts.chosen)],
            "non_preferred_output": [message("assistant", texts.rejected or "")],
        }
    ]
