"""Who takes part: the chatbot under test, who is only talked to, and the agents that talk with it and score it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from proutt.evaluation.upc.record import Baseline
from proutt.intent.persona import Persona
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.small_steps import SmallSteps
from proutt.methods.upc.steps import CriticSteps, UserSteps, Verdict
from proutt.methods.upc.whole_steps import WholeSteps, scores_of
from proutt.prompts import Ask
from proutt.prompts.upc import Heard, Score
from proutt.prompts.upc_evaluation import GreetAsIs, RespondAsIs, RespondByPlan, RespondToTarget


class Agents(UserSteps, CriticSteps, Protocol):
    """The user agent and the critic."""


class ScoringSteps(WholeSteps):
    """One call a step; the critic scores by the words of the corpus, and is asked for no advice."""

    async def judge(self, place: str, persona: Persona, heard: Heard, response: str, threshold: int) -> Verdict:  # noqa: ARG002
        heat = self.settings.temperature_critic
        step = Score(budget=self.budget, heat=heat, heard=heard, persona=persona, response=response)
        return Verdict(scores_of(await self.ask(step, place)), "")


def agents_of(settings: UPCSettings, ask: Ask) -> Agents:
    """Whole or small questions, as the settings want them. A small critic that finds every score high enough gives no
    advice, either."""
    return SmallSteps(ask, settings) if settings.small_steps else ScoringSteps(ask, settings)


@dataclass(frozen=True)
class Chatbot:
    """The chatbot under test; it keeps nothing.

    budget  most tokens of what was said in a prompt
    target  the topic that it leads to; None but for the target-oriented baseline

    Its methods raise AnswerError where it had no answer, and ModelError.
    """

    ask: Ask
    baseline: Baseline
    heat: float
    budget: int
    target: str | None = None

    async def greet(self, place: str, heard: Heard) -> str:
        """Its first words, which nobody scores: asked for alike under all baselines."""
        return (await self.ask(GreetAsIs(budget=self.budget, heat=self.heat, heard=heard), place)).text

    async def respond(self, place: str, heard: Heard) -> str:
        """u_{i,t}^{Bot}, as it came."""
        return await _RESPOND[self.baseline](self, place, heard)


async def _plain(chatbot: Chatbot, place: str, heard: Heard) -> str:
    return (await chatbot.ask(RespondAsIs(budget=chatbot.budget, heat=chatbot.heat, heard=heard), place)).text


async def _by_plan(chatbot: Chatbot, place: str, heard: Heard) -> str:
    return (await chatbot.ask(RespondByPlan(budget=chatbot.budget, heat=chatbot.heat, heard=heard), place)).reply


async def _to_target(chatbot: Chatbot, place: str, heard: Heard) -> str:
    if chatbot.target is None:
        raise ValueError("a target-oriented chatbot needs a target")
    step = RespondToTarget(budget=chatbot.budget, heat=chatbot.heat, heard=heard, target=chatbot.target)
    return (await chatbot.ask(step, place)).text


_RESPOND: dict[Baseline, Callable[[Chatbot, str, Heard], Awaitable[str]]] = {
    "plain": _plain,
    "procot": _by_plan,
    "target-oriented": _to_target,
}
