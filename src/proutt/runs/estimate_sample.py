"""Which dialogues are rehearsed, how often, and what all of the input takes by that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_draws import Draws
from proutt.runs.estimate_rehearsal import Counts, StandIn

#: What the input is a stream of: a dialogue, a seed.
T = TypeVar("T")

#: Up to so many dialogues all are rehearsed; of more, a sample of so many.
EXACT = 2000
#: Low and high come from so many of them.
EDGES = 100
#: A small input is rehearsed again and again until so many turns were seen: the expected course, the others.
TURNS, EDGE_TURNS = 200, 50
_MOST_REPEATS = 40
_COURSES: tuple[Course, ...] = ("kept", "revised", "expected", "high")


@dataclass
class Sample(Generic[T]):
    """The dialogues to rehearse, in the order of the input, and how many there are in all.

    kept        (dialogue, how many items it has)
    with_items  dialogues that have any
    """

    kept: list[tuple[T, int]] = field(default_factory=list)
    dialogues: int = 0
    with_items: int = 0
    items: int = 0

    @property
    def sampled(self) -> int | None:
        """Of how many dialogues it is; None: of all that have items."""
        return None if len(self.kept) == self.with_items else len(self.kept)


def sample_of(dialogues: Iterable[T], items_of: Callable[[T], int], seed: int, exact: int) -> Sample[T]:
    """All dialogues up to `exact`, else as many of them by chance, each as likely as any other (keyed by the seed)."""
    rng = Random(f"{seed}/estimate")
    sample: Sample[T] = Sample()
    places: list[int] = []
    for dialogue in dialogues:
        sample.dialogues += 1
        items = items_of(dialogue)
        if not items:
            continue
        sample.items += items
        sample.with_items += 1
        if len(sample.kept) < exact:
            sample.kept.append((dialogue, items))
            places.append(sample.with_items)
        else:
            at = rng.randrange(sample.with_items)
            if at < exact:
                sample.kept[at], places[at] = (dialogue, items), sample.with_items
    order = sorted(range(len(places)), key=places.__getitem__)
    sample.kept = [sample.kept[at] for at in order]
    return sample


async def rehearsed(
    sample: Sample[T],
    seed: int,
    stand_in: Callable[[Course, Draws], StandIn],
    rehearse: Callable[[T, StandIn], Awaitable[None]],
    *,
    turns: int = 1,
) -> dict[Course, Table]:
    """Course → (role, step) → what all records of the input take.

    rehearse  has all asked that one takes
    turns     about how many an item is: as much of a small input is rehearsed whatever its items are
    """
    every = max(1, len(sample.kept) // EDGES)
    found: dict[Course, Table] = {}
    for course in _COURSES:
        kept = sample.kept if course == "expected" else sample.kept[::every]
        items = sum(each for _, each in kept)
        least = TURNS if course == "expected" else EDGE_TURNS
        repeats = min(-(-least // (items * turns)), _MOST_REPEATS) if items else 0
        draws = Draws(f"{seed}/estimate/{course}")
        table: Table = {}
        for _ in range(repeats):
            ask = stand_in(course, draws)
            for dialogue, _items in kept:
                await rehearse(dialogue, ask)
            for place, each in ask.counts.items():
                table.setdefault(place, Counts()).add(each, sample.items / items / repeats)
        found[course] = table
    return found
