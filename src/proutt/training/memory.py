"""How much memory a training is likely to need, and how much there is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from proutt.training.architecture import Architecture

#: Interpreter, libraries and what the allocator keeps, fitted to two measured trainings on a CPU (docs/train.md).
LIBRARIES_BYTES = 1_100_000_000
#: Numbers that a layer keeps for the backward pass, in units: hidden, attention's ends, and the wide ends of its MLP.
_HIDDEN_KEPT, _WIDE_KEPT = 10, 5
#: A trainable number: itself, its gradient and Adam's two moments, in 32 bits each.
_TRAINED_BYTES = 16
#: Copies of the logits that are there at once: 32-bit logits, their normalised form, and the gradient.
_LOGITS_KEPT = 3


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes by what they are for; an estimate, right within a third or so."""

    libraries: int
    weights: int
    adapter: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        return self.libraries + self.weights + self.adapter + self.activations + self.logits


def memory_estimate(
    base: Architecture, *, tokens: int, rank: int, weight_bytes: int, checkpointing: bool, adapters: int = 1
) -> MemoryEstimate:
    """The peak of one step.

    tokens         computed at once on a device: batch × sides × the longest row
    weight_bytes   of one frozen weight: 4 or 2; checkpointing: activations are computed again in the backward pass
    adapters       2 where a frozen copy of the adapter is the reference
    """
    layer = _HIDDEN_KEPT * base.hidden + _WIDE_KEPT * base.intermediate + 2 * base.heads * base.head_dim
    kept = base.hidden * base.layers + layer if checkpointing else layer * base.layers
    adapter = base.lora_parameters(rank)
    return MemoryEstimate(
        libraries=LIBRARIES_BYTES,
        weights=base.parameters * weight_bytes,
        adapter=adapter * (_TRAINED_BYTES + 4 * (adapters - 1)),
        activations=tokens * kept * weight_bytes,
        logits=tokens * base.vocabulary * 4 * _LOGITS_KEPT,
    )


def available_bytes() -> int | None:
    """Memory of this machine that is free for a program; None where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return None
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
