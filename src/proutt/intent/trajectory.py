"""Candidates and trajectories: what a predictor thought and what it proposes (ProUtt III-D, figures 7 and 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from proutt.intent.tree import IntentPath, Perspective
from proutt.intent.truth import SentenceType


@dataclass(frozen=True, slots=True)
class Candidate:
    """One predicted path p̂ with the reasoning that leads to it and the utterance û that verbalises it.

    path is None only under the ablation "intent-tree" and of methods that find no paths; perspective is None of methods
    that know no perspectives.
    """

    perspective: Perspective | None
    reasoning: str
    path: IntentPath | None
    utterance: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """r and Û: sentence-type reasoning, then 2Q candidates, exploitation first (chosen: r⁺, Û⁺; rejected: r⁻, Û⁻).

    Both sentence-type fields are None under the ablation "sentence-type".
    """

    sentence_type: SentenceType | None
    sentence_type_reasoning: str | None
    candidates: tuple[Candidate, ...]

    def of(self, perspective: Perspective) -> tuple[Candidate, ...]:
        """The Q candidates of one perspective, in order."""
        return tuple(each for each in self.candidates if each.perspective is perspective)

    def with_candidate(self, position: int, candidate: Candidate) -> Trajectory:
        """The same trajectory with the candidate at `position` (0-based, over all 2Q) replaced."""
        changed = (*self.candidates[:position], candidate, *self.candidates[position + 1 :])
        return replace(self, candidates=changed)
