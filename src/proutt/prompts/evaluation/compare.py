"""Comparing two systems' suggestions: which are nearer to what the user really said (ProUtt, Appendix B-B.2).

A judging step: it sees the truth. It reads the two lists as first and second and is told no names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from proutt.dialogue import Context
from proutt.prompts.context import dialogue_text
from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.template import fill, prompt_language, template


class CompareAnswer(Answer):
    reason: str = Field(max_length=300)
    nearer: Literal["first", "second", "tie"]


@dataclass(frozen=True, kw_only=True)
class Compare(Step[CompareAnswer]):
    """Which of two lists of suggestions holds the one that is nearest to u_{K+1}.

    truth          u_{K+1}
    first, second  suggestions in rank order; none where a system had nothing to suggest
    """

    name: ClassVar[str] = "compare"
    role: ClassVar[Role] = Role.JUDGE
    temperature: ClassVar[float] = 0.0

    context: Context
    truth: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return dialogue_text(
            self.context.turns, language=self.language, budget=self.budget, opening=self.context.opening
        )

    def instruction(self) -> str:
        return fill(
            template("evaluation/compare", prompt_language(self.language)),
            truth=_quoted(self.truth, min(2000, self.budget)),
            first=_listed(self.first),
            second=_listed(self.second),
        )

    def answer_model(self) -> type[CompareAnswer]:
        return CompareAnswer

    def max_tokens(self) -> int:
        return 260


def _listed(texts: tuple[str, ...]) -> str:
    """One line each; an empty list is an empty quotation."""
    return "\n".join(_quoted(each) for each in texts or ("",))


def _quoted(text: str, most: int = 1000) -> str:
    """The text on one line behind ">", cut at `most` characters: nothing in it can pass for the task's own words."""
    flat = " ".join(text.split())
    return f"> {flat if len(flat) <= most else flat[: most - 1] + '…'}"
