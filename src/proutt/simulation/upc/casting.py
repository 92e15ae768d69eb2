"""How the people of an occupation group come together: who is in, who is missing, and why. Pure.

A group has a place for each of its people, and each place its brief. Rounds fill places; somebody who is refused leaves
the place open, with the reason, and it is asked for again, `TRIES` times in all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from proutt.prompts.personas.brief import Brief, Sketch
from proutt.simulation.upc.company import Company, Refusal, flaw

#: How often a place is asked for before it stays empty.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a round has brought for a place. slot: from 1."""

    slot: int
    sketch: Sketch


@dataclass
class Cast:
    """One group.

    briefs    of its places, from 1
    at_once   places of a round
    kept      place → (the round that brought them, who is there)
    asked     place → how often it was asked for
    refused   place → why the last one was refused
    dropped   refusals by kind
    """

    language: str
    briefs: Mapping[int, Brief]
    at_once: int
    kept: dict[int, tuple[int, Sketch]] = field(default_factory=dict)
    asked: Counter[int] = field(default_factory=Counter)
    refused: dict[int, Refusal] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)

    def wanted(self) -> tuple[int, ...]:
        """The places of the next round, those least often asked for first; none where all are filled or given up."""
        open_places = [slot for slot in self.briefs if slot not in self.kept and self.asked[slot] < TRIES]
        return tuple(sorted(sorted(open_places, key=lambda slot: (self.asked[slot], slot))[: self.at_once]))

    def take(self, round: int, candidates: Sequence[Candidate], company: Company) -> None:
        """What a round has brought. company: whom nobody may repeat; who comes in joins it."""
        for each in candidates:
            self.asked[each.slot] += 1
            if each.slot not in self.briefs or each.slot in self.kept:
                continue
            brief, language = self.briefs[each.slot], self.language
            why = flaw(each.sketch, brief, language) or company.clash(each.sketch, language)
            if why is not None:
                self._refuse(each.slot, why)
                continue
            self.kept[each.slot] = (round, each.sketch)
            self.refused.pop(each.slot, None)
            company.add(each.sketch)

    def missed(self) -> None:
        """A round came to nothing."""
        self.asked.update(self.wanted())

    def settle(self, company: Company) -> None:
        """Take those who are there into a larger company; who clashes with it loses the place again."""
        for slot, (_, sketch) in sorted(self.kept.items()):
            clash = company.clash(sketch, self.language)
            if clash is None:
                company.add(sketch)
            else:
                del self.kept[slot]
                self.asked[slot] = 0
                self._refuse(slot, clash)

    def _refuse(self, slot: int, why: Refusal) -> None:
        self.refused[slot] = why
        self.dropped[why.kind] += 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sketch.name for _, (_, sketch) in sorted(self.kept.items()))


def written(candidates: Iterable[Candidate]) -> str:
    """A round as the journal keeps it."""
    return json.dumps([{"slot": each.slot, **asdict(each.sketch)} for each in candidates], ensure_ascii=False)


def read(record: str) -> list[Candidate]:
    """The round that `written` wrote."""
    rows = json.loads(record)
    return [Candidate(row["slot"], Sketch(**{key: row[key] for key in row if key != "slot"})) for row in rows]
