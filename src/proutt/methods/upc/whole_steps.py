"""The questions as strong models are asked: one call a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proutt.intent.persona import Persona
from proutt.methods.upc.record import AspectRecord, ScoresRecord
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.steps import Note, Verdict
from proutt.prompts import Ask
from proutt.prompts.upc import Criticise, Feedback, Greet, Heard, Introduce, Regenerate, ReplyInPerson, Respond
from proutt.prompts.upc.critic import ScoresAnswer
from proutt.prompts.upc.heard import ASPECTS
from proutt.prompts.upc.upc_step import HISTORY_TOKENS


@dataclass(frozen=True)
class Chatbot:
    """The chatbot, whole steps and small ones alike: it is simply talked to.

    budget  most tokens of what was said in a prompt
    """

    ask: Ask
    settings: UPCSettings
    budget: int = HISTORY_TOKENS

    async def greet(self, place: str, heard: Heard, note: Note) -> str:
        step = Greet(budget=self.budget, heat=self.settings.temperature_chatbot, heard=heard, note=note)
        return (await self.ask(step, place)).text

    async def respond(self, place: str, heard: Heard, feedback: Feedback | None, note: Note) -> str:
        facts: dict[str, Any] = {"budget": self.budget, "heat": self.settings.temperature_chatbot, "heard": heard}
        step = Respond(**facts, note=note) if feedback is None else Regenerate(**facts, note=note, feedback=feedback)
        return (await self.ask(step, place)).text


@dataclass(frozen=True)
class WholeSteps(Chatbot):
    """`Steps`, one call a step."""

    async def introduce(self, place: str, persona: Persona, heard: Heard) -> str:
        step = Introduce(budget=self.budget, heat=self.settings.temperature_user, heard=heard, persona=persona)
        return (await self.ask(step, place)).utterance

    async def reply(self, place: str, persona: Persona, heard: Heard) -> str:
        step = ReplyInPerson(budget=self.budget, heat=self.settings.temperature_user, heard=heard, persona=persona)
        return (await self.ask(step, place)).utterance

    async def judge(self, place: str, persona: Persona, heard: Heard, response: str, threshold: int) -> Verdict:  # noqa: ARG002
        step = Criticise(
            budget=self.budget,
            heat=self.settings.temperature_critic,
            heard=heard,
            persona=persona,
            response=response,
        )
        answer = await self.ask(step, place)
        return Verdict(scores_of(answer), answer.advice)


def scores_of(answer: ScoresAnswer) -> ScoresRecord:
    """A critic's answer as it is recorded."""
    found = {aspect: getattr(answer, aspect) for aspect in ASPECTS}
    return ScoresRecord(
        **{aspect: AspectRecord(score=each.score, reason=each.reason) for aspect, each in found.items()}
    )
