"""What UPC asks of small models: one score a call with its reason, advice apart, a sentence or two of a user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proutt.intent.persona import Persona
from proutt.methods.together import together
from proutt.methods.upc.record import AspectRecord, ScoresRecord
from proutt.methods.upc.steps import Verdict
from proutt.methods.upc.whole_steps import Chatbot
from proutt.prompts.upc.heard import ASPECTS, Heard
from proutt.prompts.upc.small_question import Advise, IntroduceBriefly, Rate, ReplyBriefly


@dataclass(frozen=True)
class SmallSteps(Chatbot):
    """`Steps` as small questions. The chatbot is talked to as ever."""

    async def introduce(self, place: str, persona: Persona, heard: Heard) -> str:
        step = IntroduceBriefly(heat=self.settings.temperature_user, heard=heard, persona=persona)
        said: str = (await self.ask(step, place)).utterance
        return said

    async def reply(self, place: str, persona: Persona, heard: Heard) -> str:
        step = ReplyBriefly(heat=self.settings.temperature_user, heard=heard, persona=persona)
        said: str = (await self.ask(step, place)).utterance
        return said

    async def judge(self, place: str, persona: Persona, heard: Heard, response: str, threshold: int) -> Verdict:
        facts: dict[str, Any] = {
            "heat": self.settings.temperature_critic,
            "heard": heard,
            "response": response,
        }

        async def score_of(aspect: str) -> AspectRecord:
            answer = await self.ask(Rate(**facts, persona=persona, aspect=aspect), f"{place}/{aspect}")
            return AspectRecord(score=answer.score, reason=answer.reason)

        relevance, value, interest = await together(*(score_of(aspect) for aspect in ASPECTS))
        scores = ScoresRecord(relevance=relevance, value=value, interest=interest)
        lacks = tuple(aspect for aspect, score in scores.by_aspect().items() if score < threshold)
        if not lacks:
            return Verdict(scores, "")
        advised = await self.ask(Advise(**facts, lacks=lacks), f"{place}/advise")
        return Verdict(scores, advised.advice)
