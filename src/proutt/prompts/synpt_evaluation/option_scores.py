"""How reasonable the options are that replies offer, 0..3 (V-C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field, create_model

from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.synpt_evaluation.quoting import quoted
from proutt.prompts.template import fill, prompt_language, template


class OneScore(Answer):
    """score: null where the reply offers no options."""

    reason: Annotated[str, Field(max_length=200)]
    score: Annotated[int, Field(ge=0, le=3)] | None


class ScoresAnswer(Answer):
    scores: list[OneScore]


@dataclass(frozen=True, slots=True)
class Offer:
    """One reply that asks: for which intention, by name, what the user wants of it, and the options or the reply."""

    intention: str
    wanted: str
    said: str


@dataclass(frozen=True, kw_only=True)
class OptionScores(Step[ScoresAnswer]):
    """A score of each offer, in order. task: its name; offers: one or more."""

    name: ClassVar[str] = "option-scores"
    role: ClassVar[Role] = Role.JUDGE
    temperature: ClassVar[float] = 0.0

    task: str
    spoken: str
    offers: tuple[Offer, ...]

    @property
    def language(self) -> str:
        return self.spoken

    def dialogue(self) -> str:
        asks, wants, offers = ("问", "用户想要", "回复") if self.language == "zh" else ("asks for", "wants", "reply")
        each = max(self.budget // len(self.offers), 60)
        return "\n\n".join(
            f"[{n}]\n{asks}: {offer.intention}\n{wants}:\n{quoted(offer.wanted, each // 3)}\n{offers}:\n"
            f"{quoted(offer.said, each)}"
            for n, offer in enumerate(self.offers, start=1)
        )

    def instruction(self) -> str:
        text = template("synpt_evaluation/option_scores", prompt_language(self.language))
        return fill(text, task=self.task, count=str(len(self.offers)))

    def answer_model(self) -> type[ScoresAnswer]:
        number = len(self.offers)
        field: Any = (Annotated[list[OneScore], Field(min_length=number, max_length=number)], ...)
        return create_model("ScoresOfOffers", __base__=ScoresAnswer, scores=field)

    def max_tokens(self) -> int:
        return 60 + 120 * len(self.offers)
