"""Rows and `dataset_info.json` for LLaMA-Factory: preference (dpo, orpo, simpo) and SFT (docs/exports.md).

In `dataset_info.json`, naming one column or tag unnames all others, so every one is written. A column that is named
must be in every row: preference rows carry an empty `system`.
"""

from __future__ import annotations

from typing import Any

from proutt.export.text import TrainingText
from proutt.methods.record import PreferencePair


def preference_row(pair: PreferencePair, text: TrainingText) -> dict[str, Any]:  # noqa: ARG001
    """`conversations` (one human turn), `system`, `chosen` and `rejected` as objects: lists would be dropped."""
    return {
        "conversations": [{"from": "human", "value": text.prompt}],
        "system": "",
        "chosen": {"from": "gpt", "value": text.chosen},
        "rejected": {"from": "gpt", "value": text.rejected},
    }


def sft_row(pair: PreferencePair, text: TrainingText) -> dict[str, Any]:  # noqa: ARG001
    """`messages`: one user and one assistant message, the chosen side."""
    return {
        "messages": [{"role": "user", "content": text.prompt}, {"role": "assistant", "content": text.chosen}],
    }


def preference_entry(file_name: str) -> dict[str, Any]:
    """What `dataset_info.json` says of a file of preference rows."""
    return {
        "file_name": file_name,
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "conversations", "system": "system", "chosen": "chosen", "rejected": "rejected"},
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "observation_tag": "observation",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }


def sft_entry(file_name: str) -> dict[str, Any]:
    """What `dataset_info.json` says of a file of SFT rows."""
    return {
        "file_name": file_name,
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "observation_tag": "tool",
            "function_tag": "function",
            "system_tag": "system",
        },
    }
