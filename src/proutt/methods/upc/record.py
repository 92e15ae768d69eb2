"""One line of `dialogues.jsonl` of `proutt simulate upc`: a dialogue, every attempt at a response, its scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from proutt.intent.persona import Persona
from proutt.methods.record import Record, UsageRecord
from proutt.prompts.upc.heard import ASPECTS

#: Why a response was not written again: all scores are high enough; R regenerations were made; no regeneration passed
#: the rules; nobody scores (unguided).
Ended = Literal["passed", "most-regenerations", "no-usable-regeneration", "unguided"]


class AspectRecord(Record):
    score: int = Field(ge=1, le=5)
    reason: str


class ScoresRecord(Record):
    """S_{i,t} of equation (1)."""

    relevance: AspectRecord
    value: AspectRecord
    interest: AspectRecord

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Relevance, value, interest."""
        return (self.relevance.score, self.value.score, self.interest.score)

    @property
    def total(self) -> int:
        return sum(self.numbers)

    def by_aspect(self) -> dict[str, int]:
        return dict(zip(ASPECTS, self.numbers, strict=True))


class AttemptRecord(Record):
    """One response that the rules let pass.

    scores    null where nobody scores
    advice    what of the critic's advice the chatbot read before its next attempt; null where there was none
    withheld  sentences of the advice that it did not get to read: they tell what was not said
    """

    utterance: str
    scores: ScoresRecord | None = None
    advice: str | None = None
    withheld: list[str] = Field([])


class RejectedRecord(Record):
    """A response that the rules rejected; it was asked for again, and counts as no regeneration.

    attempt  which attempt it was to be, from 0
    """

    attempt: int
    utterance: str
    reason: str


class UPCTurn(Record):
    """Turn t > 1: a response and what the user says to it.

    attempts  u'_{i,t} first, then its regenerations
    kept      index of the attempt that was said: the best-scored, by the sum of its scores; of equals the earlier
    """

    attempts: list[AttemptRecord] = Field(min_length=1)
    kept: int
    ended: Ended
    rejected: list[RejectedRecord] = Field([])
    user: str

    @property
    def response(self) -> str:
        """u_{i,t}^{Bot}, as it was said."""
        return self.attempts[self.kept].utterance

    @property
    def first_scores(self) -> ScoresRecord | None:
        """S'_{i,t}."""
        return self.attempts[0].scores

    @property
    def scores(self) -> ScoresRecord | None:
        """S_{i,t}, of the response that was said."""
        return self.attempts[self.kept].scores

    @property
    def regenerations(self) -> int:
        return len(self.attempts) - 1


class UPCDialogue(Record):
    """A dialogue with the user that a persona describes.

    greeting, introduction  the first turn, which nobody scores
    turns                   turns 2..T
    flags                   what the checks found, by name
    """

    version: int = 1
    method: Literal["upc"] = "upc"
    persona_id: str
    name: str
    group: str | None
    background: str
    language: str
    source: str
    greeting: str
    greeting_rejected: list[RejectedRecord] = Field([])
    introduction: str
    turns: list[UPCTurn]
    flags: list[str] = Field([])
    models: dict[str, str] = Field(description="role → the model's identity")
    prompt_version: str
    seed: int
    settings: dict[str, object]
    usage: UsageRecord
    usage_by_module: dict[str, UsageRecord]

    @property
    def persona(self) -> Persona:
        return Persona(self.persona_id, self.name, self.background, self.language, self.group, self.source)

    @property
    def scored(self) -> bool:
        """Whether a critic scored every turn: only then is it easy or difficult."""
        return all(turn.first_scores is not None and turn.scores is not None for turn in self.turns)

    @property
    def utterances(self) -> tuple[str, ...]:
        """All that was said, the chatbot first."""
        return tuple(self.said())

    def said(self) -> Iterator[str]:
        yield self.greeting
        yield self.introduction
        for turn in self.turns:
            yield turn.response
            yield turn.user
