"""What can be set of UPC's corpus (4.2, 5.1, Table 2)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

#: guided: the critic scores and has responses written again (CDC); unguided: first responses, no critic (SFT alone).
Strategy = Literal["guided", "unguided"]


class UPCSettings(BaseModel):
    """The method's parameters. Defaults are the paper's; R, which it does not state, is ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strategy: Strategy = "guided"
    turns: int = Field(5, ge=2, le=50, description="T: turns of a dialogue, greeting and self-introduction counted")
    regenerations: int = Field(3, ge=0, le=20, description="R: most regenerations of a response")
    threshold: int = Field(4, ge=1, le=5, description="a response with a score below it is written again")
    temperature_chatbot: float = Field(0.75, ge=0, le=2)
    temperature_user: float = Field(0.75, ge=0, le=2)
    temperature_critic: float = Field(0.0, ge=0, le=2)
    seed: int = 0
    small_steps: bool = Field(False, description="one small question a call, for models of a few billion weights")
