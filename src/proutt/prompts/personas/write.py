"""Several people of an occupation group, as one answer (UPC 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.llm.chat import Message
from proutt.prompts.personas.brief import Brief, Sketch, listed, word_bounds
from proutt.prompts.step import Answer, Role, Step, language_name
from proutt.prompts.template import fill, template

NAME_CHARS, PART_CHARS, BACKGROUND_CHARS = 60, 200, 1200

Name = Annotated[str, Field(min_length=2, max_length=NAME_CHARS)]
Part = Annotated[str, Field(min_length=2, max_length=PART_CHARS)]

_NONE = {"en": "(none)", "zh": "（无）"}
_COMMA = {"en": ", ", "zh": "、"}
_REFUSED = {
    "en": "\n\nEarlier attempts were refused; write these people anew:\n{}",
    "zh": "\n\n之前写的有几位没有通过，请重新写：\n{}",
}


class WrittenPerson(Answer):
    """One person, as a model answers."""

    name: Name
    career: Part
    education: Part
    personality: Part
    hobbies: Part
    background: Annotated[str, Field(min_length=40, max_length=BACKGROUND_CHARS)]


@lru_cache(maxsize=32)
def _people_model(n: int) -> type[BaseModel]:
    people = Annotated[list[WrittenPerson], Field(min_length=n, max_length=n)]
    return create_model("WrittenPeople", __base__=Answer, people=(people, ...))


@dataclass(frozen=True, kw_only=True)
class WritePeople(Step[Any]):
    """People for an occupation group, one for each brief, in their order.

    group    the group's name
    taken    names that are there already
    refused  (number from 1, why the last attempt at it was refused), for those asked again
    code     en or zh: what they are written in
    """

    name: ClassVar[str] = "write-people"
    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 1.0

    budget: int = 0
    code: str
    group: str
    briefs: tuple[Brief, ...]
    taken: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()

    @property
    def language(self) -> str:
        return self.code

    def dialogue(self) -> str:
        return ""

    def messages(self) -> tuple[Message, ...]:
        system = fill(template("personas/system", self.code), language=language_name(self.code))
        return (Message("system", system), Message("user", self.instruction()))

    def instruction(self) -> str:
        least, most = word_bounds(self.code)
        return fill(
            template("personas/write", self.code),
            n=str(len(self.briefs)),
            group=self.group,
            briefs=listed(self.briefs, self.code),
            least=str(least),
            most=str(most),
            taken=_COMMA[self.code].join(self.taken) or _NONE[self.code],
            refused=self._again(self.refused),
        )

    def _again(self, refused: Sequence[tuple[int, str]]) -> str:
        lines = "\n".join(f"{number}. {why}" for number, why in refused)
        return _REFUSED[self.code].format(lines) if refused else ""

    def answer_model(self) -> type[BaseModel]:
        return _people_model(len(self.briefs))

    def max_tokens(self) -> int:
        return 60 + 420 * len(self.briefs)

    def found(self, answer: Any) -> list[Sketch]:
        """Who is in an answer."""
        return [Sketch(**{key: " ".join(text.split()) for key, text in each}) for each in answer.people]
