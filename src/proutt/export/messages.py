"""SFT rows of whole dialogues that end with the chosen side: `messages`, and Unsloth's ShareGPT `conversations`."""

from __future__ import annotations

from typing import Any

from proutt.export.example import Example
from proutt.export.trl import message, messages

#: role → what ShareGPT calls it
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


def sft_rows(example: Example) -> list[dict[str, Any]]:
    """`messages`: prompt and chosen side. For TRL, axolotl, Unsloth, and the fine-tuning of OpenAI and its kin.

    Trap: TRL learns from every token of it, the prompt's as well, unless `assistant_only_loss` is set; `trl-sft` does
    not. Some chat templates drop the reasoning of all assistant messages but the last, so the chosen side is the last.
    Where the prompt's answers are not to be learnt, every message says so in `train`, which axolotl is told to read.
    """
    row = [*messages(example.texts.messages), message("assistant", example.texts.chosen)]
    if not example.last_only:
        return [{"messages": row}]
    learnt = [{**each, "train": at == len(row) - 1} for at, each in enumerate(row)]
    return [{"messages": learnt}]


def sharegpt_rows(example: Example) -> list[dict[str, Any]]:
    """`conversations`: prompt and chosen side under `from` and `value`. For Unsloth's `standardize_data_formats`.

    Trap: every message has exactly these two keys, and the column must have this name.
    """
    said = [(_SPEAKERS[each.role], each.content) for each in example.texts.messages]
    return [{"conversations": [{"from": name, "value": text} for name, text in [*said, ("gpt", example.texts.chosen)]]}]
