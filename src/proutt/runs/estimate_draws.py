"""Chance for a rehearsal, spread evenly: of a pool everything comes once before anything comes again.

So a small input is rehearsed as the measured shares are, not as luck has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")


class Draws:
    """Draws of one course. seed: keys them."""

    def __init__(self, seed: str) -> None:
        self.rng = Random(seed)
        self._decks: dict[str, list[Any]] = {}
        self._owed: dict[str, float] = {}

    def of(self, name: str, pool: Sequence[T]) -> T:
        """One of a pool, which is the same at every call of that name."""
        deck = self._decks.setdefault(name, [])
        if not deck:
            deck.extend(pool)
            self.rng.shuffle(deck)
        drawn: T = deck.pop()
        return drawn

    def happens(self, name: str, share: float) -> bool:
        """True in that share (0..1) of the calls of that name."""
        owed = self._owed.get(name, self.rng.random()) + share
        self._owed[name] = owed - (owed >= 1)
        return owed >= 1
