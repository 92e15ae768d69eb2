"""The training formats, by name: how a row is made, and what stands beside the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proutt.export import llamafactory, released, trl
from proutt.export.text import TrainingText
from proutt.methods.record import PreferencePair


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    row         a pair and its texts as one line's object; the same keys and types for every pair
    preference  rows hold both sides, so these must differ
    dataset     the name that `dataset_info.json` gives the files, with `entry` for what it says of one; None without
    """

    summary: str
    row: Callable[[PreferencePair, TrainingText], dict[str, Any]]
    preference: bool
    dataset: str | None = None
    entry: Callable[[str], dict[str, Any]] | None = None


FORMATS = {
    "trl-preference": Format("TRL DPO, ORPO, SimPO; Unsloth DPO", trl.preference_row, preference=True),
    "trl-sft": Format("TRL SFT, loss on the completion", trl.sft_row, preference=False),
    "llamafactory-preference": Format(
        "LLaMA-Factory dpo, orpo, simpo",
        llamafactory.preference_row,
        preference=True,
        dataset="proutt_pref",
        entry=llamafactory.preference_entry,
    ),
    "llamafactory-sft": Format(
        "LLaMA-Factory sft",
        llamafactory.sft_row,
        preference=False,
        dataset="proutt_sft",
        entry=llamafactory.sft_entry,
    ),
    "proutt": Format("the released ProUtt files, for the official tools", released.released_row, preference=True),
}
