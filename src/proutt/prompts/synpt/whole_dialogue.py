"""The one-agent baseline (SynPT IV-A): one call writes both sides of a dialogue, with the user's values in sight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.agent_step import AgentStep
from proutt.prompts.synpt.answering import Option
from proutt.prompts.synpt.intentions import given_type
from proutt.prompts.synpt.material import task_text, values_text
from proutt.prompts.synpt.saying import (
    OPTIONS,
    REPLY_CHARS,
    UTTERANCE_CHARS,
    options_problem,
    problem,
    reply_problem,
    said_problem,
)


@lru_cache(maxsize=64)
def _answer_model(keys: tuple[str, ...], most: int) -> type[BaseModel]:
    utterance: Any = (str, Field(min_length=1, max_length=UTTERANCE_CHARS))
    key: Any = Literal[keys]
    turn: Any = create_model(
        "WrittenTurn",
        __base__=Answer,
        utterance=utterance,
        ask=(key, ...),
        options=(list[Option], Field(min_length=OPTIONS, max_length=OPTIONS)),
        reply=(str, Field(min_length=1, max_length=REPLY_CHARS)),
    )
    turns: Any = Annotated[list[turn], Field(max_length=most)]
    return create_model(
        "WrittenDialogue",
        __base__=Answer,
        turns=(turns, ...),
        last_utterance=utterance,
        summary=(given_type(keys), ...),
    )


@dataclass(frozen=True, kw_only=True)
class WholeDialogue(AgentStep[Any]):
    """A dialogue and its summary, of task and values. Not a step of the assistant agent: it knows what the user wants.

    values  (intention, value) of all intentions
    """

    name: ClassVar[str] = "whole-dialogue"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    system: ClassVar[str] = "synpt/system_writer"
    temperature: ClassVar[float] = 0.7

    values: tuple[tuple[str, str], ...]

    def dialogue(self) -> str:
        return task_text(self.task)

    def instruction(self) -> str:
        return self.text(
            "whole_dialogue",
            values=values_text(self.task, self.values),
            turns=str(self.task.turns),
            asking=str(self.task.turns - 1),
            any=self.task.any_value,
        )

    def answer_model(self) -> type[BaseModel]:
        return _answer_model(self.task.keys, self.task.turns - 1)

    def max_tokens(self) -> int:
        return 400 + 350 * self.task.turns

    def problems(self, answer: Any) -> list[str]:
        values = tuple(value for _, value in self.values)
        keys = [each.intention for each in answer.summary]

        def turn(each: Any) -> str | None:
            return (
                said_problem(each.utterance, "“utterance”", self.language, values)
                or options_problem(self.task, each.options)
                or reply_problem(self.task, each.reply, each.options, values)
            )

        def twice() -> str | None:
            key = next((key for at, key in enumerate(keys) if key in keys[:at]), None)
            return None if key is None else problem("twice", self.language, text=self.task.name_of(key))

        return first_problem(
            [
                *(lambda each=each: turn(each) for each in answer.turns),
                lambda: said_problem(answer.last_utterance, "“last_utterance”", self.language, values),
                twice,
            ]
        )

    def summary_of(self, answer: Any) -> dict[str, str]:
        """Intention → value as the dialogue sums up, in the task's order."""
        given = {each.intention: " ".join(each.value.split()) for each in answer.summary}
        return {key: given[key] for key in self.task.keys if key in given}
