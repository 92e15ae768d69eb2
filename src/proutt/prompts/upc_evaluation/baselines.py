"""Baselines by prompt (UPC 5.1): a chatbot that plans before it speaks, as ProCoT has it, and one with a target.

Like every chatbot's steps they hold what was heard, and nothing of who the user is.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from pydantic import Field

from proutt.llm.chat import Message
from proutt.prompts.step import Answer, language_name
from proutt.prompts.template import fill, prompt_language, template
from proutt.prompts.upc.chatbot import TalkingStep
from proutt.prompts.upc_evaluation.as_is import SPOKEN_TOKENS, AsIs


class PlannedAnswer(Answer):
    """What a chatbot has understood of the user, what it means to do, and what it says."""

    state: str = Field(min_length=1)
    plan: str = Field(min_length=1)
    reply: str = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class RespondByPlan(TalkingStep[PlannedAnswer]):
    """A response after thinking of the user's state and of the next topic and act; the thinking is not said."""

    name: ClassVar[str] = "plan"

    def instructed(self) -> Message:
        return _system("procot", self.language)

    def answer_model(self) -> type[PlannedAnswer]:
        return PlannedAnswer

    def max_tokens(self) -> int:
        return SPOKEN_TOKENS


@dataclass(frozen=True, kw_only=True)
class RespondToTarget(AsIs):
    """A response that leads the talk to a topic which was fixed before it began (`target_of`)."""

    name: ClassVar[str] = "lead"

    target: str

    def instructed(self) -> Message:
        return _system("target", self.language, target=self.target)


def target_of(place: str, language: str) -> str:
    """The topic to which a dialogue is led. place: keys the draw; the user has no part in it."""
    return Random(f"{place}/target").choice(template("upc_evaluation/targets", prompt_language(language)).splitlines())


def _system(name: str, language: str, **into: str) -> Message:
    text = template(f"upc_evaluation/{name}", prompt_language(language))
    return Message("system", fill(text, language=language_name(language), **into))
