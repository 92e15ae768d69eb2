"""Rows for axolotl: `chat_template.default` (dpo, ipo, simpo) and `chat_template.argilla` (orpo).

SFT with axolotl takes `messages` rows (messages.py).
"""

from __future__ import annotations

from typing import Any

from proutt.export.example import Example
from proutt.export.trl import message, messages


def preference_rows(example: Example) -> list[dict[str, Any]]:
    """`messages`, then `chosen` and `rejected` as one message each: the form that its documentation shows.

    Trap: axolotl looks for the answer's text in what the chat template made of it, and takes the text's end where the
    template changed it. Our layout is found whole with templates that leave `<think>` alone (docs/exports.md).
    """
    texts = example.texts
    return [
        {
            "messages": messages(texts.messages),
            "chosen": message("assistant", texts.chosen),
            "rejected": message("assistant", texts.rejected or ""),
        }
    ]


def orpo_rows(example: Example) -> list[dict[str, Any]]:
    """`system`, then `chosen` and `rejected` as whole dialogues that end with the side.

    Traps: user and assistant alternate; a `prompt` beside them would stand in for every user message.
    """
    texts = example.texts
    spoken = messages(example.spoken)
    return [
        {
            "system": example.system,
            "chosen": [*spoken, message("assistant", texts.chosen)],
            "rejected": [*spoken, message("assistant", texts.rejected or "")],
        }
    ]
