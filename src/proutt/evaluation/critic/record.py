"""What a critic, and what a person, said of one response: lines of `checks.jsonl` and of `ratings.jsonl`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from proutt.evaluation.critic.responses import ResponseKey
from proutt.methods.record import Record
from proutt.methods.upc.record import ScoresRecord

Aspect = Literal["relevance", "value", "interest"]


class CheckRecord(Record):
    """The critic's scores of a response, asked as the probe says."""

    version: int = 1
    critic: str = Field(description="the model, without its address")
    probe: str
    persona_id: str
    system: str
    chatbot: str = Field(description="the model behind the system")
    repeat: int = Field(ge=1)
    turn: int = Field(ge=2)
    attempt: int = Field(ge=0, description="from 0")
    language: str
    length: int = Field(ge=1, description="of the response as it was said, in characters")
    suspected: bool = Field(description="whether rules find a clause in what was shown that speaks to a judge")
    scores: ScoresRecord

    @property
    def key(self) -> ResponseKey:
        return (self.persona_id, self.turn, self.system, self.repeat, self.attempt)

    @property
    def mean(self) -> float:
        """Of the three aspects, 1..5."""
        return self.scores.total / 3


class RatingRecord(Record):
    """What one person gave one response for one aspect: a line of `ratings.jsonl` of `proutt annotate`."""

    version: int = 1
    persona_id: str
    system: str
    repeat: int = Field(ge=1)
    turn: int = Field(ge=2)
    attempt: int = Field(ge=0, description="from 0")
    aspect: Aspect
    score: int = Field(ge=1, le=5)
    rater: str
    seconds: float
    batch: int = Field(ge=1)

    @property
    def key(self) -> ResponseKey:
        return (self.persona_id, self.turn, self.system, self.repeat, self.attempt)
