"""Sentence types, and the truth: what came next, which only annotating and judging steps may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proutt.intent.tree import IntentPath, Perspective


class SentenceType(StrEnum):
    """s ∈ S (ProUtt III-C, equation 2)."""

    DECLARATIVE = "declarative"
    IMPERATIVE = "imperative"
    INTERROGATIVE = "interrogative"


@dataclass(frozen=True, slots=True)
class Truth:
    """What came after the context D^(K).

    utterance      u_{K+1}
    sentence_type  s*_{K+1}
    paths          the new intent paths of turn K+1, the main one first; never empty
    perspective    of the main path p_{K+1}, against T^(K)
    """

    utterance: str
    sentence_type: SentenceType
    paths: tuple[IntentPath, ...]
    perspective: Perspective

    @property
    def path(self) -> IntentPath:
        """p_{K+1}, the main new path of turn K+1."""
        return self.paths[0]
