"""A chatbot under test speaks, asked as in the corpus; what it says is taken as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from proutt.prompts.upc.chatbot import ChatbotStep, SpokenAnswer

#: Room for what a chatbot says: far more than it is asked for, so that one that talks much is not cut off.
SPOKEN_TOKENS = 1200


@dataclass(frozen=True, kw_only=True)
class AsIs(ChatbotStep):
    """No rule rejects it, and it is asked once: a test shows what a chatbot says, not what it can be brought to."""

    tries: ClassVar[int] = 1

    def max_tokens(self) -> int:
        return SPOKEN_TOKENS

    def problems(self, answer: SpokenAnswer) -> list[str]:  # noqa: ARG002
        return []


@dataclass(frozen=True, kw_only=True)
class GreetAsIs(AsIs):
    """Its first words."""

    name: ClassVar[str] = "greet"


@dataclass(frozen=True, kw_only=True)
class RespondAsIs(AsIs):
    """u_{i,t}^{Bot} for t > 1."""

    name: ClassVar[str] = "respond"
