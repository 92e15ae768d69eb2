"""What the baselines ask a small model: one prediction a call (see `prompts/baselines/small.py`).

What a baseline is stays: a draw is 2Q predictions from the context alone, Baize's example is written with the truth at
hand from its first word to its last, and SPaR's refinement changes the one prediction that came nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.errors import AnswerError
from proutt.intent import Candidate, Truth
from proutt.judge import JudgeScore
from proutt.methods.baselines.steps import At
from proutt.prompts import Ask, Step
from proutt.prompts.baselines import ForeseeOne, RefineOne, WriteOneKnowing, candidate_of

#: Questions of a list that may stay without a usable answer: another one is put in the place of each.
SPARE = 2


@dataclass(frozen=True)
class SmallSteps:
    """One small question a call.

    budget  as for `WholeSteps`; utterances in a question take at most half of it
    """

    ask: Ask
    budget: int

    async def foresee(self, at: At, sample: int) -> tuple[Candidate, ...]:
        def step(others: tuple[str, ...]) -> Step[Any]:
            return ForeseeOne(budget=self.budget, context=at.context, others=others)

        return await self._written(at, step, f"foresee/{sample}")

    async def write_knowing(self, at: At, truth: Truth) -> tuple[Candidate, ...]:
        """The one that wants what the truth wants comes first, as the likeliest."""

        def step(others: tuple[str, ...]) -> Step[Any]:
            return WriteOneKnowing(budget=self.budget, context=at.context, truth=truth, others=others, same=not others)

        return await self._written(at, step, "write-knowing")

    async def refine(
        self, at: At, truth: Truth, predictions: Sequence[Candidate], judged: Sequence[JudgeScore], number: int
    ) -> tuple[Candidate, ...]:
        """The nearest prediction is written anew, the earliest of equals; the others stay word by word."""
        nearest = max(range(len(predictions)), key=lambda place: (judged[place].score, -place))
        others = tuple(each.utterance for place, each in enumerate(predictions) if place != nearest)
        missed = predictions[nearest]
        step = RefineOne(budget=self.budget, context=at.context, truth=truth, others=others, missed=missed)
        refined = candidate_of(await self.ask(step, f"{at.place}/refine/{number}"))
        return (*predictions[:nearest], refined, *predictions[nearest + 1 :])

    async def _written(self, at: At, step: Callable[[tuple[str, ...]], Step[Any]], what: str) -> tuple[Candidate, ...]:
        """2Q predictions, each told those before it, from as many questions as it takes, within a bound."""
        written: list[Candidate] = []
        number = 0
        while len(written) < at.count:
            number += 1
            asked = step(tuple(each.utterance for each in written))
            try:
                written.append(candidate_of(await self.ask(asked, f"{at.place}/{what}/{number}")))
            except AnswerError:
                if number - len(written) > SPARE:
                    raise
        return tuple(written)
