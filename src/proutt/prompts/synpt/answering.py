"""Reference options and the reply that offers them, in one answer: options thinking comes first (SynPT III-F)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from proutt.intent.intention_state import IntentionState
from proutt.prompts.step import Answer, first_problem
from proutt.prompts.synpt.agent_step import AssistantStep
from proutt.prompts.synpt.material import meaning_text, one_line, plainly_named, values_text
from proutt.prompts.synpt.saying import (
    OPTION_CHARS,
    OPTIONS,
    REASONING_CHARS,
    REPLY_CHARS,
    options_problem,
    reply_problem,
    thought_problem,
)

Option = Annotated[str, Field(min_length=1, max_length=OPTION_CHARS)]


class OfferAnswer(Answer):
    reasoning: str = Field(min_length=1, max_length=REASONING_CHARS)
    options: list[Option] = Field(min_length=OPTIONS, max_length=OPTIONS)
    reply: str = Field(min_length=1, max_length=REPLY_CHARS)


@dataclass(frozen=True, kw_only=True)
class Answering(AssistantStep[OfferAnswer]):
    """V of equation (17), from S_i and T_i, and the words that ask for T_i.

    state    S_i
    ask      T_i
    feeling  what emotion thinking found
    """

    name: ClassVar[str] = "answer"
    temperature: ClassVar[float] = 0.3

    state: IntentionState
    ask: str
    feeling: str
    utterance: str

    def instruction(self) -> str:
        return self.text(
            "answer",
            task=one_line(self.task.name),
            state=values_text(self.task, self.state.given),
            asked=plainly_named(self.task, self.ask),
            meaning=meaning_text(self.task, self.ask),
            utterance=self.quoted(self.utterance),
            feeling=self.quoted(self.feeling),
            any=self.task.any_value,
        )

    def answer_model(self) -> type[OfferAnswer]:
        return OfferAnswer

    def max_tokens(self) -> int:
        return 700

    def problems(self, answer: OfferAnswer) -> list[str]:
        quoting = (*self.state.values.values(), *answer.options)
        return first_problem(
            [
                lambda: thought_problem(answer.reasoning, "“reasoning”", self.language, quoting),
                lambda: options_problem(self.task, answer.options),
                lambda: reply_problem(self.task, answer.reply, answer.options, self.state.values.values()),
            ]
        )
