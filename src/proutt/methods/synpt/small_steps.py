"""What SynPT asks of a small model: one small question a call, and what code or rules know better is not asked.

    code    which intention is asked for next (the task's order); how many questions a reluctant user answers
    rules   an answer that is one of the offered options, or that has no preference, there or by an intention's name;
            clear words of impatience
    model   what the user's words give, the reasoning, the options, and everything that is said

A value that the user's words do not bear out is left open. No reply is ever canned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from proutt.dialogue import Turn
from proutt.errors import AnswerError
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Seed, Task
from proutt.intent.values import states_no_preference
from proutt.intent.willingness import willing
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.steps import Emotion, Exchange, Options, Reflection, Reply, Said, Thinking
from proutt.prompts import Ask
from proutt.prompts.synpt.small_assistant import AskFor, Feel, Guess
from proutt.prompts.synpt.small_intentions import Reflect, Understand, UnderstandAll
from proutt.prompts.synpt.small_user import AnswerAsked, HaveEnough, Inquire

#: Most characters of an answer that rules may decide alone: more may hold more than they see.
_SHORT = {"en": 40, "zh": 16}


@dataclass(frozen=True)
class SmallSteps:
    """`Steps` as small questions."""

    ask: Ask
    settings: SynPTSettings

    # The assistant agent.

    async def think(
        self, place: str, task: Task, utterance: str, before: Thinking | None, reply: str | None
    ) -> Thinking:
        state = before.state if before else IntentionState(task)
        asked = before.ask if before else None
        news = decided_by_rules(task, asked, utterance, reply)
        if not news:
            news, rest = named_any(task, state.missing, utterance)
            left = [key for key in _first(asked, state.missing) if key not in news]
            if left and rest and (asked is None or asked in left):
                step = Understand(task=task, utterances=(rest,), keys=tuple(left), asked=asked)
                news |= step.found(await self.ask(step, place))
        return thinking_of(state.updated(news))

    async def think_over(self, place: str, task: Task, past: Sequence[Exchange], utterance: str) -> Thinking:
        step = UnderstandAll(task=task, utterances=(*(each.utterance for each in past), utterance), keys=task.keys)
        return thinking_of(IntentionState(task).updated(step.found(await self.ask(step, place))))

    async def reflect(
        self, place: str, task: Task, past: Sequence[Exchange], utterance: str, thinking: Thinking
    ) -> Reflection:
        step = Reflect(
            task=task,
            utterances=(*(each.utterance for each in past), utterance),
            keys=task.keys,
            understood=thinking.state,
        )
        answer: Any = await self.ask(step, place)
        found = step.found(answer)
        if found == thinking.state.values:
            return Reflection(answer.reasoning, thinking)
        return Reflection(answer.reasoning, thinking_of(IntentionState(task).updated(found)))

    async def feel(self, place: str, task: Task, utterance: str) -> Emotion:
        step = Feel(task=task, utterance=utterance, known=willing(utterance, task.language))
        answer: Any = await self.ask(step, place)
        return Emotion(answer.reasoning, answer.willing)

    async def answer(self, place: str, thinking: Thinking, emotion: Emotion, utterance: str) -> Reply:  # noqa: ARG002
        task, key = thinking.state.task, thinking.ask
        if key is None:
            raise ValueError("nothing is asked for")
        guess: Any = await self.ask(Guess(task=task, state=thinking.state, key=key), f"{place}/options")
        options = tuple(guess.options)
        asked = await self.ask(AskFor(task=task, utterance=utterance, key=key, options=options), f"{place}/ask")
        return Reply(Options(guess.reasoning, options), asked.reply)

    # The user agent.

    async def inquire(self, place: str, seed: Seed, told: Sequence[str] | None) -> Said:
        chosen = None if told is None else tuple(told)
        answer = await self._said(Inquire(task=seed.task, seed=seed, told=chosen), place)
        return Said(answer.utterance, chosen)

    async def reply(
        self, place: str, seed: Seed, past: Sequence[Exchange], asked: str | None, *, reluctant: bool
    ) -> Said:
        told = None if asked is None else (asked,)
        said = tuple(Turn(each.utterance, each.reply) for each in past)
        facts: dict[str, Any] = {"task": seed.task, "seed": seed, "past": said}
        if reluctant and len(past) > patience(seed, self.settings.seed):
            weary: Any = await self._said(HaveEnough(**facts), place)
            return Said(weary.utterance, (), weary.reasoning, unwilling=True)
        answer = await self._said(AnswerAsked(**facts, told=told), place)
        return Said(answer.utterance, told, answer.reasoning)

    async def _said(self, step: Inquire | AnswerAsked | HaveEnough, place: str) -> Any:
        """The user's words; where free ones do not tell what they have to, or tell more, a grammar holds them
        to it."""
        try:
            return await self.ask(step, place)
        except AnswerError:
            if step.told is None:
                raise
            return await self.ask(replace(step, held=True), f"{place}/held")


def patience(seed: Seed, run_seed: int) -> int:
    """How many questions a reluctant user answers: one, up to half of the task's intentions; drawn by the seed's id.

    A departure: in the paper the user agent's model judges whether it was asked too much. A small model can't count.
    """
    most = max(1, len(seed.task.keys) // 2)
    return Random(f"{run_seed}/{seed.id}/patience").randint(1, most)


def thinking_of(state: IntentionState) -> Thinking:
    """What to ask for next: the first that is missing, in the task's order."""
    return Thinking(state, None if state.complete else state.missing[0])


def decided_by_rules(task: Task, asked: str | None, utterance: str, reply: str | None) -> dict[str, str]:
    """What a short answer to a question clearly gives: one of the words offered, or no preference. Empty: read it."""
    core = re.sub(r"^[\W_]+|[\W_]+$", "", utterance)
    if asked is None or not core or len(core) > _SHORT.get(task.language, _SHORT["en"]):
        return {}
    if states_no_preference(task, core) and not re.search(r"\d", core):
        return {asked: task.any_value}
    if reply is not None and core.casefold() in reply.casefold():
        return {asked: core}
    return {}


def named_any(task: Task, keys: Sequence[str], utterance: str) -> tuple[dict[str, str], str]:
    """The intentions of which a clause says, by their name, that they do not matter ("the budget is no matter"), and
    what is left to read of the utterance."""
    found: dict[str, str] = {}
    rest = ""
    for clause in re.findall(r"[^,，;；.。!！?？]+[,，;；.。!！?？]*", utterance):
        named = [key for key in task.keys if _names(task, key, clause)]
        plain = not clause.endswith(("?", "？")) and (len(named) == 1 or not re.search(r"\d", clause))
        if named and set(named) <= set(keys) and plain and states_no_preference(task, clause):
            found |= dict.fromkeys(named, task.any_value)
        else:
            rest += clause
    return found, rest.strip()


def _names(task: Task, key: str, clause: str) -> bool:
    """Whether a clause speaks of an intention by its name.

    In Chinese also by the end of it (星级 for 酒店星级), where no other intention's name has that.
    """
    name = task.name_of(key)
    if name.casefold() in clause.casefold():
        return True
    head = name[-2:]
    alone = sum(head in task.name_of(other) for other in task.keys) == 1
    return task.language == "zh" and len(name) > 2 and alone and head in clause


def _first(asked: str | None, missing: Sequence[str]) -> tuple[str, ...]:
    """The points of a question, what was asked for before the others."""
    return (asked, *(key for key in missing if key != asked)) if asked and asked in missing else tuple(missing)
