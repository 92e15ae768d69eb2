"""The critic: three scores for a response, each after its reason, and advice for the chatbot (UPC 4.1, equation 1).

It sees the background, what was said before, and the response. A reason comes before its number, so that the number
rests on it. What it writes for the chatbot is apart from its reasons, for these may quote the background; what of the
advice the chatbot gets to read is decided by `methods/upc/barrier.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from pydantic import Field

from proutt.intent.persona import Persona
from proutt.llm.chat import Message
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.material import behind_marks, one_line
from proutt.prompts.synpt.saying import thought_problem
from proutt.prompts.upc.heard import ASPECTS
from proutt.prompts.upc.saying import ADVICE_CHARS, REASON_CHARS
from proutt.prompts.upc.upc_step import UPCStep, background_text, said_text


class AspectAnswer(Answer):
    reason: str = Field(min_length=1, max_length=REASON_CHARS)
    score: Literal[1, 2, 3, 4, 5]


class ScoresAnswer(Answer):
    relevance: AspectAnswer
    value: AspectAnswer
    interest: AspectAnswer


class CriticAnswer(ScoresAnswer):
    advice: str = Field(max_length=ADVICE_CHARS)


ScoresT = TypeVar("ScoresT", bound=ScoresAnswer)


@dataclass(frozen=True, kw_only=True)
class CriticStep(UPCStep[ScoresT]):
    """S_{i,t} of a response.

    heard     D_{i,t-1}, what was said before the response
    response  u_{i,t}^{Bot}
    """

    role: ClassVar[Role] = Role.CRITIC
    temperature: ClassVar[float] = 0.0

    persona: Persona
    response: str

    def messages(self) -> tuple[Message, ...]:
        return (self.system("system_critic"), Message("user", self.instruction()))

    def instruction(self) -> str:
        return self.text(
            "criticise",
            name=one_line(self.persona.name),
            background=background_text(self.persona, self.budget),
            said=said_text(self.heard, self.persona.name, self.budget),
            response=behind_marks(self.response, self.budget // 8),
        )

    def max_tokens(self) -> int:
        return 700

    def problems(self, answer: ScoresT) -> list[str]:
        reasons = [getattr(answer, aspect).reason for aspect in ASPECTS]
        return first_problem(
            [
                lambda text=text: thought_problem(text, "“reason”", self.language, self._quoted)  # type: ignore[misc]
                for text in reasons
            ]
        )

    @property
    def _quoted(self) -> tuple[str, ...]:
        """What a reason may repeat as it stands, in any language."""
        return (self.response, self.persona.name, *self.heard.utterances)


@dataclass(frozen=True, kw_only=True)
class Criticise(CriticStep[CriticAnswer]):
    """Scores, and advice for the chatbot."""

    name: ClassVar[str] = "criticise"

    def instruction(self) -> str:
        return f"{super().instruction()}\n{self.text('criticise_advice')}"

    def answer_model(self) -> type[CriticAnswer]:
        return CriticAnswer


@dataclass(frozen=True, kw_only=True)
class Score(CriticStep[ScoresAnswer]):
    """Scores alone, by the same words: what an evaluation asks."""

    name: ClassVar[str] = "score"

    def answer_model(self) -> type[ScoresAnswer]:
        return ScoresAnswer
