"""What the user agent says: an initial inquiry (SynPT III-C), and answers with emotion thinking (III-E).

Probability control and the memory of what was told are done before a step is made: it holds only the values that are
to be told, so the user cannot tell others. The rest is there for the checks alone, and reaches no prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from proutt.dialogue import Turn
from proutt.prompts.step import Answer, first_problem
from proutt.prompts.synpt.agent_step import UserStep
from proutt.prompts.synpt.inventing import made_up_problem
from proutt.prompts.synpt.material import names_text, one_line, plainly_named, said_text, values_text
from proutt.prompts.synpt.saying import (
    REASONING_CHARS,
    UTTERANCE_CHARS,
    asks_as_assistant,
    problem,
    said_problem,
    telling_problem,
    thought_problem,
    without,
)

Values = tuple[tuple[str, str], ...]


class UtteranceAnswer(Answer):
    utterance: str = Field(min_length=1, max_length=UTTERANCE_CHARS)


class FeltUtteranceAnswer(Answer):
    """Emotion thinking first, then what is said."""

    reasoning: str = Field(min_length=1, max_length=REASONING_CHARS)
    utterance: str = Field(min_length=1, max_length=UTTERANCE_CHARS)


class ReluctantAnswer(Answer):
    """The same of a user who grows tired of questions: what they decide comes before the words that say it."""

    reasoning: str = Field(min_length=1, max_length=REASONING_CHARS)
    unwilling: bool
    utterance: str = Field(min_length=1, max_length=UTTERANCE_CHARS)


@dataclass(frozen=True, kw_only=True)
class UserUtteranceStep(UserStep[Any]):
    """What the user's steps share.

    told      (intention, value) that the utterance states
    withheld  the other values, to check that it states none of them; in no prompt
    """

    told: Values
    withheld: Values = field(default=(), repr=False)

    def voice_problem(self, utterance: str) -> str | None:
        """What is wrong with it as words of a user."""
        values = tuple(value for _, value in self.told)
        found = said_problem(utterance, "“utterance”", self.language, values)
        if found is None and asks_as_assistant(without(utterance, values)):
            return problem("voice", self.language, text=utterance)
        return found


@dataclass(frozen=True, kw_only=True)
class Inquire(UserUtteranceStep):
    """The initial inquiry: of the chosen intentions (equation 11), or of as many as the model likes (equation 5).

    free  whether the model chooses which of the values it tells
    """

    name: ClassVar[str] = "inquire"

    free: bool = False

    def instruction(self) -> str:
        task, values = one_line(self.task.name), values_text(self.task, self.told)
        if self.free:
            return self.text("inquire_freely", task=task, values=values, any=self.task.any_value)
        others = names_text(self.task, [key for key, _ in self.withheld])
        if not self.told:
            return self.text("inquire_nothing", task=task, others=others)
        return self.text("inquire", task=task, values=values, others=others, any=self.task.any_value)

    def answer_model(self) -> type[BaseModel]:
        return UtteranceAnswer

    def max_tokens(self) -> int:
        return 250

    def problems(self, answer: Any) -> list[str]:
        def telling() -> str | None:
            return None if self.free else telling_problem(self.task, answer.utterance, self.told, self.withheld)

        def inventing() -> str | None:
            return made_up_problem(self.task, answer.utterance, [value for _, value in self.told])

        return first_problem([lambda: self.voice_problem(answer.utterance), telling, inventing])


@dataclass(frozen=True, kw_only=True)
class ReplyAsUser(UserUtteranceStep):
    """What the user says to the last reply (equations 3 and 15).

    past       all that was said; the last reply is to be answered
    asked      the intention that it asks for, whose value alone is told; None where nobody knows: all are in `told`,
               and the user is to tell what is asked
    reluctant  whether it is one who grows tired of questions; no other is told of tiring
    """

    name: ClassVar[str] = "reply"

    past: tuple[Turn, ...]
    asked: str | None
    reluctant: bool

    def instruction(self) -> str:
        said = said_text(self.past, None, language=self.language, budget=self.budget)
        values = values_text(self.task, self.told)
        name = "reply_freely" if self.asked is None else "reply"
        asked = {} if self.asked is None else {"asked": plainly_named(self.task, self.asked)}
        feeling = self.text("tired", count=str(len(self.past))) if self.reluctant else self.text("patient")
        return self.text(
            name,
            task=one_line(self.task.name),
            said=said,
            values=values,
            feeling=feeling,
            any=self.task.any_value,
            **asked,
        )

    def answer_model(self) -> type[BaseModel]:
        return ReluctantAnswer if self.reluctant else FeltUtteranceAnswer

    def max_tokens(self) -> int:
        return 450

    def problems(self, answer: Any) -> list[str]:
        values = tuple(value for _, value in self.told)

        def telling() -> str | None:
            if self.asked is None:
                return None
            before = "\n".join(f"{each.user}\n{each.assistant}" for each in self.past)
            return telling_problem(self.task, answer.utterance, self.told, self.withheld, before)

        def saying_so() -> str | None:
            bare = not any(each.isalnum() for each in without(answer.utterance, values))
            return problem("bare", self.language) if self.unwilling(answer) and bare else None

        return first_problem(
            [
                lambda: thought_problem(answer.reasoning, "“reasoning”", self.language, values),
                lambda: self.voice_problem(answer.utterance),
                telling,
                saying_so,
            ]
        )

    def unwilling(self, answer: Any) -> bool:
        """Whether the user wants no more questions."""
        return self.reluctant and bool(answer.unwilling)
