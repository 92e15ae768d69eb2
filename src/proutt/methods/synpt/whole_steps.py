"""The agents' questions as strong models are asked: one call a step (SynPT III-C to III-F)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from proutt.dialogue import Turn
from proutt.intent.task import Seed, Task
from proutt.methods.synpt.steps import Emotion, Exchange, Options, Reflection, Reply, Said, Thinking
from proutt.prompts import Ask
from proutt.prompts.synpt import HISTORY_TOKENS, Answering, Feel, Inquire, Reflect, ReplyAsUser, Think, ThinkOver
from proutt.prompts.synpt.intentions import ask_of


@dataclass(frozen=True)
class WholeSteps:
    """One call a step.

    budget  most tokens of what was said before in a prompt
    """

    ask: Ask
    budget: int = HISTORY_TOKENS

    async def think(
        self, place: str, task: Task, utterance: str, before: Thinking | None, reply: str | None
    ) -> Thinking:
        step = Think(
            budget=self.budget,
            task=task,
            utterance=utterance,
            before=None if before is None else before.state,
            asked=None if before is None else before.ask,
            reply=reply,
        )
        answer = await self.ask(step, place)
        state = step.state_of(answer)
        return Thinking(state, ask_of(state, answer.ask))

    async def think_over(self, place: str, task: Task, past: Sequence[Exchange], utterance: str) -> Thinking:
        step = ThinkOver(budget=self.budget, task=task, past=as_turns(past), utterance=utterance)
        answer = await self.ask(step, place)
        state = step.state_of(answer)
        return Thinking(state, ask_of(state, answer.ask))

    async def reflect(
        self, place: str, task: Task, past: Sequence[Exchange], utterance: str, thinking: Thinking
    ) -> Reflection:
        step = Reflect(
            budget=self.budget,
            task=task,
            past=as_turns(past),
            utterance=utterance,
            state=thinking.state,
            ask=thinking.ask,
        )
        answer = await self.ask(step, place)
        state = step.state_of(answer)
        return Reflection(answer.reasoning, Thinking(state, ask_of(state, answer.ask)))

    async def feel(self, place: str, task: Task, utterance: str) -> Emotion:
        answer = await self.ask(Feel(budget=self.budget, task=task, utterance=utterance), place)
        return Emotion(answer.reasoning, answer.willing)

    async def answer(self, place: str, thinking: Thinking, emotion: Emotion, utterance: str) -> Reply:
        if thinking.ask is None:
            raise ValueError("there is nothing to ask for")
        step = Answering(
            budget=self.budget,
            task=thinking.state.task,
            state=thinking.state,
            ask=thinking.ask,
            feeling=emotion.reasoning,
            utterance=utterance,
        )
        answer = await self.ask(step, place)
        return Reply(Options(answer.reasoning, tuple(answer.options)), answer.reply)

    async def inquire(self, place: str, seed: Seed, told: Sequence[str] | None) -> Said:
        keys = seed.task.keys if told is None else tuple(told)
        step = Inquire(
            budget=self.budget,
            task=seed.task,
            told=_values(seed, keys),
            withheld=_values(seed, _others(seed, keys)),
            free=told is None,
        )
        answer = await self.ask(step, place)
        return Said(answer.utterance, None if told is None else keys)

    async def reply(
        self, place: str, seed: Seed, past: Sequence[Exchange], asked: str | None, *, reluctant: bool
    ) -> Said:
        keys = seed.task.keys if asked is None else (asked,)
        step = ReplyAsUser(
            budget=self.budget,
            task=seed.task,
            told=_values(seed, keys),
            withheld=_values(seed, _others(seed, keys)),
            past=as_turns(past),
            asked=asked,
            reluctant=reluctant,
        )
        answer = await self.ask(step, place)
        return Said(answer.utterance, None if asked is None else keys, answer.reasoning, step.unwilling(answer))


def as_turns(past: Sequence[Exchange]) -> tuple[Turn, ...]:
    """What was said, as the prompts quote it."""
    return tuple(Turn(each.utterance, each.reply) for each in past)


def _values(seed: Seed, keys: Collection[str]) -> tuple[tuple[str, str], ...]:
    return tuple((key, seed.values[key]) for key in keys)


def _others(seed: Seed, keys: Collection[str]) -> tuple[str, ...]:
    return tuple(key for key in seed.task.keys if key not in keys)
