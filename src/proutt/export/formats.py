"""The training formats, by name: who reads them, how rows are made, and what stands beside the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from proutt.export import axolotl, llamafactory, messages, openai, released, trl
from proutt.export.example import Example, not_alternating, not_ending_with_user
from proutt.export.trainers import Training
from proutt.export.trainers import axolotl as axolotl_files
from proutt.export.trainers import llamafactory as llamafactory_files
from proutt.export.trainers import trl as trl_files


def _nothing(training: Training) -> dict[str, str]:  # noqa: ARG001
    return {}


def _trl_and_axolotl(training: Training) -> dict[str, str]:
    """TRL learns from all answers of a row, whatever the row says: it has no configuration where that does harm."""
    trl_config = {} if training.last_only else trl_files.messages_files(training)
    return trl_config | axolotl_files.sft_files(training)


#: The rows that a SynPT dialogue can become: one for each answer, or one for all of it.
DialogueRows = Literal["answers", "whole"]
_BOTH: tuple[DialogueRows, ...] = ("answers", "whole")


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    summary     who reads it
    rows        the lines' objects of one example, with the same keys and types for every one; KTO has two of them
    preference  rows hold both sides, so there must be two that differ
    refuses     why the rows can't hold an example, or None where they can
    files       file name → text, of what stands beside the rows: trainer configurations, `dataset_info.json`
    records     rows are made of the record, so examples without one can't be written
    dialogues   which rows of SynPT dialogues it can hold so that training learns what it should
    """

    summary: str
    rows: Callable[[Example], list[dict[str, Any]]]
    preference: bool
    refuses: Callable[[Example], str | None] = not_ending_with_user
    files: Callable[[Training], dict[str, str]] = _nothing
    records: bool = False
    dialogues: tuple[DialogueRows, ...] = ()

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of what stands beside the rows."""
        return tuple(self.files(Training(max_length=1, longest=1)))


FORMATS = {
    "trl-preference": Format(
        "TRL DPO, ORPO, SimPO; Unsloth DPO", trl.preference_rows, preference=True, files=trl_files.preference_files
    ),
    "trl-sft": Format(
        "TRL SFT, loss on the completion",
        trl.sft_rows,
        preference=False,
        files=trl_files.sft_files,
        dialogues=("answers",),  # one completion a row
    ),
    "trl-kto": Format("TRL KTO", trl.kto_rows, preference=True, files=trl_files.kto_files),
    "messages-sft": Format(
        "SFT with axolotl, TRL, Unsloth", messages.sft_rows, preference=False, files=_trl_and_axolotl, dialogues=_BOTH
    ),
    "llamafactory-preference": Format(
        "LLaMA-Factory dpo, orpo, simpo",
        llamafactory.preference_rows,
        preference=True,
        refuses=not_alternating,
        files=llamafactory_files.preference_files,
    ),
    "llamafactory-sft": Format(
        "LLaMA-Factory sft",
        llamafactory.sft_rows,
        preference=False,
        refuses=not_alternating,
        files=llamafactory_files.sft_files,
        dialogues=_BOTH,
    ),
    "llamafactory-sharegpt": Format(
        "LLaMA-Factory sft, ShareGPT form",
        llamafactory.sharegpt_rows,
        preference=False,
        refuses=not_alternating,
        files=llamafactory_files.sharegpt_files,
        dialogues=_BOTH,
    ),
    "llamafactory-kto": Format(
        "LLaMA-Factory kto",
        llamafactory.kto_rows,
        preference=True,
        refuses=not_alternating,
        files=llamafactory_files.kto_files,
    ),
    "axolotl-preference": Format(
        "axolotl dpo, ipo, simpo", axolotl.preference_rows, preference=True, files=axolotl_files.preference_files
    ),
    "axolotl-orpo": Format(
        "axolotl orpo",
        axolotl.orpo_rows,
        preference=True,
        refuses=not_alternating,
        files=axolotl_files.orpo_files,
    ),
    "openai-sft": Format("OpenAI, Together, Fireworks: SFT", openai.sft_rows, preference=False, dialogues=_BOTH),
    "openai-preference": Format("OpenAI, Together, Fireworks: preference", openai.preference_rows, preference=True),
    "unsloth-sharegpt": Format(
        "Unsloth SFT, ShareGPT form", messages.sharegpt_rows, preference=False, dialogues=("whole",)
    ),
    "proutt": Format(
        "the released ProUtt files, for the official tools",
        released.released_rows,
        preference=True,
        refuses=released.not_in_views,
        records=True,
    ),
}
