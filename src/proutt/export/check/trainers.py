"""Which trainers each format is checked for: those whose preparation of rows is known here, version by version."""

from __future__ import annotations

from proutt.errors import UserError
from proutt.export.check import axolotl, llamafactory, trl
from proutt.export.check.prepared import Trainer

TRAINERS: dict[str, tuple[Trainer, ...]] = {
    "trl-preference": (trl.DPO,),
    "trl-sft": (trl.SFT,),
    "trl-kto": (trl.KTO,),
    "messages-sft": (trl.MESSAGES, axolotl.SFT),
    "llamafactory-preference": (llamafactory.PREFERENCE,),
    "llamafactory-sft": (llamafactory.SFT,),
    "llamafactory-sharegpt": (llamafactory.SHAREGPT,),
    "llamafactory-kto": (llamafactory.KTO,),
    "axolotl-preference": (axolotl.PREFERENCE,),
    "axolotl-orpo": (axolotl.ORPO,),
    "unsloth-sharegpt": (trl.UNSLOTH,),
}


def trainers_of(format: str) -> tuple[Trainer, ...]:
    """The trainers of a format. Raises UserError where there is none: services that tokenise by themselves."""
    if format not in TRAINERS:
        raise UserError(
            f"{format} can't be checked: whoever trains on it tokenises in a way that is not known here.",
            where="--check",
            remedy=f"Formats that can: {', '.join(TRAINERS)}.",
        )
    return TRAINERS[format]
