"""One line of `predictions.jsonl`: what one system suggests for one test case, and one test case of the input.

A test case is a context and what the user really said next. The suggestions were made from the context alone; the
truth travels beside them for `proutt evaluate`, and no predictor is ever handed it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from proutt.dialogue import Context
from proutt.intent import Perspective, SentenceType
from proutt.methods.record import ContextRecord, LeafRecord, PathRecord, Record, UsageRecord

PREDICTION_VERSION = 1


@dataclass(frozen=True, slots=True)
class TestCase:
    """D^(K) and u_{K+1}.

    truth   None where the dialogue ends with the context: it can be predicted for, but not scored
    source  file and line or position of the dialogue
    """

    __test__ = False  # pytest takes classes of this name for its own

    context: Context
    truth: str | None
    source: str = ""

    @property
    def k(self) -> int:
        """Turns in the context."""
        return len(self.context.turns)

    @property
    def id(self) -> str:
        """`dialogue:K`, the same for every system."""
        return f"{self.context.dialogue_id}:{self.k}"


class SuggestionRecord(Record):
    """One proposed utterance. What a method does not say is null."""

    text: str = Field(min_length=1)
    perspective: Perspective | None = None
    sentence_type: SentenceType | None = None
    path: PathRecord | None = None


class PredictionRecord(Record):
    """What one system suggests for one test case."""

    version: int = PREDICTION_VERSION
    dialogue_id: str
    k: int = Field(ge=1, description="turns in the context")
    language: str
    source: str = ""
    context: ContextRecord
    truth: str | None = Field(None, description="u_{K+1}, for evaluation; no predictor sees it")
    system: str = Field(description="what the predictions are called in tables; by default method and model")
    method: str
    model: str
    suggestions: list[SuggestionRecord] = Field(description="in rank order, best first; 2Q where nothing failed")
    reasoning: str | None = Field(None, description="what stood between <think> and </think>, or the steps' reasoning")
    tree: dict[str, dict[str, LeafRecord]] | None = None
    problems: list[str] = Field(default=[], description="slugs of what was repaired or is missing; empty when clean")
    raw: str = Field("", description="the model's text as it came, where one inference made the prediction")
    usage: UsageRecord
