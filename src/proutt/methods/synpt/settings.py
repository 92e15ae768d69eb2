"""What can be set of SynPT (III, IV-B), of what it is compared with (IV-A), and of its ablations (VI-C, VI-F)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: SynPT, and the two methods of Table III: one call for a whole dialogue; two agents without SynPT's modules.
Method = Literal["synpt", "single-agent", "dual-agent"]


class Ablation(StrEnum):
    """Table VII: a component that is left out."""

    #: The initial inquiry is asked for with all intentions in sight (equation 5, not 11).
    PROBABILITY_CONTROL = "probability-control"
    #: Intention thinking reads the whole dialogue every turn (equation 12, not 14).
    MEMORY_STACK = "memory-stack"


class SynPTSettings(BaseModel):
    """The method's parameters. Defaults are the paper's; the last ones suit the method to a model's reach."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method = "synpt"
    ablate: tuple[Ablation, ...] = Field((), description="components left out (Table VII)")
    reflection: bool = Field(False, description="let intention thinking be looked at again (Table X)")
    reluctant: float = Field(0.33, ge=0, le=1, description="share of users who grow tired of questions")
    seed: int = 0
    require_valid: bool = Field(False, description="make a dialogue again where a check flags it")
    valid_tries: int = Field(3, ge=1, le=10, description="most dialogues of a seed under require_valid")
    small_steps: bool = Field(False, description="one small question a call, for models of a few billion weights")

    @property
    def controls_probability(self) -> bool:
        return Ablation.PROBABILITY_CONTROL not in self.ablate

    @property
    def keeps_stack(self) -> bool:
        return Ablation.MEMORY_STACK not in self.ablate
