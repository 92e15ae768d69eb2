"""What evaluation stores: a score of a suggestion, a verdict between two systems. Tables are rebuilt from these.

A system is named by `PredictionRecord.system`; a test case by `dialogue_id` and `k`. Test cases of one dialogue are one
cluster in every interval.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from proutt.methods.record import Record

JUDGEMENT_VERSION = 1

#: The metrics of scores that a model and that a person gave; any other is an embedding's name.
LLM_JUDGE, PERSON = "llm-judge", "person"

Winner = Literal["a", "b", "tie"]


class ScoreRecord(Record):
    """One suggestion against the truth (ProUtt, Appendix B-B.1). One line of `scores.jsonl`."""

    version: int = JUDGEMENT_VERSION
    dialogue_id: str
    k: int
    language: str
    system: str
    rank: int = Field(ge=1, description="the suggestion's place, from 1")
    metric: str = Field(description="llm-judge, person, or the embedding's name")
    rater: str = Field(description="the judging model, or who rated")
    repeat: int = Field(1, ge=1, description="which of the repeated evaluations")
    score: float = Field(description="0..1 for judges; a cosine, as it is or rescaled, for embeddings")
    reason: str = ""
    flags: list[str] = Field(default=[], description="such as injection-suspected")


class VerdictRecord(Record):
    """One comparison of two systems' suggestions (Appendix B-B.2). One line of `verdicts.jsonl`."""

    version: int = JUDGEMENT_VERSION
    dialogue_id: str
    k: int
    language: str
    a: str = Field(description="the system called A here; a < b by name, whatever was shown first")
    b: str
    first: Literal["a", "b"] = Field(description="whose suggestions the rater read first")
    winner: Winner
    rater: str = Field(description="the judging model, or the annotator")
    kind: Literal["model", "person"]
    repeat: int = Field(1, ge=1)
    seconds: float | None = Field(None, description="how long a person took")
    batch: int | None = Field(None, ge=1, description="which batch of the annotation it was given in; None: not known")
    adjudicating: bool = Field(False, description="a third person's word where two disagreed; it is final, a tie too")
    reason: str = ""
    flags: list[str] = Field(default=[])
