"""What stands in for the models of both agents when a dialogue of SynPT is rehearsed.

The user tells one intention a turn, what it is asked for, and the assistant understands all of it; so the turns follow
from how many intentions the initial inquiry names. Texts are of a measured length and say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any

from proutt.intent.task import Seed
from proutt.prompts import Step, synpt
from proutt.prompts.step import AnswerT
from proutt.prompts.synpt import small_assistant, small_intentions, small_user
from proutt.runs.estimate_rehearsal import StandIn

Makers = Mapping[type[Step[Any]], Callable[[Any, Any], dict[str, Any]]]
#: Share of a seed's intentions that is told by who has all of them in sight and may tell what they like.
_FREELY = 0.5


@dataclass
class RehearsedAgents:
    """`Ask` of one rehearsed dialogue: what is asked is counted by the stand-in.

    tired_after  questions after which a reluctant user has enough
    """

    stand_in: StandIn
    seed: Seed
    tired_after: int
    told: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    asked: str | None = None
    unwilling: bool = False

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:  # noqa: ARG002
        for kind, make in self.makers.items():
            if isinstance(step, kind):
                said = make(self, step)
                self.stand_in.count_step(step, json.dumps(said, ensure_ascii=False))
                answer: Any = _as_answer(said)
                return answer  # type: ignore[no-any-return]
        raise ValueError(f"no stand-in answers the step {step.name!r}")

    @property
    def makers(self) -> Makers:
        """What answers each kind of step, as what its text says."""
        return _MAKERS

    # Texts.

    def text(self, name: str) -> str:
        return self.stand_in.answers.text(name, self.seed.task.language)

    def utterance(self, told: Mapping[str, str]) -> str:
        """What a user says who tells that, all of it in the words of the seed."""
        self.last = dict(told)
        self.told |= told
        return " ".join([self.text("utterance"), *told.values()])

    def offer(self, key: str) -> dict[str, Any]:
        self.asked = key
        options = [self.text("value") for _ in range(3)]
        return {"options": options, "reply": " ".join([self.text("utterance"), *options])}

    def freely(self) -> dict[str, str]:
        """What is told at first by who may tell anything."""
        keys = self.seed.task.keys[: round(len(self.seed.task.keys) * _FREELY)]
        return {key: self.seed.values[key] for key in keys}

    def next_of(self, known: Mapping[str, str]) -> str:
        return next((key for key in self.seed.task.keys if key not in known), "nothing")


def tired_after(seed: Seed, course: str) -> int:
    """Questions that a reluctant user answers: none in the cheap courses, all in the dear one, else by chance."""
    most = len(seed.task.keys)
    if course == "expected":
        return Random(f"{seed.id}/estimate/tired").randint(1, max(1, most // 2))
    return most if course == "high" else 1


def _as_answer(said: Any) -> Any:
    """Objects as attributes, as answers have them."""
    if isinstance(said, dict):
        return SimpleNamespace(**{name: _as_answer(value) for name, value in said.items()})
    return [_as_answer(each) for each in said] if isinstance(said, list) else said


def _entries(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"intention": key, "value": value} for key, value in values.items()]


# Whole steps.


def _inquire(agents: RehearsedAgents, step: synpt.Inquire) -> dict[str, Any]:
    return {"utterance": agents.utterance(agents.freely() if step.free else dict(step.told))}


def _reply(agents: RehearsedAgents, step: synpt.ReplyAsUser) -> dict[str, Any]:
    asked = step.asked or agents.asked or agents.seed.task.keys[0]
    said: dict[str, Any] = {"reasoning": agents.text("reasoning")}
    if step.reluctant:
        agents.unwilling = len(step.past) >= agents.tired_after
        said["unwilling"] = agents.unwilling
    return {**said, "utterance": agents.utterance({asked: agents.seed.values[asked]})}


def _think(agents: RehearsedAgents, step: synpt.Think) -> dict[str, Any]:  # noqa: ARG001
    return {"given": _entries(agents.last), "ask": agents.next_of(agents.told)}


def _think_over(agents: RehearsedAgents, step: Any) -> dict[str, Any]:  # noqa: ARG001
    """Of the whole dialogue, by whichever step sees it."""
    return {"given": _entries(agents.told), "ask": agents.next_of(agents.told)}


def _reflect(agents: RehearsedAgents, step: synpt.Reflect) -> dict[str, Any]:
    return {"reasoning": agents.text("reasoning"), **_think_over(agents, step)}


def _feel(agents: RehearsedAgents, step: Any) -> dict[str, Any]:  # noqa: ARG001
    return {"reasoning": agents.text("reasoning"), "willing": not agents.unwilling}


def _answer(agents: RehearsedAgents, step: synpt.Answering) -> dict[str, Any]:
    return {"reasoning": agents.text("reasoning"), **agents.offer(step.ask)}


def _dual(agents: RehearsedAgents, step: synpt.DualAnswering) -> dict[str, Any]:
    thought = _think_over(agents, step)
    offer = {"options": [], "reply": ""} if thought["ask"] == "nothing" else agents.offer(thought["ask"])
    return {**thought, **offer}


def _whole(agents: RehearsedAgents, step: synpt.WholeDialogue) -> dict[str, Any]:  # noqa: ARG001
    told, turns = agents.freely(), []
    said = agents.utterance(told)
    for key in [each for each in agents.seed.task.keys if each not in told][: agents.seed.task.turns - 1]:
        turns.append({"utterance": said, "ask": key, **agents.offer(key)})
        said = agents.utterance({key: agents.seed.values[key]})
    return {"turns": turns, "last_utterance": said, "summary": _entries(agents.seed.values)}


# Small steps.


def _understand(agents: RehearsedAgents, step: small_intentions.Understand) -> dict[str, Any]:
    news = agents.last if len(step.utterances) == 1 else agents.told
    reasoned = isinstance(step, small_intentions.Reflect)
    thought = {"reasoning": agents.text("reasoning")} if reasoned else {}
    told = [{"words": news[key], "point": step.task.name_of(key)} for key in step.keys if key in news]
    return {**thought, "told": told}


def _guess(agents: RehearsedAgents, step: small_assistant.Guess) -> dict[str, Any]:
    return {"reasoning": agents.text("reasoning"), "options": agents.offer(step.key)["options"]}


def _ask_for(agents: RehearsedAgents, step: small_assistant.AskFor) -> dict[str, Any]:
    return {"reply": " ".join([agents.text("utterance"), *step.options])}


def _small_inquire(agents: RehearsedAgents, step: small_user.Inquire) -> dict[str, Any]:
    told = agents.freely() if step.told is None else {key: agents.seed.values[key] for key in step.told}
    return {"utterance": agents.utterance(told)}


def _answer_asked(agents: RehearsedAgents, step: small_user.AnswerAsked) -> dict[str, Any]:
    asked = step.told[0] if step.told else (agents.asked or agents.seed.task.keys[0])
    utterance = agents.utterance({asked: agents.seed.values[asked]})
    return {"reasoning": agents.text("reasoning"), "utterance": utterance}


def _have_enough(agents: RehearsedAgents, step: small_user.HaveEnough) -> dict[str, Any]:  # noqa: ARG001
    agents.unwilling = True
    return {"reasoning": agents.text("reasoning"), "utterance": agents.utterance({})}


_MAKERS: Makers = {
    synpt.Inquire: _inquire,
    synpt.ReplyAsUser: _reply,
    synpt.ThinkOver: _think_over,
    synpt.Reflect: _reflect,
    synpt.Think: _think,
    synpt.Feel: _feel,
    synpt.Answering: _answer,
    synpt.DualAnswering: _dual,
    synpt.WholeDialogue: _whole,
    small_intentions.Understand: _understand,
    small_assistant.Feel: _feel,
    small_assistant.Guess: _guess,
    small_assistant.AskFor: _ask_for,
    small_user.Inquire: _small_inquire,
    small_user.AnswerAsked: _answer_asked,
    small_user.HaveEnough: _have_enough,
}
