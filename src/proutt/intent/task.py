"""Tasks, their intention types, and seeds: what a user wants of an assistant before anything is said (SynPT III-B).

A task has intention types (a trip: destination, days, month, ...). A seed gives a value to each of them: what one user
has in mind. Who asks has to find out what the user's first words left out: the implicit intentions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Standard deviation of the number of intentions that an initial inquiry names, where a task sets none (IV-B).
DEVIATION = 2.0


@dataclass(frozen=True, slots=True)
class IntentionType:
    """One matter that a task has to know (I^t).

    key          names it in seeds and records
    name         what people call it, in the task's language
    description  what it means, for a model
    weight       k_i of equation (9): how likely the initial inquiry names it, beside the others; above 0
    """

    key: str
    name: str
    description: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise ValueError(f"the weight of {self.key} must be above 0, not {self.weight}")


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of request (I^n) and what has to be known for it.

    language   of its dialogues (ISO 639-1)
    any_value  how seeds say that the user has no preference
    turns      most turns of a dialogue; a turn is an utterance of the user and the assistant's answer
    mean       μ of equation (6); half the number of intentions where none is set
    deviation  σ of equation (6), above 0
    also       other names that seeds use for it
    """

    name: str
    language: str
    intentions: tuple[IntentionType, ...]
    any_value: str
    turns: int
    mean: float
    deviation: float = DEVIATION
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.intentions:
            raise ValueError(f"{self.name} has no intentions")
        if len(set(self.keys)) < len(self.keys):
            raise ValueError(f"{self.name} has two intentions of one key")
        if not self.deviation > 0:
            raise ValueError(f"the deviation of {self.name} must be above 0, not {self.deviation}")
        if self.turns < 1:
            raise ValueError(f"{self.name} has no turns")

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(each.key for each in self.intentions)

    def intention(self, key: str) -> IntentionType:
        """Raises KeyError."""
        for each in self.intentions:
            if each.key == key:
                return each
        raise KeyError(key)

    def name_of(self, key: str) -> str:
        """What people call an intention. Raises KeyError."""
        return self.intention(key).name


@dataclass(frozen=True, slots=True)
class Seed:
    """What one user wants: a value for every intention of a task (I^v).

    source  file and line that it was read from
    """

    id: str
    task: Task
    values: Mapping[str, str]
    source: str = ""

    def __post_init__(self) -> None:
        if set(self.values) != set(self.task.keys):
            raise ValueError(f"seed {self.id} does not give a value to each intention of {self.task.name}")
        ordered = {key: self.values[key] for key in self.task.keys}
        object.__setattr__(self, "values", MappingProxyType(ordered))

    def is_any(self, key: str) -> bool:
        """Whether the user has no preference there."""
        return self.values[key] == self.task.any_value
