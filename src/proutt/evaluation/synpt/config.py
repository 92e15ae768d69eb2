"""What `proutt evaluate synpt` can be told, and which models that makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.evaluation.synpt.record import Failed
from proutt.evaluation.synpt.subjects import SubjectKind
from proutt.intent.task import Seed, Task
from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.runs.model_config import ModelConfig, RoleModel, config_of
from proutt.simulation.synpt.seeds import read_seeds
from proutt.simulation.synpt.tasks import SHIPPED, read_tasks, shipped_tasks

#: What `judge` says where nothing is to be judged.
NO_JUDGE = "none"


class EvaluateConfig(ModelConfig):
    """Everything that such an evaluation can be told. None means "as suits". `model`: the one under test.

    User and judge are named by fields of their own, not under `roles`: an evaluation has no model of all, the judge may
    be none, and by default it is the user's.
    """

    inputs: list[str] = Field([], description="files of seeds")
    tasks: str | None = Field(None, description="task file; the shipped tasks of `language` where there is none")
    language: str | None = Field(None, description="of the shipped tasks, en or zh; both by default")
    per_task: int | None = Field(20, ge=1, description="most seeds of a task; drawn by `seed`")
    inquiries: str | None = Field(None, description="inquiries.jsonl of an earlier evaluation, or its folder")
    strict: bool = Field(False, description="stop at the first bad seed")
    subject: SubjectKind = Field("plain", description="how the model under test is talked to")
    system: str | None = Field(None, min_length=1, description="what it is called in tables")
    user_model: str | None = Field(None, min_length=1, description="the model that plays the user")
    user_base_url: str | None = None
    user_api_key_env: str | None = None
    judge: str | None = Field(None, min_length=1, description="the model that judges; by default the user's; or none")
    judge_base_url: str | None = None
    judge_api_key_env: str | None = None
    repeats: int = Field(1, ge=1, le=100, description="dialogues of each test case")
    temperature: float = Field(0.01, ge=0, le=2, description="of the model under test; the paper has 0.01")
    emotions: bool = Field(False, description="measure how it takes unwilling users, too (V-B)")
    options: bool = Field(False, description="score its reference options, too (V-C)")
    failed: Failed = Field("wrong", description="how dialogues count in which the model under test failed")
    small_steps: bool | None = Field(None, description="one small question a call; None: where a model is embedded")
    seed: int = 0

    @property
    def judges(self) -> bool:
        """Whether there is a judge."""
        return self.judge != NO_JUDGE

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        """Role → its model: the one under test, the user's, the judge's where there is one."""
        under_test = self._reached_at(self.model, self.base_url, self.api_key_env)
        user_model = self.user_model or self.model
        user = self._reached_at(user_model, *self._reached(user_model, self.user_base_url, self.user_api_key_env))
        found = {Role.ASSISTANT_AGENT: under_test, Role.USER_AGENT: user}
        if self.judge is None:
            found[Role.JUDGE] = user
        elif self.judges:
            found[Role.JUDGE] = self._reached_at(
                self.judge, *self._reached(self.judge, self.judge_base_url, self.judge_api_key_env)
            )
        return found

    def small(self, role: Role) -> bool:
        """Whether a role's agent is asked in small steps."""
        return self.specs[role].embedded if self.small_steps is None else self.small_steps

    def resolved(self) -> EvaluateConfig:
        """The same with what follows from the rest decided. Raises UserError where no model plays the user."""
        if self.user_model is None:
            raise UserError("no model plays the user.", remedy="Give --user-model MODEL, e.g. the strongest you have.")
        in_flight = self.calls_in_flight(embedded=any(spec.embedded for spec in self.specs.values()))
        named = self.system or f"{self.subject} ({self.model})"
        return self.model_copy(update={"system": named, "concurrency": in_flight})

    def read_tasks(self) -> tuple[Task, ...]:
        """The tasks that seeds may name. Raises UserError."""
        if self.tasks is not None:
            return read_tasks(Path(self.tasks))
        languages = SHIPPED if self.language is None else (self.language,)
        return tuple(task for language in languages for task in shipped_tasks(language))

    def read_seeds(self, report: ReadingReport) -> list[Seed]:
        """The seeds; what is left out goes into the report. Raises UserError."""
        return list(read_seeds(self.inputs, self.read_tasks(), report, strict=self.strict))

    def _reached(self, model: str, base_url: str | None, api_key_env: str | None) -> tuple[str | None, str | None]:
        """Where a further model is: at the first one's address where none is named. Keys do not travel to others."""
        if ModelSpec(model=model).embedded:
            return None, None
        if base_url is None or base_url == self.base_url:
            return self.base_url, api_key_env or self.api_key_env
        return base_url, api_key_env or ""

    def _reached_at(self, model: str, base_url: str | None, api_key_env: str | None) -> ModelSpec:
        embedded = ModelSpec(model=model).embedded
        return self._spec(
            RoleModel(
                model=model,
                base_url=None if embedded else base_url,
                api_key_env=None if embedded else api_key_env,
                context_tokens=self.context_tokens,
                thinking_tokens=0 if embedded else self.thinking_tokens,
            )
        )


def evaluate_config_of(values: Mapping[str, Any]) -> EvaluateConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(EvaluateConfig, values, "evaluate synpt")
