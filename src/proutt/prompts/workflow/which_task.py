"""Which of the known tasks a chat is about, if any: the agent workflow has to know before it mines intentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import create_model

from proutt.dialogue import Turn
from proutt.intent.task import Task
from proutt.prompts.context import dialogue_text
from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.template import fill, prompt_language, template

#: What is answered where the chat is about none of the tasks.
NONE = "none"


class TaskAnswer(Answer):
    task: str


@dataclass(frozen=True, kw_only=True)
class WhichTask(Step[TaskAnswer]):
    """The task that the user's last message belongs to.

    tasks      one or more, of different names
    past       (utterance, reply) of each turn before, those of the task at most
    utterance  what the user says now
    """

    name: ClassVar[str] = "which-task"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.0

    tasks: tuple[Task, ...]
    past: tuple[tuple[str, str], ...]
    utterance: str
    spoken: str

    @property
    def language(self) -> str:
        return self.spoken

    def dialogue(self) -> str:
        turns = [Turn(said, reply) for said, reply in self.past]
        return dialogue_text(turns, language=self.language, budget=self.budget, last_utterance=self.utterance)

    def instruction(self) -> str:
        language = prompt_language(self.language)
        return fill(template("workflow/which_task", language), tasks=_listed(self.tasks, language), none=f'"{NONE}"')

    def answer_model(self) -> type[TaskAnswer]:
        known: Any = Literal[(*(task.name for task in self.tasks), NONE)]
        return create_model("WhichTaskAnswer", __base__=TaskAnswer, task=(known, ...))

    def max_tokens(self) -> int:
        return 60


def _listed(tasks: Sequence[Task], language: str) -> str:
    """A line each: the name, and what has to be known for it."""
    comma, colon = ("、", "：") if language == "zh" else (", ", ": ")
    return "\n".join(f'- "{task.name}"{colon}{comma.join(each.name for each in task.intentions)}' for task in tasks)
