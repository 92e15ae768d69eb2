"""A beekeeper and a chatbot, as scripted models play them.

`Script` is an `Ask` whose answers are worked out from the step; a test replaces those of some steps by name. Every word
of the background that tells something is a canary: no prompt and no script holds it by chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from proutt.intent.persona import Persona
from proutt.llm import Reply, ScriptedModel, ask
from proutt.methods.record import UsageRecord
from proutt.methods.upc.algorithm import simulate_dialogue
from proutt.methods.upc.record import AspectRecord, AttemptRecord, ScoresRecord, UPCDialogue, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated, record_of
from proutt.methods.upc.small_steps import SmallSteps
from proutt.methods.upc.steps import Steps
from proutt.methods.upc.whole_steps import WholeSteps
from proutt.prompts.step import Step
from proutt.prompts.upc.heard import ASPECTS

PERSONA = Persona(
    "bee",
    "Quillon Zabriskie",
    "Quillon Zabriskie, 47, keeps bees near Ljubljana and mends harpsichords. Stubborn and blunt; bankrupt in 2016, "
    "divorced, devoted to falconry.",
    "en",
    "61",
    "personas.jsonl:1",
)
PERSONA_ZH = Persona("蜂", "欧阳铁柱", "欧阳铁柱，四十七岁，在洱海边养蜂，修古琴，脾气倔，酷爱驯鹰。", "zh", "61")

#: What the chatbot says, in order; no two nearly the same.
REPLIES = (
    "Interesting. Which season keeps you busiest?",
    "Honey tells much about a landscape. Does yours change through the year?",
    "Old craft asks for patience. Who taught you first?",
    "Silence can be company. When do you find it?",
    "Rain often ruins plans. Where do you go then?",
    "Mountains shape people. Would you ever leave them?",
    "Letters outlive calls. Do you still write any?",
    "Bread smells of childhood. What did your kitchen smell of?",
)
ANSWERS = (
    "In spring I hardly sleep.",
    "It does, lime in June and forest in August.",
    "Nobody. I learned by breaking things.",
    "At dawn, before the phone rings.",
    "Nowhere, I stay in and curse.",
)

Answer = Mapping[str, Any] | str | Reply | BaseException
Scripted = Callable[[Any], Answer]


class Script:
    """Answers by step name.

    scores  what the critic says, one triple for each response that it judges; at the end the last one again
    steps   every (step, place) that was asked, in order
    """

    def __init__(self, *, scores: Sequence[tuple[int, int, int]] = ((4, 4, 4),), **answers: Scripted) -> None:
        self.scores = list(scores)
        self.steps: list[tuple[Step[Any], str]] = []
        self._said = {"chatbot": 0, "user": 0}
        self._answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self._asked: ContextVar[Step[Any]] = ContextVar("asked")
        names = ("greet", "respond", "regenerate", "introduce", "reply", "criticise", "advise")
        self.model = ScriptedModel({name: lambda _: self._text() for name in (*names, *self._answers)})

    async def __call__(self, step: Step[Any], place: str) -> Any:
        self.steps.append((step, place))
        self._asked.set(step)
        return await ask(
            self.model,
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(0),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
            tries=step.tries,
            plain=step.plain,
        )

    def of_step(self, name: str) -> list[Any]:
        return [step for step, _ in self.steps if step.name == name]

    @property
    def names(self) -> list[str]:
        return [step.name for step, _ in self.steps]

    def prompts(self, *roles: str) -> list[str]:
        """All that the models of these roles were sent, a text for each call."""
        return ["\n".join(m.content for m in each.messages) for each in self.model.requests if each.role in roles]

    def next_of(self, who: str, texts: Sequence[str]) -> str:
        self._said[who] += 1
        return texts[(self._said[who] - 1) % len(texts)]

    def judged(self) -> tuple[int, int, int]:
        return self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]

    def _text(self) -> Any:
        step = self._asked.get()
        found = self._answers[step.name](step) if step.name in self._answers else self._usual(step)
        return found if isinstance(found, (str, Reply, BaseException)) else json.dumps(found, ensure_ascii=False)

    def _usual(self, step: Any) -> Answer:
        if step.name == "greet":
            return "Good to meet you! Who are you?"
        if step.name in ("respond", "regenerate"):
            return self.next_of("chatbot", REPLIES)
        if step.name == "introduce":
            return {"utterance": "I'm Quillon, I live in the hills."}
        if step.name == "reply":
            return {"utterance": self.next_of("user", ANSWERS)}
        return verdict(self.judged()) if step.name == "criticise" else {"advice": "Be concrete."}


def verdict(scores: tuple[int, int, int], advice: str = "Be more concrete.") -> dict[str, Any]:
    """A critic's answer whose reasons are full of the background."""
    said = zip(ASPECTS, scores, strict=True)
    reason = f"I am {PERSONA.background}"
    return {**{aspect: {"reason": reason[:200], "score": score} for aspect, score in said}, "advice": advice}


async def dialogue_of(script: Script, of: Persona = PERSONA, **settings: Any) -> Simulated:
    """The dialogue that the script makes with a persona."""
    chosen = UPCSettings(**settings)
    steps: Steps = SmallSteps(script, chosen) if chosen.small_steps else WholeSteps(script, chosen)
    return await simulate_dialogue(of, settings=chosen, steps=steps)


# Records, for what looks at finished dialogues.


def scored(*numbers: int) -> ScoresRecord:
    found = {aspect: AspectRecord(score=each, reason="So.") for aspect, each in zip(ASPECTS, numbers, strict=True)}
    return ScoresRecord(**found)


def turn_of(response: str, user: str, *scores: tuple[int, int, int], advice: str | None = None) -> UPCTurn:
    """A turn whose last attempt was said; one attempt for each triple, none scored where there is none."""
    attempts = [
        AttemptRecord(utterance=response, scores=scored(*each), advice=advice if number + 1 < len(scores) else None)
        for number, each in enumerate(scores)
    ]
    attempts = attempts or [AttemptRecord(utterance=response)]
    return UPCTurn(attempts=attempts, kept=len(attempts) - 1, ended="passed" if scores else "unguided", user=user)


def dialogue_with(*turns: UPCTurn, introduction: str = "I'm Quillon.", greeting: str = "Hello!") -> UPCDialogue:
    """The record of a dialogue with the beekeeper."""
    made = Simulated(PERSONA, UPCSettings(turns=len(turns) + 1), greeting, introduction, turns)
    usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
    return record_of(made, models={}, usage=usage, usage_by_module={})
