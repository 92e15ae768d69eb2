"""How UPC's chatbots and user agents speak: lengths, questions, variety of words.

Streaming: one pass. What variety needs grows with the different words, and nothing else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from proutt.methods.upc.record import UPCDialogue
from proutt.prompts.upc.saying import questions_in
from proutt.quality.dialogue_statistics import Range
from proutt.quality.duplicates import units
from proutt.quality.statistics import Moments
from proutt.quality.tokens import ESTIMATE, TokenCounter


@dataclass(slots=True)
class Variety:
    """Distinct-n: different n-grams of words as a share of all of them. It falls as a corpus grows: compare corpora of
    like size."""

    n: int
    all: int = 0
    different: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, words: list[str]) -> None:
        grams = [(each,) for each in words] if self.n == 1 else list(pairwise(words))
        self.all += len(grams)
        self.different.update(grams)

    @property
    def share(self) -> float | None:
        """0..1; None where there is no n-gram."""
        return len(self.different) / self.all if self.all else None


@dataclass(slots=True)
class Speech:
    """What one side says.

    words       of an utterance; a Chinese character is a word
    tokens      of an utterance
    questions   of an utterance, told by their marks
    vocabulary  different words, in any case
    """

    words: Range = field(default_factory=Range)
    tokens: Moments = field(default_factory=Moments)
    questions: Moments = field(default_factory=Moments)
    asking: int = 0
    singles: Variety = field(default_factory=lambda: Variety(1))
    doubles: Variety = field(default_factory=lambda: Variety(2))

    def add(self, utterance: str, tokens: int) -> None:
        words, questions = units(utterance), len(questions_in(utterance))
        self.words.add(len(words))
        self.tokens.add(tokens)
        self.questions.add(questions)
        self.asking += questions > 0
        self.singles.add(words)
        self.doubles.add(words)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; shares are 0..1. asking: the share of utterances with a question."""
        count = self.questions.count
        return {
            "utterances": count,
            "words": self.words.as_json(),
            "tokens": round(self.tokens.mean, 2),
            "questions": round(self.questions.mean, 4),
            "asking": round(self.asking / count, 4) if count else None,
            "vocabulary": len(self.singles.different),
            "distinct_1": _rounded(self.singles.share),
            "distinct_2": _rounded(self.doubles.share),
        }


@dataclass(slots=True)
class UPCStatistics:
    """Of a corpus. The greeting and the introduction count as any other utterance."""

    counter: TokenCounter = ESTIMATE
    turns: Range = field(default_factory=Range)
    languages: Counter[str] = field(default_factory=Counter)
    strategies: Counter[str] = field(default_factory=Counter)
    chatbot: Speech = field(default_factory=Speech)
    user: Speech = field(default_factory=Speech)

    def add(self, dialogue: UPCDialogue) -> None:
        self.turns.add(len(dialogue.turns) + 1)
        self.languages[dialogue.language] += 1
        self.strategies[str(dialogue.settings.get("strategy", "unknown"))] += 1
        for at, said in enumerate(dialogue.utterances):
            (self.user if at % 2 else self.chatbot).add(said, self.counter.tokens(said))

    def as_json(self) -> dict[str, Any]:
        return {
            "turns": self.turns.as_json(),
            "languages": dict(sorted(self.languages.items())),
            "strategies": dict(sorted(self.strategies.items())),
            "tokens": {"tokenizer": self.counter.name, "estimated": self.counter.estimated},
            "said": {"chatbot": self.chatbot.as_json(), "user": self.user.as_json()},
        }


def upc_statistics(dialogues: Iterable[UPCDialogue], counter: TokenCounter = ESTIMATE) -> UPCStatistics:
    """The statistics of all dialogues. counter: of tokens."""
    found = UPCStatistics(counter)
    for dialogue in dialogues:
        found.add(dialogue)
    return found


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
