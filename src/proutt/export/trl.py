"""Rows for TRL: `DPOTrainer`, ORPO and CPO (SimPO); `SFTTrainer` with loss on the completion; KTO (docs/exports.md).

Message lists, never strings: TRL takes the first row's form for the whole file. No other key stands beside them, for
ORPO and CPO refuse a row with one that they know from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from proutt.export.example import Example
from proutt.export.reading.textpair import Message


def preference_rows(example: Example) -> list[dict[str, Any]]:
    """`prompt`, `chosen`, `rejected`: lists of messages, the sides of one each.

    For TRL's DPO, ORPO and CPO and for Unsloth's DPO. Trap: a prompt that does not end with the user is an error there.
    """
    sides = {name: [message("assistant", text)] for name, text in _sides(example).items()}
    return [{"prompt": messages(example.texts.messages), **sides}]


def sft_rows(example: Example) -> list[dict[str, Any]]:
    """`prompt`, `completion`: the chosen side. For TRL's SFT, which then learns from the completion alone."""
    texts = example.texts
    return [{"prompt": messages(texts.messages), "completion": [message("assistant", texts.chosen)]}]


def kto_rows(example: Example) -> list[dict[str, Any]]:
    """`prompt`, `completion`, `label`: a row for each side, true for the chosen one. For TRL's KTO.

    Trap: `label` must be a bool. As many are desirable as undesirable, so no weights are needed.
    """
    prompt = messages(example.texts.messages)
    return [
        {"prompt": prompt, "completion": [message("assistant", text)], "label": name == "chosen"}
        for name, text in _sides(example).items()
    ]


def _sides(example: Example) -> dict[str, str]:
    texts = example.texts
    return {"chosen": texts.chosen} if texts.rejected is None else {"chosen": texts.chosen, "rejected": texts.rejected}


def messages(prompt: Iterable[Message]) -> list[dict[str, str]]:
    """The prompt's messages as objects of `role` and `content`."""
    return [message(each.role, each.content) for each in prompt]


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
