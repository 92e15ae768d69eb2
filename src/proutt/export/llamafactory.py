"""Rows and `dataset_info.json` for LLaMA-Factory: preference (dpo, orpo, simpo), SFT and KTO (docs/exports.md).

In `dataset_info.json`, naming one column or tag unnames all others, so every one is written. A column that is named
must be in every row: rows in ShareGPT's form carry an empty `system` where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.export.example import Example
from proutt.export.trl import message, messages

_SPEAKERS = {"user": "human", "assistant": "gpt"}


def preference_rows(example: Example) -> list[dict[str, Any]]:
    """`conversations`, `system`, `chosen` and `rejected`. For `stage: dpo`, with any `pref_loss`.

    Traps: the sides are objects, for lists pass its converter and are dropped later; the dialogue has an odd length
    and alternates from `human` on, or the row is skipped with no more than a line of the log.
    """
    texts = example.texts
    return [
        {
            "conversations": _spoken(example),
            "system": example.system,
            "chosen": _turn("assistant", texts.chosen),
            "rejected": _turn("assistant", texts.rejected or ""),
        }
    ]


def sft_rows(example: Example) -> list[dict[str, Any]]:
    """`messages`: prompt and chosen side in OpenAI's form. For `stage: sft`, which learns from the answers alone."""
    return [{"messages": [*messages(example.texts.messages), message("assistant", example.texts.chosen)]}]


def sharegpt_rows(example: Example) -> list[dict[str, Any]]:
    """`conversations` and `system`: the same in ShareGPT's form. For `stage: sft`. Trap: it must end with `gpt`."""
    return [
        {
            "conversations": [*_spoken(example), _turn("assistant", example.texts.chosen)],
            "system": example.system,
        }
    ]


def kto_rows(example: Example) -> list[dict[str, Any]]:
    """`conversations`, `system`, `kto_tag`: a row for each side, true for the chosen one. For `stage: kto`."""
    texts = example.texts
    sides = [(texts.chosen, True)] + ([] if texts.rejected is None else [(texts.rejected, False)])
    return [
        {
            "conversations": [*_spoken(example), _turn("assistant", text)],
            "system": example.system,
            "kto_tag": tag,
        }
        for text, tag in sides
    ]


def _spoken(example: Example) -> list[dict[str, str]]:
    return [_turn(each.role, each.content) for each in example.spoken]


def _turn(role: str, text: str) -> dict[str, str]:
    return {"from": _SPEAKERS[role], "value": text}


def preference_entry(file_name: str) -> dict[str, Any]:
    """What `dataset_info.json` says of a file of preference rows."""
    columns = {"messages": "conversations", "system": "system", "chosen": "chosen", "rejected": "rejected"}
    return _entry(file_name, columns, _SHAREGPT_TAGS, ranking=True)


def sft_entry(file_name: str) -> dict[str, Any]:
    """The same of `messages` rows."""
    return _entry(file_name, {"messages": "messages"}, _OPENAI_TAGS)


def sharegpt_entry(file_name: str) -> dict[str, Any]:
    """The same of `conversations` rows."""
    return _entry(file_name, {"messages": "conversations", "system": "system"}, _SHAREGPT_TAGS)


def kto_entry(file_name: str) -> dict[str, Any]:
    """The same of KTO rows."""
    columns = {"messages": "conversations", "system": "system", "kto_tag": "kto_tag"}
    return _entry(file_name, columns, _SHAREGPT_TAGS)


def _entry(
    file_name: str, columns: Mapping[str, str], tags: Mapping[str, str], *, ranking: bool = False
) -> dict[str, Any]:
    kind = {"ranking": True} if ranking else {}
    return {"file_name": file_name, "formatting": "sharegpt", **kind, "columns": dict(columns), "tags": dict(tags)}


_SHAREGPT_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
_OPENAI_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function",
    "system_tag": "system",
}
