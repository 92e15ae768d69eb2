"""What an evaluation of SynPT stores: a line of `dialogues.jsonl` is a dialogue of one test case in one repeat.

Everything that the tables say is computed from these lines again. What was judged stands beside what was said.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from proutt.evaluation.synpt.cases import Part
from proutt.methods.record import Record, UsageRecord

VERSION = 1

#: How a dialogue ended: with a summary, at the most turns, or since the model under test said nothing, or gave no
#: answer that can be used.
End = Literal["summary", "most-turns", "silent", "failed"]
#: How dialogues count in which the model under test failed: as right about nothing, or not at all.
Failed = Literal["wrong", "left-out"]
#: What decided which intention a reply asks for: the model's own fields, names in its words, a judge.
Decided = Literal["fields", "names", "judge"]


class InquiryRecord(Record):
    """One line of `inquiries.jsonl`: a test case with its initial inquiry, the same for every model under test."""

    version: int = VERSION
    seed_id: str
    task: str
    language: str
    part: Part
    told: list[str] = Field(description="intentions that the inquiry names")
    values: dict[str, str] = Field(description="the seed: what the user wants")
    utterance: str


class ReplyRecord(Record):
    """What the model under test answered.

    asked  intentions that it asks for; null where nobody could tell, or it did not ask
    """

    text: str
    summary: dict[str, str] | None = None
    asked: list[str] | None = None
    options: list[str] | None = Field(None, description="where it gave them as a field")


class TurnRecord(Record):
    user: str
    reply: ReplyRecord


class EmotionProbe(Record):
    """A user's reply with an expression of unwillingness, and what the model under test made of it (V-B).

    turn       of the reply that was altered, from 2
    missing    whether something was still missing then; null where it is not known what had been asked for
    stopped    whether the altered reply was answered with a summary
    went_on    whether the unaltered reply was answered with a question
    failure    why there is no answer that can be used; null where there is one
    """

    turn: int = Field(ge=2)
    altered: str
    answer: str
    missing: bool | None
    stopped: bool
    went_on: bool
    failure: str | None = None


class OptionScore(Record):
    """How reasonable the options of one reply are (V-C), 0..3; null where it offers none."""

    turn: int
    score: int | None = Field(ge=0, le=3)
    reason: str = ""


class EvaluatedDialogue(Record):
    """A dialogue of the model under test with a simulated user, and what was found of it.

    names       intention → what people call it, in the task's order
    decided_by  of the replies that ask; null where nothing was missing, or nobody could tell
    failure     where the model under test failed: why; it is right about nothing then
    """

    version: int = VERSION
    seed_id: str
    repeat: int = Field(ge=1)
    system: str
    subject: str
    task: str
    language: str
    part: Part
    told: list[str]
    values: dict[str, str]
    names: dict[str, str]
    any_value: str
    turns: list[TurnRecord] = Field(min_length=1)
    end: End
    failure: str | None = None
    decided_by: Decided | None = None
    vagueness_right: bool
    mined: bool | None = Field(description="all that was missing was asked for; null where nobody could tell")
    summary_right: bool
    emotion: EmotionProbe | None = None
    options: list[OptionScore] | None = None
    models: dict[str, str] = Field(description="role → the model's identity")
    usage: UsageRecord = Field(description="of the model under test")
    usage_of_others: UsageRecord = Field(description="of the simulated user and the judge")

    @property
    def vague(self) -> bool:
        """Whether the first words left something out."""
        return len(self.told) < len(self.values)

    @property
    def all_right(self) -> bool:
        """Right by all three criteria: what Dialogue Turns B counts."""
        return self.vagueness_right and self.mined is True and self.summary_right
