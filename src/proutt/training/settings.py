"""What a training is told, and how two such tellings differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from proutt.export.prompt import Instruction
from proutt.export.trainers.training import ACCUMULATION, BATCH, LORA_ALPHA, LORA_RANK
from proutt.training.methods import METHODS

#: What is done with rows that are longer than the maximum length: left out and counted, or the training stops.
TooLong = Literal["leave-out", "stop"]


@dataclass(frozen=True, slots=True)
class StageSettings:
    """One stage: one method over the rows.

    epochs         passes over the rows; max_steps, where it is more than 0, ends the stage earlier or later than that
    learning_rate  at the start; it falls linearly to 0
    beta           how strongly the preference counts (DPO, SimPO), or its share in the loss (ORPO); None for SFT
    """

    method: str
    epochs: float
    learning_rate: float
    beta: float | None
    max_steps: int = 0


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that decides what is learned.

    base          a folder, a hub name, or the name of embedded weights
    stages        in order; each starts from the adapter of the one before it
    start         folder of the adapter that the first stage starts from; None: a new one
    max_length    tokens of prompt and completion; None: what the longest row has, at most what the base can take
    batch         rows at once on a device; accumulation: such batches a step
    lora_rank, lora_alpha, lora_dropout  of the adapter, on every linear layer but the output
    device        "auto", "cuda", "mps" or "cpu"; precision: "auto", "float32" or "bfloat16"
    """

    base: str
    stages: tuple[StageSettings, ...]
    start: str | None = None
    max_length: int | None = None
    too_long: TooLong = "leave-out"
    batch: int = BATCH
    accumulation: int = ACCUMULATION
    lora_rank: int = LORA_RANK
    lora_alpha: int = LORA_ALPHA
    lora_dropout: float = 0.0
    instruction: Instruction = "structured"
    include_unverified: bool = False
    include_personal: bool = False
    device: str = "auto"
    precision: str = "auto"
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """All of it, as `training.json` keeps it."""
        return {**asdict(self), "stages": [asdict(stage) for stage in self.stages]}


def stage_of(
    name: str,
    *,
    epochs: float | None = None,
    learning_rate: float | None = None,
    beta: float | None = None,
    max_steps: int | None = None,
) -> StageSettings:
    """A stage of that method, with its own values where nothing else is said."""
    method = METHODS[name]
    return StageSettings(
        name,
        method.epochs if epochs is None else epochs,
        method.learning_rate if learning_rate is None else learning_rate,
        None if method.beta is None else (method.beta if beta is None else beta),
        max_steps or 0,
    )


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two settings as JSON, as `name: before, now after`; nested names with dots."""
    one, other = _flat(before), _flat(now)
    names = [*one, *(name for name in other if name not in one)]
    return [
        f"{name}: {_shown(one.get(name))}, now {_shown(other.get(name))}"
        for name in names
        if one.get(name) != other.get(name)
    ]


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Every leaf by its dotted name; list items by their number, from 1."""
    if isinstance(value, Mapping):
        items = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        items = [(str(number), each) for number, each in enumerate(value, 1)]
    else:
        return {name: value}
    return {place: leaf for key, each in items for place, leaf in _flat(each, f"{name}.{key}" if name else key).items()}


def _shown(value: Any) -> str:
    return "not given" if value is None else str(value)
