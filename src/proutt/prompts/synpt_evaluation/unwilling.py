"""A user's reply with an expression of unwillingness added (V-B): what tells whether a model reads its user's mood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.synpt_evaluation.quoting import quoted
from proutt.prompts.template import fill, prompt_language, template

#: Most characters of an altered reply.
LONGEST = 800


class UnwillingAnswer(Answer):
    utterance: Annotated[str, Field(min_length=1, max_length=LONGEST)]


@dataclass(frozen=True, kw_only=True)
class Unwilling(Step[UnwillingAnswer]):
    """The user's reply as somebody would give it who wants no more questions.

    question   the assistant's question
    utterance  the reply, whose content stays
    """

    name: ClassVar[str] = "unwilling"
    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 1.0  # the paper's, so that moods are put in many ways

    spoken: str
    question: str
    utterance: str

    @property
    def language(self) -> str:
        return self.spoken

    def dialogue(self) -> str:
        return quoted(self.question, max(self.budget // 2, 64))

    def instruction(self) -> str:
        language = prompt_language(self.language)
        reply = quoted(self.utterance, max(self.budget // 2, 64))
        return fill(template("synpt_evaluation/unwilling", language), reply=reply)

    def answer_model(self) -> type[UnwillingAnswer]:
        return UnwillingAnswer

    def max_tokens(self) -> int:
        return 300

    def problems(self, answer: UnwillingAnswer) -> list[str]:
        if "".join(answer.utterance.split()) == "".join(self.utterance.split()):
            return ["The utterance is the user's reply as it was: let it say that the user wants no more questions."]
        return []
