"""UPC's critic asked in an order that can be set. In the usual one its questions are the method's own, to the byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pydantic import Field

from proutt.prompts.critic_check.order import CRITIC, USUAL, Order, reordered, scale_reversed
from proutt.prompts.step import Answer
from proutt.prompts.template import fill, prompt_language, template
from proutt.prompts.upc.critic import AspectAnswer, CriticAnswer, Criticise
from proutt.prompts.upc.saying import ADVICE_CHARS
from proutt.prompts.upc.small_question import Rate


class ReversedAnswer(Answer):
    """`CriticAnswer` with interest first: a model writes its answer in the order of the fields."""

    interest: AspectAnswer
    value: AspectAnswer
    relevance: AspectAnswer
    advice: str = Field(max_length=ADVICE_CHARS)


@dataclass(frozen=True, kw_only=True)
class CriticiseInOrder(Criticise):
    """All three scores in one answer."""

    order: Order = USUAL

    def text(self, which: str, /, **into: str) -> str:
        if f"upc/{which}" != CRITIC:
            return super().text(which, **into)
        return fill(reordered(template(CRITIC, prompt_language(self.language)), self.order), **into)

    def answer_model(self) -> type[CriticAnswer]:
        if not self.order.aspects_reversed:
            return super().answer_model()
        return cast("type[CriticAnswer]", ReversedAnswer)  # the same fields, so the same checks


@dataclass(frozen=True, kw_only=True)
class RateInOrder(Rate):
    """One score a call. Each aspect is asked alone, so that of the order only the scale's is left."""

    order: Order = USUAL

    @property
    def _meaning(self) -> str:
        meaning = super()._meaning
        return scale_reversed(meaning) if self.order.scale_reversed else meaning
