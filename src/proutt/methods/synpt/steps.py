"""What SynPT's agents ask a model (III-C to III-F), whoever asks and however: whole questions, or small ones.

`whole_steps.py` asks as strong models can be asked, `small_steps.py` as weak ones must. The algorithm does not know
which it has, nor do those who use the assistant agent alone: the evaluation, the agent workflow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Seed, Task


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn that is over: what the user said and what the assistant answered."""

    utterance: str
    reply: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """S_i and T_i of equation (14).

    ask  the one implicit intention to ask for; None where nothing is missing
    """

    state: IntentionState
    ask: str | None

    def __post_init__(self) -> None:
        if (self.ask is None) != self.state.complete or (self.ask is not None and self.ask not in self.state.missing):
            raise ValueError(f"{self.ask} is not what is to be asked when {self.state.missing} are missing")


@dataclass(frozen=True, slots=True)
class Reflection:
    """A second look at a thinking (VI-F): why it is right or what was wrong, and the thinking that is to stand."""

    reasoning: str
    thinking: Thinking


@dataclass(frozen=True, slots=True)
class Emotion:
    """E of equation (16)."""

    reasoning: str
    willing: bool


@dataclass(frozen=True, slots=True)
class Options:
    """V of equation (17): three values, no two the same, that fit the intention asked for and what is known."""

    reasoning: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says where something is missing, with the options that its words offer."""

    options: Options
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance of the user agent.

    told       intentions that it was given to tell; None where it had all in sight
    reasoning  its emotion thinking; None of the initial inquiry
    unwilling  whether it wants no more questions
    """

    utterance: str
    told: tuple[str, ...] | None
    reasoning: str | None = None
    unwilling: bool = False


class AssistantSteps(Protocol):
    """The assistant agent's questions. It sees what was said and the task, never a seed.

    place  names the question within a run: chance is keyed by it. Each raises AnswerError or ModelError.
    """

    async def think(
        self, place: str, task: Task, utterance: str, before: Thinking | None, reply: str | None
    ) -> Thinking:
        """Intention thinking on the memory stack: S_1 of the first utterance (equation 13), then S_i and T_i of the
        last exchange and S_{i-1} alone (equation 14). before, reply: of the last turn; None in the first."""
        ...

    async def think_over(self, place: str, task: Task, past: Sequence[Exchange], utterance: str) -> Thinking:
        """The same of the whole dialogue (equation 12): what the ablation `memory-stack` leaves."""
        ...

    async def reflect(
        self, place: str, task: Task, past: Sequence[Exchange], utterance: str, thinking: Thinking
    ) -> Reflection:
        """Look at a thinking again, and put it right where it is wrong (VI-F)."""
        ...

    async def feel(self, place: str, task: Task, utterance: str) -> Emotion:
        """Whether the user is willing to go on (equation 16)."""
        ...

    async def answer(self, place: str, thinking: Thinking, emotion: Emotion, utterance: str) -> Reply:
        """Options for what is asked for (equation 17) and the words that ask for it, in one go: the second needs the
        first, and nothing else does."""
        ...


class UserSteps(Protocol):
    """The user agent's questions."""

    async def inquire(self, place: str, seed: Seed, told: Sequence[str] | None) -> Said:
        """The initial inquiry, which names the intentions `told` and no other (equation 11).

        None: it sees all and names as many as it likes (equation 5), what the ablation `probability-control` leaves.
        """
        ...

    async def reply(
        self, place: str, seed: Seed, past: Sequence[Exchange], asked: str | None, *, reluctant: bool
    ) -> Said:
        """What the user says to the last reply (equations 3, 15).

        asked      the intention that the reply asks for: it tells that one and no other. None where nobody knows what
                   is asked for: it sees all, and is to tell what is asked
        reluctant  whether it is one who grows tired of questions
        """
        ...


class Steps(AssistantSteps, UserSteps, Protocol):
    """All that a dialogue takes."""
