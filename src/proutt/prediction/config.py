"""What `proutt predict` can be told: its configuration file, and the `run.yaml` of its run directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

from pydantic import Field

from proutt.dialogue import Dialogue, ReadingReport, read_dialogues
from proutt.export.prompt import Instruction
from proutt.llm import ModelSpec
from proutt.prediction.cases import Turns
from proutt.prediction.prediction import Ablated, Setting
from proutt.runs.model_config import ModelConfig, ShardedConfig, config_of
from proutt.runs.synthesis import dialogue_budget, rounds_per_annotation

#: The same names as `METHODS` (a test says so): reading a configuration loads no method.
Method = Literal["proutt", "proutt-pipeline", "prompt", "follow-up", "user-header", "socratic", "usp"]


class PredictConfig(ShardedConfig, ModelConfig):
    """Everything that a run of predictions can be told. None means "as suits the model"."""

    inputs: list[str] = Field([], description="dialogue files, folders, - or hf:owner/name")
    format: str | None = Field(None, description="corpus format, where it is not to be recognised")
    language: str | None = Field(None, description="language of all dialogues, where it is not to be detected")
    limit: int | None = Field(None, ge=1, description="most dialogues to take")
    strict: bool = Field(False, description="stop at the first bad record")
    method: Method = Field("proutt", description="how suggestions are made")
    system: str | None = Field(None, min_length=1, description="what the predictions are called in tables")
    turns: Turns = Field("all", description="which K of each dialogue are test cases")
    q: int = Field(2, ge=1, le=8, description="suggestions per perspective; 2q in all")
    instruction: Instruction = Field("structured", description="which training instruction (method proutt)")
    ablate: list[Ablated] | None = Field(None, description="what the training data lacks (method proutt)")
    small_steps: bool | None = Field(None, description="one small question a call (method proutt-pipeline)")
    tries: int = Field(3, ge=1, le=10, description="most draws where suggestions are too few")
    seed: int = 0

    @property
    def spec(self) -> ModelSpec:
        return self.model_of_all

    def resolved(self) -> PredictConfig:
        """The same with every None that depends on the model, or on other settings, decided."""
        embedded = self.spec.embedded
        return self.model_copy(
            update={
                "system": self.system or f"{self.method} ({self.model})",
                "small_steps": embedded if self.small_steps is None else self.small_steps,
                "concurrency": self.calls_in_flight(embedded=embedded),
            }
        )

    def setting(self, context_tokens: int) -> Setting:
        """What the method is told, for a model with that context."""
        return Setting(
            q=self.q,
            context_tokens=context_tokens,
            budget=dialogue_budget(context_tokens, self.q),
            tries=self.tries,
            small_steps=bool(self.resolved().small_steps),
            rounds=min(Setting().rounds, rounds_per_annotation(context_tokens, self.q)),
            instruction=self.instruction,
            ablate=tuple(self.ablate or ()),
        )

    def dialogues(
        self, report: ReadingReport, *, language: str | None = None, stdin: BinaryIO | None = None
    ) -> Iterator[Dialogue]:
        """The dialogues of the inputs; what is left out goes into the report.

        language  taken for all where the configuration names none: those who only count need no detector
        """
        return read_dialogues(
            self.inputs,
            format=self.format,
            language=self.language or language,
            strict=self.strict,
            limit=self.limit,
            report=report,
            stdin=stdin,
        )


def predict_config_of(values: Mapping[str, Any]) -> PredictConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(PredictConfig, values, "predict")
