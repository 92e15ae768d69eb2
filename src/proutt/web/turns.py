"""Whose turn it is to judge what: two people a batch, a third where the two disagree (ProUtt, Appendix B-B.2); pure.

Everything follows from the answers: the first two people who answer in a batch are its annotators; whoever comes third
answers only what the two disagree on, once both are done. Nobody answers twice in one batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from proutt.evaluation.record import Winner
from proutt.web.items import Plan, Side

#: Why there is nothing to do: all is judged; others must finish first; disagreements need somebody else.
Rest = Literal["done", "wait", "third"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said of one item.

    winner, first  of a comparison: the verdict, and whose suggestions stood first
    score          of a rating, 0..1; of an opinion, 1..5
    seconds        how long the item was in sight
    """

    item: int
    annotator: str
    seconds: float
    winner: Winner | None = None
    first: Side | None = None
    score: float | None = None


@dataclass
class Batch:
    """The answers to one batch, by person in the order in which they came, then by item."""

    items: range
    said: dict[str, dict[int, Answer]] = field(default_factory=dict)

    @property
    def two(self) -> tuple[str, ...]:
        """The batch's annotators: none, one or two."""
        return tuple(self.said)[:2]

    @property
    def third(self) -> str | None:
        return next(iter(tuple(self.said)[2:]), None)

    @property
    def judged(self) -> bool:
        """Both annotators are done."""
        return len(self.two) == 2 and all(len(self.said[name]) == len(self.items) for name in self.two)

    @property
    def disagreed(self) -> list[int]:
        """The comparisons that the two see differently, once both are done. Of ratings there are none: they average."""
        if not self.judged:
            return []
        one, other = (self.said[name] for name in self.two)
        return [item for item in self.items if one[item].winner != other[item].winner]

    @property
    def undecided(self) -> list[int]:
        """What is left for a third."""
        theirs = self.said[self.third] if self.third else {}
        return [item for item in self.disagreed if item not in theirs]

    def open_for(self, annotator: str) -> list[int]:
        """What this person may answer now, in order, without what they have answered."""
        own = self.said.get(annotator, {})
        if annotator in self.two or len(self.two) < 2:
            return [item for item in self.items if item not in own]
        return self.undecided if self.third in (None, annotator) else []

    def may_change(self, annotator: str, item: int) -> bool:
        """An answer may be given anew until it has told who needs to answer next."""
        if item not in self.said.get(annotator, {}):
            return False
        return bool(self.undecided) if annotator == self.third else not self.judged


def batches_of(plan: Plan, answers: Iterable[Answer]) -> list[Batch]:
    """The answers by batch. answers: in the order in which they were first given."""
    found = [Batch(items) for items in plan.batches]
    for answer in answers:
        found[plan.batch_of(answer.item)].said.setdefault(answer.annotator, {})[answer.item] = answer
    return found


def next_for(batches: Iterable[Batch], annotator: str) -> int | Rest:
    """The item that this person answers next, or why there is none.

    First what they have begun, then disagreements that wait for a third, then a batch that lacks its second annotator,
    then a new one.
    """
    every = list(batches)
    offered = [batch for batch in every if batch.open_for(annotator)]
    if offered:
        return min(offered, key=lambda batch: _urgency(batch, annotator)).open_for(annotator)[0]
    if all(batch.judged and not batch.undecided for batch in every):
        return "done"
    return "wait" if any(not batch.judged for batch in every) else "third"


def _urgency(batch: Batch, annotator: str) -> int:
    if annotator in batch.said:
        return 0
    return 1 if len(batch.two) == 2 else 2 if batch.two else 3


def progress(batches: Iterable[Batch], annotator: str, item: int) -> Mapping[str, int]:
    """Where this person is in the item's batch: answered, of how many."""
    batch = next(each for each in batches if item in each.items)
    answered = len(batch.said.get(annotator, {}))
    third = len(batch.two) == 2 and annotator not in batch.two
    return {"answered": answered, "of": len(batch.disagreed) if third else len(batch.items)}
