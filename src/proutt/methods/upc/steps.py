"""What UPC's chatbot, user agent and critic ask a model (4.1, 4.2), whoever asks: whole questions, or small.

The chatbot's part takes what was heard and no persona; that is the barrier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from proutt.intent.persona import Persona
from proutt.methods.upc.record import ScoresRecord
from proutt.prompts.upc.heard import Feedback, Heard

#: Told of a draft that the rules reject, and why.
Note = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the critic says of a response. advice: as it wrote it, for the chatbot, unfiltered."""

    scores: ScoresRecord
    advice: str


class ChatbotSteps(Protocol):
    """The chatbot. place: names the question within a run: chance is keyed by it. Each raises AnswerError or
    ModelError."""

    async def greet(self, place: str, heard: Heard, note: Note) -> str:
        """The first words of a dialogue."""
        ...

    async def respond(self, place: str, heard: Heard, feedback: Feedback | None, note: Note) -> str:
        """u_{i,t}^{Bot}; with the critic's feedback on a draft, another one in its place."""
        ...


class UserSteps(Protocol):
    """The user agent."""

    async def introduce(self, place: str, persona: Persona, heard: Heard) -> str:
        """A brief self-introduction."""
        ...

    async def reply(self, place: str, persona: Persona, heard: Heard) -> str:
        """What the user says to the last response."""
        ...


class CriticSteps(Protocol):
    """The critic."""

    async def judge(self, place: str, persona: Persona, heard: Heard, response: str, threshold: int) -> Verdict:
        """S_{i,t} (equation 1), and advice; there may be none where no score is below the threshold."""
        ...


class Steps(ChatbotSteps, UserSteps, CriticSteps, Protocol):
    """All that a dialogue takes."""
