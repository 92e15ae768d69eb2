"""What a step of one of SynPT's agents is. Each agent has a system prompt of its own, and the assistant's agent never
sees a seed: that is the barrier between what a user wants and who has to find it out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from proutt.intent.task import Seed, Task
from proutt.llm.chat import Message
from proutt.prompts.step import AnswerT, Role, Step, language_name
from proutt.prompts.synpt.material import behind_marks
from proutt.prompts.template import fill, prompt_language, template

#: Most tokens of what was said before in a prompt, where nobody sets it: far more than these dialogues have.
HISTORY_TOKENS = 6000


@dataclass(frozen=True, kw_only=True)
class AgentStep(Step[AnswerT]):
    """A step over a task.

    budget  most tokens that all that was said may take; one text of it takes at most an eighth
    """

    system: ClassVar[str]

    budget: int = HISTORY_TOKENS
    task: Task

    @property
    def language(self) -> str:
        return self.task.language

    def dialogue(self) -> str:
        """The task, where a step needs it: the same for all steps and turns, so that the longest prefix is shared."""
        return ""

    def messages(self) -> tuple[Message, ...]:
        system = fill(template(self.system, prompt_language(self.language)), language=language_name(self.language))
        parts = (self.dialogue(), self.instruction())
        return (Message("system", system), Message("user", "\n\n".join(part for part in parts if part)))

    def text(self, name: str, **into: str) -> str:
        """The step's text in the task's language, filled."""
        return fill(template(f"synpt/{name}", prompt_language(self.language)), **into)

    def quoted(self, text: str) -> str:
        """Something said, as material: behind marks, its middle left out where it is far too long."""
        return behind_marks(text, most=self.budget // 8)


@dataclass(frozen=True, kw_only=True)
class UserStep(AgentStep[AnswerT]):
    """The user agent speaks. More diverse than the paper's 0.01, or all users would word a task alike."""

    system: ClassVar[str] = "synpt/system_user"
    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 0.7


@dataclass(frozen=True, kw_only=True)
class AssistantStep(AgentStep[AnswerT]):
    """The assistant agent thinks or speaks. A seed in any field is a TypeError."""

    system: ClassVar[str] = "synpt/system_assistant"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            _refuse_seed(field.name, getattr(self, field.name))


def _refuse_seed(name: str, value: Any) -> None:
    if isinstance(value, Seed):
        raise TypeError(f"a step of the assistant agent was given a seed as {name}: it may only see what was said")
    if isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            _refuse_seed(name, each)
