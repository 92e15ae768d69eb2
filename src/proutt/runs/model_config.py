"""What every verb that asks models can be told of them: which models, where, how many calls, how much money.

A key of the configuration file is a field; verbs inherit them and add their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from proutt.errors import UserError
from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.runs.sharding import WHOLE, Shard

#: The configuration of a verb.
ConfigT = TypeVar("ConfigT", bound=BaseModel)


class RoleModel(BaseModel):
    """A model for one role, where it differs from the model of all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1)
    base_url: str | None = None
    api_key_env: str | None = None
    context_tokens: int | None = Field(None, ge=256)
    thinking_tokens: int | None = Field(None, ge=0)


class ModelConfig(BaseModel):
    """The model of all roles, and what bounds its calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(
        "local", min_length=1, description="model of all roles: an endpoint's model name, local, local:tiny, ..."
    )
    base_url: str | None = Field(None, description="of an OpenAI-compatible endpoint, or several with commas")
    api_key_env: str | None = Field(None, description="name of the environment variable with the key")
    context_tokens: int | None = Field(None, ge=256, description="most tokens of prompt and answer")
    thinking_tokens: int = Field(0, ge=0, description="room for a reasoning model's thinking, on top of each answer's")
    timeout_s: float | None = Field(None, gt=0, le=86400, description="for one call")
    concurrency: int | None = Field(None, ge=1, description="most calls in flight; default 64, embedded 2")
    max_cost: float | None = Field(None, gt=0, description="most money that the run may cost, over all its sessions")
    max_tokens: int | None = Field(None, ge=1, description="most tokens that the run may use, over all its sessions")

    @property
    def model_of_all(self) -> ModelSpec:
        """The model of whatever role has none of its own."""
        return self._spec(
            RoleModel(
                model=self.model,
                base_url=self.base_url,
                api_key_env=self.api_key_env,
                context_tokens=self.context_tokens,
                thinking_tokens=self.thinking_tokens,
            )
        )

    def spec_of(self, own: RoleModel | None) -> ModelSpec:
        """A role's model: its own, at the address of all where it names none, or the model of all."""
        if own is None:
            return self.model_of_all
        embedded = ModelSpec(model=own.model).embedded
        return self._spec(
            RoleModel(
                model=own.model,
                base_url=own.base_url or (None if embedded else self.base_url),
                api_key_env=self._key_of(own, embedded=embedded),
                context_tokens=own.context_tokens or self.context_tokens,
                thinking_tokens=self.thinking_tokens if own.thinking_tokens is None else own.thinking_tokens,
            )
        )

    def calls_in_flight(self, *, embedded: bool) -> int:
        """What was asked for, else what suits: an engine in this machine serves few at once."""
        return self.concurrency or (2 if embedded else 64)

    def _spec(self, model: RoleModel) -> ModelSpec:
        limits = {} if self.concurrency is None else {"concurrency": self.concurrency}
        return ModelSpec(**model.model_dump(), timeout_s=self.timeout_s, **limits)

    def _key_of(self, own: RoleModel, *, embedded: bool) -> str | None:
        """Variable of a role's key. An address of its own gets no key that was not named for it: keys do not travel."""
        if own.api_key_env is not None or embedded:
            return own.api_key_env
        return "" if own.base_url is not None and own.base_url != self.base_url else self.api_key_env


class ShardedConfig(BaseModel):
    """For verbs that several processes can do side by side, each a share of the input."""

    shard: str | None = Field(None, description="the share of the input that is worked on: 3/16, the third of sixteen")

    @field_validator("shard")
    @classmethod
    def _shard_is_one(cls, value: str | None) -> str | None:
        return None if value is None else str(Shard.named(value))

    @property
    def part(self) -> Shard:
        """The share of the input; all of it where none is named."""
        return WHOLE if self.shard is None else Shard.named(self.shard)


class RolesConfig(ModelConfig):
    """The same for verbs whose roles may have models of their own. role_names: the roles that there are."""

    role_names: ClassVar[tuple[Role, ...]]

    roles: dict[Role, RoleModel] = Field({}, description="models of single roles")

    @model_validator(mode="after")
    def _roles_are_known(self) -> Self:
        unknown = [role.value for role in self.roles if role not in self.role_names]
        if unknown:
            known = ", ".join(role.value for role in self.role_names)
            raise ValueError(f"roles: there is no role {unknown[0]!r} here; roles are {known}")
        return self

    def spec(self, role: Role) -> ModelSpec:
        """The model of one role."""
        return self.spec_of(self.roles.get(role))


def config_of(kind: type[ConfigT], values: Mapping[str, Any], verb: str) -> ConfigT:
    """The configuration that a verb's options make. Raises UserError where one does not fit."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise UserError(misfit(error), remedy=f"See proutt {verb} --help.") from None


def misfit(error: ValidationError) -> str:
    """The first value that does not fit, and why, in a sentence."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}."


def schema_of(kind: type[RolesConfig], verb: str) -> dict[str, Any]:
    """The JSON Schema of a verb's configuration file."""
    schema = kind.model_json_schema()
    schema["properties"]["roles"]["propertyNames"] = {"enum": [role.value for role in kind.role_names]}
    schema["$defs"].pop("Role", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"Configuration of proutt {verb}",
    }
