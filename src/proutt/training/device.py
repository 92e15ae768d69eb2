"""What a training runs on: a GPU in bfloat16 where there is one, Apple's, or the CPU in 32 bits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError


@dataclass(frozen=True, slots=True)
class Machine:
    """device: "cuda", "mps" or "cpu"; precision: "float32" or "bfloat16"; name: of the GPU, or the CPU's threads.

    free_bytes  memory that is free there; None where nobody tells
    """

    device: str
    precision: str
    name: str
    free_bytes: int | None

    @property
    def weight_bytes(self) -> int:
        """Of one frozen weight."""
        return 2 if self.precision == "bfloat16" else 4

    @property
    def checkpointing(self) -> bool:
        """Whether activations are computed again instead of kept: on GPUs, where memory is dear and computing cheap."""
        return self.device != "cpu"


def machine_for(device: str, precision: str) -> Machine:
    """The machine that these settings, each perhaps "auto", mean here. Raises UserError where it is not there."""
    import torch

    from proutt.llm.embedded import available_threads
    from proutt.training.memory import available_bytes

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    chosen = next(name for name in there if there[name]) if device == "auto" else device
    if not there[chosen]:
        raise UserError(f"there is no {chosen} here.", where="--device", remedy="Leave it out, or give --device cpu.")
    if chosen == "cuda":
        automatic = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
        free, _ = torch.cuda.mem_get_info()
        return Machine(chosen, _choice(precision, automatic), torch.cuda.get_device_name(), int(free))
    name = "Apple GPU" if chosen == "mps" else f"{available_threads()} threads"
    return Machine(chosen, _choice(precision, "float32"), name, available_bytes())


def _choice(precision: str, automatic: str) -> str:
    return automatic if precision == "auto" else precision


def processes() -> tuple[int, int]:
    """(number of this process, from 0; how many), as `accelerate launch` tells them; (0, 1) without it."""
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def dtype_of(machine: Machine) -> Any:
    """The frozen weights' type in torch."""
    import torch

    return torch.bfloat16 if machine.precision == "bfloat16" else torch.float32
