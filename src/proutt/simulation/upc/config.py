"""What `proutt simulate upc` can be told: its configuration file, and the `run.yaml` of its run directory.

The JSON Schema of the configuration file ships beside this module (`config.schema.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from proutt.dialogue import ReadingReport
from proutt.intent.persona import Persona
from proutt.methods.upc.settings import Strategy, UPCSettings
from proutt.prompts import Role
from proutt.runs.model_config import RolesConfig, ShardedConfig, config_of, schema_of
from proutt.simulation.upc.personas import read_personas

#: The chatbot is the assistant agent.
ROLES = (Role.ASSISTANT_AGENT, Role.USER_AGENT, Role.CRITIC)


class UPCConfig(ShardedConfig, RolesConfig):
    """Everything that a run of UPC can be told. None means "as suits the model"."""

    role_names: ClassVar[tuple[Role, ...]] = ROLES

    inputs: list[str] = Field([], description="files of personas, folders, or -")
    language: str | None = Field(None, description="of the personas, ISO 639-1; told from each one by default")
    limit: int | None = Field(None, ge=1, description="most personas to take")
    strict: bool = Field(False, description="stop at the first bad record")
    strategy: Strategy = Field("guided", description="with the critic, or without (Table 2)")
    turns: int = Field(5, ge=2, le=50, description="T: turns of a dialogue, greeting and self-introduction counted")
    regenerations: int = Field(3, ge=0, le=20, description="R: most regenerations of a response")
    threshold: int = Field(4, ge=1, le=5, description="a response with a score below it is written again")
    temperature_chatbot: float = Field(0.75, ge=0, le=2)
    temperature_user: float = Field(0.75, ge=0, le=2)
    temperature_critic: float = Field(0.0, ge=0, le=2)
    small_steps: bool | None = Field(None, description="one small question a call, for small models")
    seed: int = 0

    @property
    def roles_asked(self) -> tuple[Role, ...]:
        """The roles that the strategy has."""
        return ROLES if self.strategy == "guided" else ROLES[:2]

    @property
    def embedded(self) -> bool:
        """Whether one of the roles is an embedded model: then the defaults of weak models apply."""
        return any(self.spec(role).embedded for role in self.roles_asked)

    def resolved(self) -> UPCConfig:
        """The same with every None that depends on the model decided.

        Small questions are for the user agent and the critic; a small chatbot alone, as a curriculum trains one, needs
        none.
        """
        asked = any(self.spec(role).embedded for role in self.roles_asked if role is not Role.ASSISTANT_AGENT)
        small = asked if self.small_steps is None else self.small_steps
        concurrency = self.calls_in_flight(embedded=self.embedded)
        return self.model_copy(update={"small_steps": small, "concurrency": concurrency})

    def settings(self) -> UPCSettings:
        """The method's parameters."""
        names = set(UPCSettings.model_fields) - {"small_steps"}
        own = {name: getattr(self, name) for name in names}
        return UPCSettings(**own, small_steps=bool(self.resolved().small_steps))

    def personas(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[Persona]:
        """The personas of the inputs; what is left out goes into the report. Raises UserError as `read_personas`."""
        return read_personas(
            self.inputs, report, language=self.language, strict=self.strict, limit=self.limit, stdin=stdin
        )


def upc_config_of(values: Mapping[str, Any]) -> UPCConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(UPCConfig, values, "simulate upc")


def upc_config_schema() -> dict[str, Any]:
    """The JSON Schema of the configuration file, as it ships in `config.schema.json`."""
    return schema_of(UPCConfig, "simulate upc")
