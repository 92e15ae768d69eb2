"""What a judge is, and the LLM as one (ProUtt III-D.2).

A judge sees the truth. An unreadable verdict is an error, never a 0: a 0 means "revise".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from proutt.dialogue import Context
from proutt.intent import Truth
from proutt.prompts import Ask
from proutt.prompts.proutt import JudgeSimilarity

if TYPE_CHECKING:
    from proutt.judge.embedding import EmbeddingJudge


@dataclass(frozen=True, slots=True)
class JudgeScore:
    """Similarity of one utterance to the truth, 0..1, and the reason where the judge gives one."""

    score: float
    reason: str = ""


class Judge(Protocol):
    """Scores utterances against the truth."""

    @property
    def name(self) -> str:
        """What scored, for the record: "llm", or the embedding model with its version."""
        ...

    async def scores(
        self, context: Context, truth: Truth, utterances: Sequence[str], place: str
    ) -> tuple[JudgeScore, ...]:
        """One score per utterance, in order. Raises ModelError or AnswerError where there is no readable verdict."""
        ...


@dataclass(frozen=True)
class LLMJudge:
    """The LLM as a judge: one call for all utterances of a turn.

    budget  most tokens of the context in the prompt
    """

    ask: Ask
    budget: int
    name: str = "llm"

    async def scores(
        self, context: Context, truth: Truth, utterances: Sequence[str], place: str
    ) -> tuple[JudgeScore, ...]:
        step = JudgeSimilarity(
            budget=self.budget,
            context=context,
            truth=truth.utterance,
            utterances=tuple(utterances),
        )
        answer = await self.ask(step, f"{place}/judge")
        return tuple(JudgeScore(each.score, each.reason) for each in answer.verdicts)


@dataclass(frozen=True)
class SimilarityJudge:
    """Sentence embeddings as a judge (`EmbeddingJudge`): the two utterances alone, no call, no reason."""

    embedding: EmbeddingJudge

    @property
    def name(self) -> str:
        return self.embedding.name

    async def scores(
        self,
        context: Context,
        truth: Truth,
        utterances: Sequence[str],
        place: str,  # noqa: ARG002
    ) -> tuple[JudgeScore, ...]:
        scores = await self.embedding.scores(truth.utterance, context.language, utterances)
        return tuple(JudgeScore(score) for score in scores)
