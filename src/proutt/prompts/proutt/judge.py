"""Judging: similarity of predicted utterances to the truth (III-D.2; Algorithm 1, line 7).

A judging step: it sees the truth. Scores come in tenths, so that no answer can be outside 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, create_model

from proutt.dialogue import Context
from proutt.prompts.context import dialogue_text
from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.template import fill, prompt_language, template

TENTHS: list[JsonValue] = [tenth / 10 for tenth in range(11)]


class Verdict(Answer):
    reason: str = Field(max_length=200)
    # An enumeration, since engines that constrain answers by a schema ignore bounds of numbers.
    score: float = Field(ge=0, le=1, json_schema_extra={"enum": TENTHS})


class VerdictsAnswer(Answer):
    verdicts: list[Verdict]


@lru_cache(maxsize=256)
def _verdicts_model(size: int) -> type[VerdictsAnswer]:
    verdicts = Annotated[list[Verdict], Field(min_length=size, max_length=size)]
    return create_model("Verdicts", __base__=VerdictsAnswer, verdicts=(verdicts, ...))


@dataclass(frozen=True, kw_only=True)
class JudgeSimilarity(Step[VerdictsAnswer]):
    """One score in [0, 1] for each utterance against u_{K+1}.

    truth  u_{K+1}
    """

    name: ClassVar[str] = "judge"
    role: ClassVar[Role] = Role.JUDGE
    temperature: ClassVar[float] = 0.0

    context: Context
    truth: str
    utterances: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return dialogue_text(
            self.context.turns, language=self.language, budget=self.budget, opening=self.context.opening
        )

    def instruction(self) -> str:
        said = "\n".join(f"{number}. {_quoted(each)}" for number, each in enumerate(self.utterances, start=1))
        return fill(
            template("proutt/judge", prompt_language(self.language)),
            truth=_quoted(self.truth, min(2000, self.budget)),
            utterances=said,
        )

    def answer_model(self) -> type[VerdictsAnswer]:
        return _verdicts_model(len(self.utterances))

    def max_tokens(self) -> int:
        return 40 + 140 * len(self.utterances)


def _quoted(text: str, most: int = 2000) -> str:
    """The text on one line behind ">", cut at `most` characters: nothing in it can pass for the task's own words."""
    flat = " ".join(text.split())
    return f"> {flat if len(flat) <= most else flat[: most - 1] + '…'}"
