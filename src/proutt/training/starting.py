"""The adapter that a training starts from, where it is not a new one: that of an earlier training of the same base."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError
from proutt.training.record import read_record
from proutt.training.stages import ADAPTER

_CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Start:
    """An adapter that is there. folder: PEFT's; base: identity of the weights it was trained on, if known."""

    folder: Path
    rank: int
    alpha: int
    dropout: float
    base: str | None

    def refuse_other_base(self, identity: str) -> None:
        """Raise UserError where it was trained on other weights than these."""
        if self.base is not None and self.base != identity:
            raise UserError(
                f"was trained on {self.base}, not on {identity}.",
                where=str(self.folder),
                remedy="Give its base as --base, or start from another adapter.",
            )


def start_from(folder: Path) -> Start:
    """The adapter of a training directory, or the folder itself where it is one. Raises UserError."""
    place = next((each for each in (folder / ADAPTER, folder) if (each / _CONFIG).is_file()), None)
    if place is None:
        raise UserError("holds no adapter.", where=str(folder), remedy="Name the --out of a finished proutt train.")
    try:
        told = json.loads((place / _CONFIG).read_text(encoding="utf-8"))
        record = read_record(place.parent)
        return Start(
            place.resolve(),
            rank=int(told["r"]),
            alpha=int(told["lora_alpha"]),
            dropout=float(told.get("lora_dropout") or 0.0),
            base=None if record is None else str(record["base"]["identity"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"is no LoRA adapter ({type(error).__name__}).", where=str(place / _CONFIG), remedy="Name another one."
        ) from None
