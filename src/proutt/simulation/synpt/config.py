"""What `proutt simulate synpt` can be told: its configuration file, and the `run.yaml` of its run directory.

The JSON Schema of the configuration file ships beside this module (`config.schema.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.intent.task import Seed, Task
from proutt.methods.synpt.settings import Ablation, Method, SynPTSettings
from proutt.prompts import Role
from proutt.runs.model_config import RolesConfig, ShardedConfig, config_of, schema_of
from proutt.simulation.synpt.seeds import read_seeds
from proutt.simulation.synpt.tasks import SHIPPED, read_tasks, shipped_tasks

#: The roles of SynPT's two agents.
ROLES = (Role.USER_AGENT, Role.ASSISTANT_AGENT)


class SynPTConfig(ShardedConfig, RolesConfig):
    """Everything that a run of SynPT can be told. None means "as suits the model"."""

    role_names: ClassVar[tuple[Role, ...]] = ROLES

    inputs: list[str] = Field([], description="files of seeds, folders, or -")
    tasks: str | None = Field(None, description="task file; the tasks that ship with proutt by default")
    language: str | None = Field(None, description="of the tasks that ship, en or zh; both by default")
    limit: int | None = Field(None, ge=1, description="most seeds to take")
    share: float | None = Field(None, gt=0, le=1, description="share of the seeds to take, by chance (Table VI)")
    strict: bool = Field(False, description="stop at the first bad record")
    method: Method = Field("synpt", description="SynPT, or a method that it is compared with (Table III)")
    ablate: list[Ablation] = Field([], description="components left out (Table VII)")
    reflection: bool = Field(False, description="let intention thinking be looked at again (Table X)")
    reluctant: float = Field(0.33, ge=0, le=1, description="share of users who grow tired of questions")
    require_valid: bool = Field(False, description="make a dialogue again where a check flags it")
    valid_tries: int = Field(3, ge=1, le=10, description="most dialogues of a seed under require_valid")
    small_steps: bool | None = Field(None, description="one small question a call, for small models")
    seed: int = 0

    @property
    def embedded(self) -> bool:
        """Whether one of the agents is an embedded model: then the defaults of weak models apply."""
        return any(self.spec(role).embedded for role in ROLES)

    def resolved(self) -> SynPTConfig:
        """The same with every None that depends on the model decided."""
        small = self.embedded if self.small_steps is None else self.small_steps
        concurrency = self.calls_in_flight(embedded=self.embedded)
        return self.model_copy(update={"small_steps": small, "concurrency": concurrency})

    def settings(self) -> SynPTSettings:
        """The method's parameters. Raises UserError where they contradict each other."""
        needless = {"ablate": bool(self.ablate), "reflection": self.reflection}
        for name, there in needless.items():
            if there and self.method != "synpt":
                raise UserError(f"{name}: {self.method} has no such steps.", remedy=f"Leave --{name} out.")
        return SynPTSettings(
            method=self.method,
            ablate=tuple(dict.fromkeys(self.ablate)),
            reflection=self.reflection,
            reluctant=self.reluctant,
            seed=self.seed,
            require_valid=self.require_valid,
            valid_tries=self.valid_tries,
            small_steps=bool(self.resolved().small_steps),
        )

    def read_tasks(self) -> tuple[Task, ...]:
        """The tasks that seeds may name. Raises UserError, naming file and line, where the file is not right."""
        if self.tasks is not None:
            if self.language is not None:
                raise UserError(
                    "--language chooses among the tasks that ship; a task file says its own language.",
                    where="--language",
                    remedy="Leave it out, or --tasks.",
                )
            return read_tasks(Path(self.tasks))
        languages = SHIPPED if self.language is None else (self.language,)
        return tuple(task for language in languages for task in shipped_tasks(language))

    def seeds(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[Seed]:
        """The seeds of the inputs; what is left out goes into the report. Raises UserError as `read_seeds` does."""
        found = read_seeds(self.inputs, self.read_tasks(), report, strict=self.strict, stdin=stdin)
        share = 1.0 if self.share is None else self.share
        return islice((seed for seed in found if _place(seed, self.seed) < share), self.limit)


def _place(seed: Seed, number: int) -> float:
    """0 <= place < 1, by the seed's id alone: what a smaller share takes, a larger one takes, too."""
    return Random(f"{number}/{seed.id}/share").random()


def synpt_config_of(values: Mapping[str, Any]) -> SynPTConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(SynPTConfig, values, "simulate synpt")


def synpt_config_schema() -> dict[str, Any]:
    """The JSON Schema of the configuration file, as it ships in `config.schema.json`."""
    return schema_of(SynPTConfig, "simulate synpt")
