"""Preference and SFT rows in OpenAI's form, which Together and Fireworks take as well."""

from __future__ import annotations

from typing import Any

from proutt.export import messages as plain
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


def sft_rows(example: Example) -> list[dict[str, Any]]:
    """`messages`: prompt and chosen side. An answer of the prompt that is not to be learnt has `weight` 0."""
    if not example.last_only:
        return plain.sft_rows(example)
    prompt: list[dict[str, Any]] = [
        {**each, "weight": 0} if each["role"] == "assistant" else each for each in messages(example.texts.messages)
    ]
    return [{"messages": [*prompt, {**message("assistant", example.texts.chosen), "weight": 1}]}]
