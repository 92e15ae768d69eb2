"""What `proutt simulate synpt-seeds` can be told; the `run.yaml` of its run directory."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from proutt.errors import UserError
from proutt.intent.task import Task
from proutt.runs.model_config import ModelConfig, config_of
from proutt.simulation.synpt.tasks import plain_name, read_tasks, shipped_tasks

#: Seeds of a round: what an embedded model writes without repeating itself, and what a strong one does.
_SMALL_ROUND, _ROUND = 3, 10


class GrowingConfig(ModelConfig):
    """Everything that a run that grows seeds can be told. None means "as suits the model"."""

    inputs: list[str] = Field([], description="files of seeds that are there already: none like them is written")
    tasks: str | None = Field(None, description="task file; the tasks that ship with proutt by default")
    language: str | None = Field(None, description="of the tasks that ship, en or zh; en by default")
    task: list[str] = Field([], description="names of the tasks to grow seeds for; all by default")
    count: int = Field(20, ge=1, le=100_000, description="new seeds for each task")
    per_round: int | None = Field(None, ge=1, le=30, description="seeds a call; default 10, embedded 3")
    strict: bool = Field(False, description="stop at the first bad record of the seeds that are there")
    seed: int = 0

    def resolved(self) -> GrowingConfig:
        """The same with every None that depends on the model decided."""
        embedded = self.model_of_all.embedded
        per_round = self.per_round or (_SMALL_ROUND if embedded else _ROUND)
        concurrency = self.calls_in_flight(embedded=embedded)
        return self.model_copy(update={"per_round": per_round, "concurrency": concurrency})

    def read_tasks(self) -> tuple[Task, ...]:
        """All tasks of the file. Raises UserError, naming file and line, where it is not right."""
        if self.tasks is None:
            return shipped_tasks(self.language or "en")
        if self.language is not None:
            raise UserError("--language is for the tasks that ship: a task file says its own.", remedy="Leave it out.")
        return read_tasks(Path(self.tasks))

    def chosen_tasks(self) -> tuple[Task, ...]:
        """The tasks to grow seeds for, in the file's order. Raises UserError where one is not there."""
        tasks = self.read_tasks()
        names = {plain_name(name): task for task in tasks for name in (task.name, *task.also)}
        for each in self.task:
            if plain_name(each) not in names:
                nearest = difflib.get_close_matches(plain_name(each), names, n=1)
                known = f"Did you mean {names[nearest[0]].name!r}?" if nearest else f"There are: {_listed(tasks)}."
                raise UserError(f"there is no task {each!r}.", where="--task", remedy=known)
        chosen = {names[plain_name(each)].name for each in self.task}
        return tuple(task for task in tasks if not chosen or task.name in chosen)


def growing_config_of(values: Mapping[str, Any]) -> GrowingConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    return config_of(GrowingConfig, values, "simulate synpt-seeds")


def _listed(tasks: tuple[Task, ...]) -> str:
    return ", ".join(task.name for task in tasks)
