"""What the baselines ask a model, and how: a whole answer of 2Q predictions a call, as strong models can.

`small_steps.py` has the same for weak ones; the methods do not know which they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from proutt.dialogue import Context
from proutt.intent import Candidate, Truth
from proutt.judge import JudgeScore
from proutt.prompts import Ask
from proutt.prompts.baselines import Foresee, Refine, WriteKnowing, candidates_of


@dataclass(frozen=True, slots=True)
class At:
    """Where a question is put: D^(K), the place that keys chance, and how many predictions one answer has (2Q)."""

    context: Context
    place: str
    count: int


class Steps(Protocol):
    """The baselines' questions. Each raises AnswerError or ModelError where no usable answer is to be had."""

    async def foresee(self, at: At, sample: int) -> tuple[Candidate, ...]:
        """One draw of 2Q predictions from the context alone; samples (from 1) differ by their seeds."""
        ...

    async def write_knowing(self, at: At, truth: Truth) -> tuple[Candidate, ...]:
        """2Q predictions written with the truth at hand, one of which wants what the truth wants."""
        ...

    async def refine(
        self, at: At, truth: Truth, predictions: Sequence[Candidate], judged: Sequence[JudgeScore], number: int
    ) -> tuple[Candidate, ...]:
        """The predictions, changed as little as may be so that one meets the truth; `number` counts tries from 1."""
        ...


@dataclass(frozen=True)
class WholeSteps:
    """One call a step.

    budget  most tokens of the dialogue in a prompt
    """

    ask: Ask
    budget: int

    async def foresee(self, at: At, sample: int) -> tuple[Candidate, ...]:
        step = Foresee(budget=self.budget, context=at.context, count=at.count)
        return candidates_of(await self.ask(step, f"{at.place}/foresee/{sample}"))

    async def write_knowing(self, at: At, truth: Truth) -> tuple[Candidate, ...]:
        step = WriteKnowing(budget=self.budget, context=at.context, truth=truth, count=at.count)
        return candidates_of(await self.ask(step, f"{at.place}/write-knowing"))

    async def refine(
        self, at: At, truth: Truth, predictions: Sequence[Candidate], judged: Sequence[JudgeScore], number: int
    ) -> tuple[Candidate, ...]:
        step = Refine(
            budget=self.budget,
            context=at.context,
            truth=truth,
            predictions=tuple(predictions),
            judged=tuple(f"{each.score:.1f} {each.reason}".strip() for each in judged),
        )
        return candidates_of(await self.ask(step, f"{at.place}/refine/{number}"))
