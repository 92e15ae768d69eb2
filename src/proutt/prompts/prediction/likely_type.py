"""Which sentence type u_{K+1} will most likely have: when predicting, s* is not known (ProUtt III-C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from proutt.intent import SentenceType
from proutt.prompts.proutt.reasoning import ContextStep
from proutt.prompts.proutt.wording import REASONING_CHARS, reasoning_problem, tree_block, type_line
from proutt.prompts.step import Answer, Role
from proutt.prompts.template import fill, prompt_language, template


class LikelyTypeAnswer(Answer):
    reasoning: Annotated[str, Field(min_length=12, max_length=REASONING_CHARS)]
    sentence_type: SentenceType


@dataclass(frozen=True, kw_only=True)
class LikelyType(ContextStep):
    """R^s and s, from the context alone.

    order  in which the types are named: it varies, since a weak model favours what comes first
    """

    name: ClassVar[str] = "likely-type"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.7

    order: tuple[SentenceType, ...]

    def instruction(self) -> str:
        language = prompt_language(self.language)
        return fill(
            template("prediction/likely_type", language),
            tree=tree_block(self.tree, language, self.budget),
            types="\n".join(type_line(each, language) for each in self.order),
        )

    def answer_model(self) -> type[LikelyTypeAnswer]:
        return LikelyTypeAnswer

    def max_tokens(self) -> int:
        return 200

    def problems(self, answer: LikelyTypeAnswer) -> list[str]:
        problem = reasoning_problem(answer.reasoning, '"reasoning"', self.language)
        return [problem] if problem else []
