"""What `proutt evaluate upc-critic` can be told, and which critics that makes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError, field_validator

from proutt.errors import UserError
from proutt.llm import ModelSpec
from proutt.runs.model_config import ModelConfig

#: Where a critic's own address begins in "MODEL@http://...".
_ADDRESS = re.compile(r"@(?=https?://)")


class CriticsConfig(ModelConfig):
    """Everything that such a check can be told; `model` stands for a critic where none is named.

    critics  MODEL, or MODEL@URL where it is not at base_url
    keys     MODEL=VARIABLE: the variable that holds the key of a critic with an address of its own
    """

    inputs: list[str] = Field([], description="runs of proutt simulate upc, or of proutt evaluate upc")
    critics: list[str] = Field([], description="MODEL or MODEL@URL, each a critic")
    keys: dict[str, str] = Field({}, description="critic's model → variable that holds its key")
    people: list[str] = Field([], description="folders of proutt annotate over the same responses")
    limit: int | None = Field(100, ge=1, description="most responses, drawn by seed")
    small_steps: bool | None = Field(None, description="one score a call; None: where a critic is embedded")
    seed: int = 0

    @field_validator("keys", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        """From the command line they come as texts."""
        if not isinstance(value, (list, tuple)):
            return value
        parts = [str(each).rpartition("=") for each in value]
        if not all(model and name for model, _, name in parts):
            raise ValueError("a key is named as MODEL=VARIABLE")
        return {model: name for model, _, name in parts}

    def critics_asked(self) -> list[CriticConfig]:
        """A configuration for each critic. Raises UserError where one is named twice, or a key is nobody's."""
        found = [self._critic(each) for each in self.critics or [self.model]]
        names = [each.model for each in found]
        doubled = next((name for name in names if names.count(name) > 1), None)
        if doubled is not None:
            raise UserError(f"{doubled!r} is named twice.", where="--critic", remedy="Name each critic once.")
        strange = next((name for name in self.keys if name not in names), None)
        if strange is not None:
            raise UserError(f"there is no critic {strange!r}.", where="--critic-key", remedy="Name one of --critic.")
        return found

    def _critic(self, named: str) -> CriticConfig:
        model, *own = _ADDRESS.split(named, maxsplit=1)
        embedded = ModelSpec(model=model).embedded
        key = self.keys.get(model)
        if not own:
            address, key = (None, None) if embedded else (self.base_url, key or self.api_key_env)
        else:
            address, key = own[0], key or ""  # keys do not travel to other addresses
        shared = ("context_tokens", "thinking_tokens", "timeout_s", "concurrency", "seed")
        return CriticConfig(
            **{name: getattr(self, name) for name in shared},
            model=model,
            base_url=address,
            api_key_env=key,
            small_steps=embedded if self.small_steps is None else self.small_steps,
        )


class CriticConfig(ModelConfig):
    """One critic's check: what its `run.yaml` says. How many responses is not in it: more of them go on with a run."""

    small_steps: bool = False
    seed: int = 0

    @property
    def embedded(self) -> bool:
        return self.model_of_all.embedded

    @property
    def folder(self) -> str:
        """Its folder among the critics': the model's name, and a hash that tells names and addresses apart."""
        digest = hashlib.sha256(f"{self.model} @ {self.base_url}".encode()).hexdigest()[:6]
        return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', self.model).strip('-.')[:60] or 'critic'}-{digest}"


def critics_config_of(values: Mapping[str, Any]) -> CriticsConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    try:
        return CriticsConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        remedy = "See proutt evaluate upc-critic --help."
        raise UserError(f"{place + ': ' if place else ''}{message}.", remedy=remedy) from None
