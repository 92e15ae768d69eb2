"""The user agent speaks: a brief introduction of the person that it plays, then answers (UPC 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from proutt.intent.persona import Persona
from proutt.llm.chat import Message
from proutt.prompts.step import Answer, Role
from proutt.prompts.synpt.material import one_line
from proutt.prompts.upc.saying import UTTERANCE_CHARS, utterance_problem
from proutt.prompts.upc.upc_step import UPCStep, background_text, said_text


class PersonAnswer(Answer):
    utterance: str = Field(min_length=1, max_length=UTTERANCE_CHARS)


@dataclass(frozen=True, kw_only=True)
class PersonStep(UPCStep[PersonAnswer]):
    """The user agent, who has the background in sight."""

    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 0.75
    asks: ClassVar[str]

    persona: Persona

    def messages(self) -> tuple[Message, ...]:
        return (self.system("system_user"), Message("user", self.instruction()))

    def instruction(self) -> str:
        return self.text(
            self.asks,
            name=one_line(self.persona.name),
            background=background_text(self.persona, self.budget),
            said=said_text(self.heard, self.persona.name, self.budget),
        )

    def answer_model(self) -> type[PersonAnswer]:
        return PersonAnswer

    def max_tokens(self) -> int:
        return 300

    def problems(self, answer: PersonAnswer) -> list[str]:
        found = utterance_problem(answer.utterance, self.language)
        return [] if found is None else [found]


@dataclass(frozen=True, kw_only=True)
class Introduce(PersonStep):
    """The brief self-introduction that answers the greeting (line 5)."""

    name: ClassVar[str] = "introduce"
    asks: ClassVar[str] = "introduce"


@dataclass(frozen=True, kw_only=True)
class ReplyInPerson(PersonStep):
    """u_{i,t}^{User} (line 16)."""

    name: ClassVar[str] = "reply"
    asks: ClassVar[str] = "reply"
