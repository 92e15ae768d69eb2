"""What can be set of ProUtt's method (Algorithm 1's inputs, Appendix B's defaults, Table III's ablations)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Ablation(StrEnum):
    """Table III: a component that is left out."""

    INTENT_TREE = "intent-tree"
    SENTENCE_TYPE = "sentence-type"
    FUTURE_PATH_NEGATIVES = "future-path-negatives"


class Settings(BaseModel):
    """The method's parameters. Defaults are the paper's; the last three suit the method to a model's reach."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: int = Field(2, ge=1, le=8, description="candidates per perspective (figure 6)")
    tau_high: float = Field(0.8, ge=0, le=1, description="from this J_max on, the prediction is chosen as it is")
    tau_low: float = Field(0.3, ge=0, le=1, description="up to this J_max, the prediction is rejected as it is")
    turns: Literal["all", "last", "random"] = Field("all", description="which K of each dialogue: all, N-1, or one")
    ablate: tuple[Ablation, ...] = Field((), description="components left out (Table III)")
    seed: int = 0
    verify: bool = Field(True, description="let the judge score the edited utterances")
    verify_tries: int = Field(3, ge=1, le=10, description="most edits of a side before a pair is marked unverified")
    sentence_types: Literal["llm", "rules"] = Field("llm", description="what names the sentence type of an utterance")
    rounds_per_annotation: int = Field(12, ge=1, description="most rounds that one annotating call covers")
    small_steps: bool = Field(False, description="one small question a call, for models of a few billion weights")

    @model_validator(mode="after")
    def _ordered(self) -> Settings:
        if self.tau_low >= self.tau_high:
            raise ValueError(f"tau_low ({self.tau_low}) must be below tau_high ({self.tau_high})")
        return self

    @property
    def builds_tree(self) -> bool:
        return Ablation.INTENT_TREE not in self.ablate

    @property
    def reasons_types(self) -> bool:
        return Ablation.SENTENCE_TYPE not in self.ablate

    @property
    def uses_future_paths(self) -> bool:
        return Ablation.FUTURE_PATH_NEGATIVES not in self.ablate
