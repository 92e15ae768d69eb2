"""The training methods and the paper's recipe: which rows each takes, and where its numbers come from. Pure.

Epochs and LoRA are the paper's (ProUtt, Appendix B-A.3). It names no learning rate, rank or beta: those here are the
common starting points that `proutt export` writes into trainer configurations, not tuned.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.errors import UserError
from proutt.export.trainers.training import ALIGNMENT_EPOCHS, ALIGNMENT_RATE, SFT_EPOCHS, SFT_RATE


@dataclass(frozen=True, slots=True)
class Method:
    """One way to train.

    title          for people
    format         the export whose rows it takes
    sides          completions that it learns from in a row: 1 or 2
    epochs, learning_rate, beta  used where the user says nothing; beta is None for SFT
    work           computing per token, in forward-and-backward passes: a reference model adds a forward pass, 1/3
    """

    title: str
    format: str
    sides: int
    epochs: float
    learning_rate: float
    beta: float | None
    work: float


_ALIGNMENT = ("trl-preference", 2, float(ALIGNMENT_EPOCHS), float(ALIGNMENT_RATE))

METHODS = {
    "sft": Method("SFT", "trl-sft", 1, float(SFT_EPOCHS), float(SFT_RATE), None, 1.0),
    "dpo": Method("DPO", *_ALIGNMENT, beta=0.1, work=4 / 3),
    "orpo": Method("ORPO", *_ALIGNMENT, beta=0.1, work=1.0),
    "simpo": Method("SimPO", *_ALIGNMENT, beta=2.0, work=1.0),
}

#: SimPO's target margin between the sides' mean log-probabilities, times beta.
SIMPO_GAMMA = 1.0


def paper_recipe(alignment: str) -> tuple[str, ...]:
    """The stages of the paper's recipe: SFT on the chosen sides, then one alignment from the SFT adapter."""
    if alignment not in METHODS or METHODS[alignment].sides != 2:
        names = ", ".join(name for name, method in METHODS.items() if method.sides == 2)
        raise UserError(f"there is no alignment {alignment!r}.", where="--align", remedy=f"Alignments: {names}.")
    return ("sft", alignment)
