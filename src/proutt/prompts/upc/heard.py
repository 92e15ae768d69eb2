"""All that a chatbot may know: what was said, and what a critic may tell it of a draft. Neither can hold a persona."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: What a response is scored for (UPC 4.1), in the order of the critic's prompt.
ASPECTS = ("relevance", "value", "interest")


@dataclass(frozen=True, slots=True)
class Heard:
    """D_{i,t-1}: the utterances of a dialogue, alternating, the chatbot's greeting first. Anything but texts is a
    TypeError."""

    language: str
    utterances: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _only_texts("what a chatbot has heard", (self.language, *self.utterances))

    def then(self, *said: str) -> Heard:
        """The same with what was said next."""
        return Heard(self.language, (*self.utterances, *said))

    @property
    def by_chatbot(self) -> tuple[str, ...]:
        return self.utterances[::2]

    @property
    def by_user(self) -> tuple[str, ...]:
        return self.utterances[1::2]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a chatbot is told of its draft before it writes another.

    draft   its own words
    scores  relevance, value, interest, each 1..5
    advice  sentences of the critic that tell nothing of the background that was not said; "" for none
    """

    draft: str
    scores: tuple[int, int, int]
    advice: str = ""

    def __post_init__(self) -> None:
        _only_texts("a critic's feedback", (self.draft, self.advice))
        if not all(type(each) is int and 1 <= each <= 5 for each in self.scores) or len(self.scores) != len(ASPECTS):
            raise TypeError("a critic's feedback has three scores from 1 to 5")


def _only_texts(what: str, values: Iterable[Any]) -> None:
    for value in values:
        if type(value) is not str:
            raise TypeError(f"{what} was given a {type(value).__name__}: it may only hold texts")
