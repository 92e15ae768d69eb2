"""What people judge, in batches: two systems' suggestions side by side, one suggestion, a claim, a response; pure.

A batch is of one pair of systems. Test cases come into batches in an order drawn by the seed, so that even the first
batch alone is a fair sample, and neighbours are rarely of one dialogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import ClassVar, Literal

from proutt.errors import UserError
from proutt.evaluation.cases import Bench, Case
from proutt.evaluation.critic.record import Aspect
from proutt.evaluation.critic.responses import ResponseKey

Side = Literal["a", "b"]
#: 0 to 1, in tenths.
TENTHS = tuple(tenth / 10 for tenth in range(11))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on one test case; a < b by name. said_a, said_b: their suggestions in rank order, possibly none."""

    case: Case
    a: str
    b: str
    said_a: tuple[str, ...]
    said_b: tuple[str, ...]

    def first_for(self, annotator: str, seed: int) -> Side:
        """Whose suggestions this annotator reads first: by chance, but the same at every visit."""
        place = f"{seed}/{self.case.place}/{self.a}/{self.b}/first/{annotator}"
        return "a" if Random(place).random() < 0.5 else "b"


@dataclass(frozen=True, slots=True)
class Rating:
    """One suggestion for one test case. said_by: (system, rank) of all that say it: it is asked once."""

    scale: ClassVar[tuple[float, ...]] = TENTHS

    case: Case
    text: str
    said_by: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that holds of a dialogue or not (SynPT IV-D). `claims.py` says which.

    case       the dialogue; its truth is not shown
    question   what is asked, answered by yes or no: an `Answer` whose winner is "a" for yes and "b" for no
    wanted     what the user wants, a line each
    system, repeat, criterion   which dialogue of whom, and which of its criteria; hidden from people
    """

    case: Case
    question: str
    wanted: tuple[str, ...]
    system: str
    repeat: int
    criterion: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """One response of a chatbot, scored for one aspect (UPC 4.1). `opinions.py` says which.

    case        what was said, the response last; there is no truth
    background  who the user is, whose place people take
    question, levels  what is asked, and what scores mean, a line each
    key, aspect  which response it is; the key is hidden from people
    """

    scale: ClassVar[tuple[float, ...]] = (1.0, 2.0, 3.0, 4.0, 5.0)

    case: Case
    text: str
    background: str
    question: str
    levels: tuple[str, ...]
    key: ResponseKey
    aspect: Aspect


Item = Comparison | Rating | Claim | Opinion


@dataclass(frozen=True)
class Plan:
    """Everything that is to be judged.

    items    a batch's items are neighbours; an item's number is its place here
    batches  the numbers of each batch's items
    """

    items: tuple[Item, ...]
    batches: tuple[range, ...]

    def batch_of(self, item: int) -> int:
        return next(number for number, batch in enumerate(self.batches) if item in batch)

    @property
    def pairwise(self) -> bool:
        """Whether people give verdicts, on which they agree or not and a third decides; of scores they do neither."""
        return isinstance(self.items[0], (Comparison, Claim))

    @property
    def scale(self) -> tuple[float, ...]:
        """The scores that people can give, from low to high; none where they give verdicts."""
        first = self.items[0]
        return first.scale if isinstance(first, (Rating, Opinion)) else ()


def planned(bench: Bench, *, pointwise: bool, seed: int, size: int) -> Plan:
    """The batches of these predictions. size: items a batch; the last of a pair of systems may have fewer.

    Raises UserError where there is nothing to judge, or two files are of one system.
    """
    for system in bench.systems.values():
        if len(system.runs) > 1:
            raise UserError(
                f"two files are predictions of {system.name!r}.",
                remedy="Give one file a system, or name systems apart.",
            )
    if not pointwise and len(bench.systems) < 2:
        raise UserError("one system can't be compared.", remedy="Give predictions of two, or --pointwise.")
    groups = [_ratings(bench)] if pointwise else _comparisons(bench)
    items: list[Item] = []
    batches = []
    for number, group in enumerate(groups):
        Random(f"{seed}/batches/{number}").shuffle(group)
        for start in range(0, len(group), size):
            part = group[start : start + size]
            batches.append(range(len(items), len(items) + len(part)))
            items += part
    if not items:
        raise UserError(
            "there is nothing to judge.", remedy="Give predictions of the same test cases, of dialogues that go on."
        )
    return Plan(tuple(items), tuple(batches))


def _comparisons(bench: Bench) -> list[list[Item]]:
    cases = bench.of_all()
    return [[_comparison(bench, case, a, b) for case in cases] for a, b in combinations(sorted(bench.systems), 2)]


def _comparison(bench: Bench, case: Case, a: str, b: str) -> Item:
    said = {name: bench.systems[name].runs[0][case.key] for name in (a, b)}
    return Comparison(case, a, b, said[a], said[b])


def _ratings(bench: Bench) -> list[Item]:
    items: list[Item] = []
    for case in bench.of_all():
        by_text: dict[str, list[tuple[str, int]]] = {}
        for name in sorted(bench.systems):
            for rank, text in enumerate(bench.systems[name].runs[0][case.key], start=1):
                by_text.setdefault(text, []).append((name, rank))
        items += [Rating(case, text, tuple(said_by)) for text, said_by in by_text.items()]
    return items
