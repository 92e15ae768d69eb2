"""What `proutt evaluate upc` can be told, and which models that makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from pydantic import Field, ValidationError

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.evaluation.upc.record import Baseline, Failed
from proutt.intent.persona import Persona
from proutt.llm import ModelSpec
from proutt.methods.upc.settings import UPCSettings
from proutt.prompts import Role
from proutt.runs.model_config import ModelConfig, RoleModel
from proutt.simulation.upc.personas import read_personas

#: Who is asked: the chatbot under test, the user agent, the critic.
ROLES = (Role.ASSISTANT_AGENT, Role.USER_AGENT, Role.CRITIC)
#: As which the model is opened that measures perplexity.
PERPLEXITY = Role.JUDGE


class UPCEvaluateConfig(ModelConfig):
    """Everything that such an evaluation can be told. `model` and its address are the chatbot's under test. None means
    "as suits"."""

    inputs: list[str] = Field([], description="files of test personas, folders, or -")
    language: str | None = Field(None, description="of the personas, ISO 639-1; told from each one by default")
    limit: int | None = Field(None, ge=1, description="most personas to take")
    strict: bool = Field(False, description="stop at the first bad record")
    unseen_from: list[str] = Field(
        [], description="runs or files of personas that the chatbot was trained with: none of them may be tested on"
    )
    system: str | None = Field(None, min_length=1, description="what the chatbot is called in tables")
    baseline: Baseline = Field("plain", description="how it is asked: as in the corpus, or by a baseline's prompt")
    user_model: str | None = Field(None, min_length=1, description="the model that plays the users")
    user_base_url: str | None = None
    user_api_key_env: str | None = None
    critic_model: str | None = Field(None, min_length=1, description="the model that scores; by default the user's")
    critic_base_url: str | None = None
    critic_api_key_env: str | None = None
    perplexity_model: str | None = Field(None, min_length=1, description="measures perplexity; none by default")
    perplexity_base_url: str | None = None
    perplexity_api_key_env: str | None = None
    turns: int = Field(5, ge=2, le=50, description="T: turns of a dialogue, greeting and self-introduction counted")
    repeats: int = Field(1, ge=1, le=100, description="dialogues with each persona")
    failed: Failed = Field("lowest", description="what turns count as that the chatbot failed to answer")
    temperature_chatbot: float = Field(0.75, ge=0, le=2)
    temperature_user: float = Field(0.75, ge=0, le=2)
    temperature_critic: float = Field(0.0, ge=0, le=2)
    small_steps: bool | None = Field(None, description="one small question a call, for small users and critics")
    seed: int = 0

    def spec(self, role: Role) -> ModelSpec:
        """The model of a role. A key travels to no other address than the one it was named for."""
        return self.spec_of(self._own(role))

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        """Role → its model."""
        roles = ROLES if self.perplexity_model is None else (*ROLES, PERPLEXITY)
        return {role: self.spec(role) for role in roles}

    def resolved(self) -> UPCEvaluateConfig:
        """The same with what follows from the rest decided. Raises UserError where no model plays the users."""
        if self.user_model is None:
            raise UserError(
                "no model plays the users.", remedy="Give --user-model MODEL, e.g. the strongest that you have."
            )
        named = self.model if self.baseline == "plain" else f"{self.baseline} ({self.model})"
        weak = any(self.spec(role).embedded for role in (Role.USER_AGENT, Role.CRITIC))
        embedded = any(spec.embedded for spec in self.specs.values())
        return self.model_copy(
            update={
                "system": self.system or named,
                "small_steps": weak if self.small_steps is None else self.small_steps,
                "concurrency": self.calls_in_flight(embedded=embedded),
            }
        )

    def settings(self) -> UPCSettings:
        """The method's parameters: the critic scores every response, and none is written again."""
        return UPCSettings(
            turns=self.turns,
            regenerations=0,
            threshold=1,
            temperature_chatbot=self.temperature_chatbot,
            temperature_user=self.temperature_user,
            temperature_critic=self.temperature_critic,
            seed=self.seed,
            small_steps=bool(self.resolved().small_steps),
        )

    def personas(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[Persona]:
        """The test personas; what is left out goes into the report. Raises UserError as `read_personas`."""
        return read_personas(
            self.inputs, report, language=self.language, strict=self.strict, limit=self.limit, stdin=stdin
        )

    def _own(self, role: Role) -> RoleModel | None:
        if role is Role.ASSISTANT_AGENT:
            return None
        if role is Role.CRITIC and self.critic_model is not None:
            named = (self.critic_model, self.critic_base_url, self.critic_api_key_env)
        elif role is PERPLEXITY:
            named = (self.perplexity_model or self.model, self.perplexity_base_url, self.perplexity_api_key_env)
        else:
            named = (self.user_model or self.model, self.user_base_url, self.user_api_key_env)
        model, base_url, api_key_env = named
        return RoleModel(model=model, base_url=base_url, api_key_env=api_key_env)


def upc_evaluate_config_of(values: Mapping[str, Any]) -> UPCEvaluateConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    try:
        return UPCEvaluateConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{place}: {first['msg']}.", remedy="See proutt evaluate upc --help.") from None
