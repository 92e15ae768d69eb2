"""Which part of a split each dialogue goes to: near-duplicate dialogues together, and before any row is written.

Two dialogues are near-duplicates where their longest contexts are, or where their first turns are and are long: then a
small K of one is a small K of the other. Greetings are alike everywhere and join nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from proutt.dialogue import Turn
from proutt.export.example import Example
from proutt.export.reading.context import said_in
from proutt.export.split import Split

#: Estimated Jaccard similarity of 5-grams from which dialogues are one (docs/exports.md).
NEAR = 0.7
#: Words, or characters where words aren't spaced, from which a first turn speaks for its dialogue.
LONG_TURN = 50


class Sides:
    """Takes every example in order, then knows the part of each dialogue.

    A group of near-duplicates goes where its earliest dialogue goes, so a dialogue stays on its side while the data
    grows unless a near-duplicate joins it to another group. Without a split nothing is looked at.
    """

    def __init__(self, split: Split) -> None:
        from proutt.quality.duplicates import Groups, NearDuplicates

        self._split = split
        self._near, self._groups = NearDuplicates(NEAR), Groups()
        self._open: tuple[str, str, str] | None = None
        self._alike: dict[str, str] = {}

    def add(self, key: str, example: Example, alike: Iterable[str] = ()) -> None:
        """key names the example's dialogue. Memory grows with dialogues, not with rows or their length.

        alike: marks; dialogues with one mark in common stay together, whatever they say
        """
        first, whole = said_by(example)
        if self._open is None or self._open[0] != key:
            self._groups.add(key)
            for mark in alike:
                self._groups.join(self._alike.setdefault(mark, key), key)
        if self._open is not None and self._open[0] == key:
            self._open = (key, first, max(self._open[2], whole, key=len))
            return
        self._close()
        self._open = (key, first, whole)

    def _close(self) -> None:
        """A dialogue's examples stand together, so its longest context is known when the next one begins."""
        if self._open is None:
            return
        from proutt.quality.duplicates import units

        key, first, whole = self._open
        self._groups.add(key)
        texts = [whole] if first == whole or len(units(first)) < LONG_TURN else [whole, first]
        for text in texts:
            for other in self._near.add_linked(key, text):
                self._groups.join(other, key)
        self._open = None

    def part_of(self, key: str) -> str:
        """The part of a dialogue, once all examples were added."""
        self._close()
        return self._split.part_of(self._groups.first(key))

    def summary(self) -> dict[str, Any]:
        """What the manifest says of near-duplicates."""
        self._close()
        sizes = self._groups.together()
        return {"threshold": NEAR, "groups": len(sizes), "dialogues": sum(sizes.values())}


def said_by(example: Example) -> tuple[str, str]:
    """What an example's dialogue says: its first turn, and its whole context; no word of an instruction.

    A foreign prompt whose layout is not known is taken as it is, without its system message.
    """
    if example.record is not None:
        context = example.record.context
        return _texts(tuple(Turn(turn.user, turn.assistant) for turn in context.turns), context.opening)
    messages = example.spoken
    said = said_in(messages[-1].content) if messages else None
    if said is not None:
        return _texts(said.turns, said.opening)
    return "\n".join(each.content for each in messages[:2]), "\n".join(each.content for each in messages)


def _texts(turns: tuple[Turn, ...], opening: str | None) -> tuple[str, str]:
    said = [f"{turn.user}\n{turn.assistant}" for turn in turns]
    return said[0] if said else "", "\n".join([*([] if opening is None else [opening]), *said])
