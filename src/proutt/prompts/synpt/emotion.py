"""The assistant agent's emotion thinking: is the user willing to go on (SynPT III-E, equation 16)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from proutt.prompts.step import Answer, first_problem
from proutt.prompts.synpt.agent_step import AssistantStep
from proutt.prompts.synpt.saying import REASONING_CHARS, thought_problem


class EmotionAnswer(Answer):
    reasoning: str = Field(min_length=1, max_length=REASONING_CHARS)
    willing: bool


@dataclass(frozen=True, kw_only=True)
class Feel(AssistantStep[EmotionAnswer]):
    """E: of the last utterance alone, as in the paper."""

    name: ClassVar[str] = "feel"

    utterance: str

    def instruction(self) -> str:
        return self.text("feel", utterance=self.quoted(self.utterance))

    def answer_model(self) -> type[EmotionAnswer]:
        return EmotionAnswer

    def max_tokens(self) -> int:
        return 350

    def problems(self, answer: EmotionAnswer) -> list[str]:
        return first_problem(
            [lambda: thought_problem(answer.reasoning, "“reasoning”", self.language, (self.utterance,))]
        )
