"""What `proutt personas generate` can be told; the `run.yaml` of its run directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from proutt.runs.model_config import ModelConfig, config_of
from proutt.simulation.upc.drawing import DIFFICULT, ROUGH

#: People of one call, for a strong model.
_CALL = 5


class GeneratingConfig(ModelConfig):
    """Everything that a run that writes personas can be told. None means "as suits the model"."""

    inputs: list[str] = Field([], max_length=0, description="none: personas are made of nothing")
    language: Literal["en", "zh"] = Field("en", description="what the backgrounds are written in")
    groups: int = Field(40, ge=1, le=43, description="sub-major groups of ISCO-08, drawn by the seed")
    each: int = Field(20, ge=1, le=500, description="personas of each group")
    per_call: int | None = Field(None, ge=1, le=20, description="people a call; default 5, small steps 1")
    small_steps: bool | None = Field(None, description="a form of short sentences for each, for small models")
    difficult: float = Field(DIFFICULT, ge=0, le=1, description="share of people with a difficult temper")
    rough: float = Field(ROUGH, ge=0, le=1, description="share of people with a rough career")
    seed: int = 0

    def resolved(self) -> GeneratingConfig:
        """The same with every None that depends on the model decided."""
        embedded = self.model_of_all.embedded
        small = embedded if self.small_steps is None else self.small_steps
        return self.model_copy(
            update={
                "small_steps": small,
                "per_call": 1 if small else self.per_call or _CALL,
                "concurrency": self.calls_in_flight(embedded=embedded),
            }
        )


def generating_config_of(values: Mapping[str, Any]) -> GeneratingConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(GeneratingConfig, values, "personas generate")
