"""A share of an input: every n-th record, so that several processes, or people, work on one input side by side.

A record keeps the number that it has in the whole input. What is asked of it, drawn for it and written of it depends on
that number alone, so shards that are joined (`merging.py`) are the same as one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

_FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """number: which one, from 1; of: how many there are."""

    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ValueError(f"there is no shard {self.number} of {self.of}")

    @classmethod
    def named(cls, text: str) -> Shard:
        """The shard that "3/16" names. Raises ValueError where it names none."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} names no shard; 3/16 is the third of sixteen")
        return cls(int(found[1]), int(found[2]))

    def has(self, place: int) -> bool:
        """Whether the record at that place of the input, from 0, is in it."""
        return place % self.of == self.number - 1

    def share(self, total: int) -> int:
        """About how many of so many items are its own: exact where each record has one."""
        return len(range(self.number - 1, total, self.of))

    def taken(self, records: Iterable[T]) -> Iterator[T]:
        """Of the records of the whole input its own, in their order."""
        return islice(records, self.number - 1, None, self.of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


#: All there is.
WHOLE = Shard()
