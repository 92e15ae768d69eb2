"""One question about one response, put to a critic: in one answer, or an aspect a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from proutt.evaluation.critic.probes import Probe, asked_of
from proutt.evaluation.critic.responses import Response
from proutt.methods.together import together
from proutt.methods.upc.record import AspectRecord, ScoresRecord
from proutt.prompts import Ask
from proutt.prompts.critic_check.reordered import CriticiseInOrder, RateInOrder
from proutt.prompts.upc.heard import ASPECTS
from proutt.prompts.upc.upc_step import HISTORY_TOKENS


@dataclass(frozen=True)
class Asking:
    """How a critic is asked. small: one score a call."""

    small: bool
    seed: int

    def steps(self, response: Response, probe: Probe) -> Iterator[tuple[str, Any]]:
        """The calls: what each is for (an aspect, or "all"), and its step."""
        facts: dict[str, Any] = {
            "heat": probe.heat,
            "heard": response.heard,
            "persona": response.persona,
            "response": asked_of(response, probe, self.seed),
            "order": probe.order,
        }
        if not self.small:
            yield "all", CriticiseInOrder(budget=HISTORY_TOKENS, **facts)
            return
        for aspect in ASPECTS:
            yield aspect, RateInOrder(**facts, aspect=aspect)

    async def scores(self, ask: Ask, response: Response, probe: Probe) -> ScoresRecord:
        """What the critic says. Raises AnswerError and ModelError."""
        steps = dict(self.steps(response, probe))
        place = f"{response.place}/{probe.name}"
        answers = await together(*(ask(step, f"{place}/{name}") for name, step in steps.items()))
        by_aspect = (
            {aspect: getattr(answers[0], aspect) for aspect in ASPECTS}
            if not self.small
            else dict(zip(steps, answers, strict=True))
        )
        return ScoresRecord(
            **{name: AspectRecord(score=each.score, reason=each.reason) for name, each in by_aspect.items()}
        )
