"""One participant's visit: two chats, whose turn it is in each, and at last a verdict; pure.

The page knows bot 1 and bot 2. Which chatbot, a or b, that is, is drawn for each participant and stays here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal

#: One of the two chatbots compared.
Side = Literal["a", "b"]
SIDES: tuple[Side, Side] = ("a", "b")
#: What bot 1 and bot 2 are compared for, in the paper's order (5.4).
ASPECTS = ("relevance", "interest", "value", "overall")
Preferred = Literal["a", "b", "same"]


def first_of(participant: int, seed: int) -> Side:
    """Which chatbot is bot 1. participant: from 1. Of 1 and 2, of 3 and 4, and so on, each meets another one first."""
    pair, place = divmod(participant - 1, 2)
    swapped = Random(f"{seed}/{pair}/first").random() < 0.5
    return SIDES[place ^ swapped]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said. seconds: how long a chatbot took; None of a person, and of an opening that was given."""

    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a participant said of the two at last. preferred: by aspect; words: theirs, or ""."""

    preferred: Mapping[str, Preferred]
    words: str = ""


@dataclass
class Visit:
    """A participant's chats so far.

    greets  the chatbots speak first
    said    by chatbot, in order; both take turns
    """

    participant: int
    first: Side
    greets: bool
    said: dict[Side, list[Utterance]] = field(default_factory=lambda: {"a": [], "b": []})
    verdict: Verdict | None = None

    def side(self, place: int) -> Side:
        """The chatbot that the page calls bot 1 or bot 2."""
        return self.first if place == 1 else _other(self.first)

    def place(self, side: Side) -> int:
        """How the page calls it: 1 or 2."""
        return 1 if side == self.first else 2

    def awaits_bot(self, side: Side) -> bool:
        """Whether the chatbot is to speak next."""
        return len(self.said[side]) % 2 == int(not self.greets)

    def turns(self, side: Side) -> int:
        """How often the participant said something and was answered."""
        return max(len(self.said[side]) - int(self.greets), 0) // 2

    def by_bot(self, side: Side) -> list[Utterance]:
        return self.said[side][int(not self.greets) :: 2]

    def by_participant(self, side: Side) -> list[Utterance]:
        return self.said[side][int(self.greets) :: 2]

    @property
    def least(self) -> int:
        """Turns of the shorter chat."""
        return min(self.turns(side) for side in SIDES)

    @property
    def begun(self) -> bool:
        """The participant has said something."""
        return any(self.by_participant(side) for side in SIDES)


def _other(side: Side) -> Side:
    return "b" if side == "a" else "a"
