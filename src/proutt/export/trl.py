"""Rows for TRL: `DPOTrainer`, ORPO and CPO (SimPO); `SFTTrainer` with loss on the completion (docs/exports.md).

Message lists, never strings: TRL takes the first row's form for the whole file. No other key stands beside them, for
ORPO and CPO refuse a row with one that they know from elsewhere.
"""

from __future__ import annotations

from typing import Any

from proutt.export.text import TrainingText
from proutt.methods.record import PreferencePair


def preference_row(pair: PreferencePair, text: TrainingText) -> dict[str, Any]:  # noqa: ARG001
    """`prompt`, `chosen`, `rejected`: one message in each."""
    return {
        "prompt": [_message("user", text.prompt)],
        "chosen": [_message("assistant", text.chosen)],
        "rejected": [_message("assistant", text.rejected)],
    }


def sft_row(pair: PreferencePair, text: TrainingText) -> dict[str, Any]:  # noqa: ARG001
    """`prompt`, `completion`: the chosen side."""
    return {"prompt": [_message("user", text.prompt)], "completion": [_message("assistant", text.chosen)]}


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
