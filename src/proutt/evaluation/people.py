"""What raters said of comparisons, what people decided together, and which of their batches count (ProUtt, B-B.2).

Two people judge a batch; a third, the adjudicator, is asked only where the two disagree. So the adjudicator's verdicts
decide, but are in no statistic of agreement: they were asked for because there was none. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from proutt.evaluation.record import VerdictRecord, Winner

#: (dialogue, K, a, b): what raters judge.
Item = tuple[str, int, str, str]
#: A file of verdicts, and the number of a batch in it.
BatchKey = tuple[str, int]


@dataclass(frozen=True)
class Rater:
    """One rater.

    said     one verdict an item, given without knowing of others
    decided  where this person was the adjudicator; verdicts that do not say so are in `said`
    """

    name: str
    kind: str
    said: Mapping[Item, Winner]
    decided: Mapping[Item, Winner] = field(default_factory=dict)

    def within(self, items: Iterable[Item]) -> Rater:
        """The same rater of these items alone."""
        wanted = set(items)
        said, decided = (
            {item: winner for item, winner in of.items() if item in wanted} for of in (self.said, self.decided)
        )
        return Rater(self.name, self.kind, said, decided)


def item_of(verdict: VerdictRecord) -> Item:
    return (verdict.dialogue_id, verdict.k, verdict.a, verdict.b)


def raters_of(verdicts: Iterable[VerdictRecord]) -> list[Rater]:
    """Every rater's one verdict an item: what most of both orders and all repeats say, else a tie."""
    found: dict[tuple[str, str], dict[bool, dict[Item, list[Winner]]]] = {}
    for each in verdicts:
        of_rater = found.setdefault((each.kind, each.rater), {False: {}, True: {}})
        of_rater[each.adjudicating].setdefault(item_of(each), []).append(each.winner)
    return [
        Rater(name, kind, *({item: majority(winners) for item, winners in by[each].items()} for each in (False, True)))
        for (kind, name), by in sorted(found.items())
    ]


def majority(winners: Sequence[Winner]) -> Winner:
    """What more than half said; a tie where nothing was."""
    (winner, count), *_ = Counter(winners).most_common()
    return winner if count * 2 > len(winners) else "tie"


def adjudicated(people: Sequence[Rater]) -> dict[Item, Winner]:
    """What an adjudicator said, a tie too; else what two people or more agree on. Items left open are not there.

    Open is also what two adjudicators (of merged files) see differently. Where records do not tell who adjudicated, a
    third person's verdict counts as one more: it decides where it makes a majority.
    """
    found: dict[Item, Winner] = {}
    for item in {item for each in people for item in (*each.said, *each.decided)}:
        final = {each.decided[item] for each in people if item in each.decided}
        if final:
            if len(final) == 1:
                found[item] = final.pop()
            continue
        winners = [each.said[item] for each in people if item in each.said]
        (winner, count), *_ = Counter(winners).most_common()
        if count >= 2 and count * 2 > len(winners):
            found[item] = winner
    return dict(sorted(found.items()))


def judged_twice(people: Sequence[Rater]) -> set[Item]:
    return {item for one, other in combinations(people, 2) for item in one.said.keys() & other.said.keys()}


def valid_items(people: Sequence[Rater], batches: Mapping[Item, BatchKey], gate: float) -> set[Item]:
    """The items of the batches whose annotators agree in at least that share (`gate`, 0..1).

    batches: of the items whose batch is known. A batch counts once two people have judged all of it; all who have must
    say the same of an item for it to count as agreed.
    """
    together: dict[BatchKey, set[Item]] = {}
    for item, batch in batches.items():
        together.setdefault(batch, set()).add(item)
    valid: set[Item] = set()
    for items in together.values():
        whole = [each.said for each in people if items <= each.said.keys()]
        agreed = sum(len({said[item] for said in whole}) == 1 for item in items)
        if len(whole) >= 2 and agreed >= gate * len(items):
            valid |= items
    return valid


def valid_shared_items(people: Sequence[Rater], gate: float) -> set[Item]:
    """The same where batches are not known: a batch is what two people judged of two systems.

    A third person, who was asked only where the two disagree, makes no batch of their own: of the pairs of people that
    share items of a comparison, those with the most items in common count.
    """
    batches: dict[tuple[str, str], dict[tuple[str, str], list[Item]]] = {}
    for one, other in combinations(people, 2):
        for item in one.said.keys() & other.said.keys():
            batches.setdefault(item[2:], {}).setdefault((one.name, other.name), []).append(item)
    by_name = {each.name: each for each in people}
    valid: set[Item] = set()
    for shared in batches.values():
        taken: set[Item] = set()
        for (first, second), items in sorted(shared.items(), key=lambda each: (-len(each[1]), each[0])):
            if not taken.isdisjoint(items):
                continue
            taken |= set(items)
            agreed = sum(by_name[first].said[item] == by_name[second].said[item] for item in items)
            if agreed >= gate * len(items):
                valid |= set(items)
    return valid
