"""`--tasks` of the verbs that talk: tasks that ship, by their language, or a task file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proutt.intent.task import Task


def tasks_named(named: str) -> tuple[Task, ...]:
    """The tasks of "en", "zh" or a file. Raises UserError where there is no such file, or it is not right."""
    from proutt.simulation.synpt.tasks import SHIPPED, read_tasks, shipped_tasks

    return shipped_tasks(named) if named in SHIPPED else read_tasks(Path(named))
