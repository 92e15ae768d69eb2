"""What the page may ask: the next item, an answer kept, the one before, how far people agree. Knows no network.

Nothing that it hands out names a system, another person, or what another person said.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.record import Winner
from proutt.web.items import Claim, Comparison, Opinion, Plan
from proutt.web.refused import Refused
from proutt.web.store import Store
from proutt.web.turns import Answer, Batch, batches_of, next_for, progress

NAME_LENGTH = 40
#: What people say of a claim, and how it is kept.
_CLAIMED: dict[object, Winner] = {"yes": "a", "no": "b"}
#: Longer than anyone looks at an item.
MOST_SECONDS = 24 * 3600.0


@dataclass
class Desk:
    """One plan and its answers. gate: agreement from which a batch counts as valid."""

    plan: Plan
    store: Store
    seed: int
    gate: float

    def __post_init__(self) -> None:
        self.batches: list[Batch] = batches_of(self.plan, self.store.answers())

    def next(self, name: str) -> dict[str, Any]:
        """The item that this person judges next, or why there is none. Raises Refused for a name that is none."""
        found = next_for(self.batches, self._known(name))
        return {"rest": found} if isinstance(found, str) else self._shown(found, self._known(name))

    def before(self, name: str, item: int | None) -> dict[str, Any]:
        """The item that this person answered before this one (None: last), to answer it anew, or the next one."""
        annotator = self._known(name)
        own = [
            number
            for batch in self.batches
            for number in batch.said.get(annotator, {})
            if batch.may_change(annotator, number)
        ]
        earlier = own[: own.index(item)] if item in own else own
        return self._shown(earlier[-1], annotator) if earlier else self.next(name)

    def answer(self, name: str, item: int, said: str | float, seconds: float) -> bool:
        """Keep an answer; it is on disk when this returns. True where it finished a batch, or its disagreements.

        said: "first", "second" or "tie" of a comparison; a score of its scale of a rating or an opinion; "yes" or
        "no" of a claim. Raises
        Refused where it is none, or this person has no say in the item (now).
        """
        annotator = self._known(name)
        if not 0 <= item < len(self.plan.items):
            raise Refused("there is no such item")
        batch = self.batches[self.plan.batch_of(item)]
        if item not in batch.open_for(annotator) and not batch.may_change(annotator, item):
            raise Refused("this item has been settled meanwhile")
        if not math.isfinite(seconds):
            raise Refused("seconds are no number")
        answer = self._read(item, annotator, said, min(max(seconds, 0.0), MOST_SECONDS))
        self.store.keep(answer)
        batch.said.setdefault(annotator, {})[item] = answer
        return batch.judged and (annotator in batch.two or not batch.undecided)

    def release(self, name: str) -> int:
        """Set aside what this person answered in batches that they have not finished; how many answers that were.

        Somebody else then takes the place. Raises UserError where nobody of that name has answered.
        """
        try:
            annotator = self._known(name)
        except Refused:
            annotator = name
        if not any(annotator in batch.said for batch in self.batches):
            raise UserError(f"nobody named {annotator!r} has answered.", remedy="Give the name as it was given.")
        left = [
            answer
            for batch in self.batches
            if annotator in batch.said and batch.open_for(annotator)
            for answer in batch.said[annotator].values()
        ]
        self.store.release(left)
        self.batches = batches_of(self.plan, self.store.answers())
        return len(left)

    def snapshot(self) -> list[Batch]:
        """The batches as they are now; what is answered later does not change them."""
        return [Batch(batch.items, {name: dict(said) for name, said in batch.said.items()}) for batch in self.batches]

    def _read(self, item: int, annotator: str, said: str | float, seconds: float) -> Answer:
        of = self.plan.items[item]
        if isinstance(of, Claim):
            if said not in _CLAIMED:
                raise Refused("a claim is answered with yes or no")
            return Answer(item, annotator, seconds, winner=_CLAIMED[said], first="a")
        if not isinstance(of, Comparison):
            if isinstance(said, str) or said not in of.scale:
                raise Refused(f"a score is one of {', '.join(f'{each:g}' for each in of.scale)}")
            return Answer(item, annotator, seconds, score=float(said))
        first = of.first_for(annotator, self.seed)
        second = "b" if first == "a" else "a"
        sides = {"first": first, "second": second, "tie": "tie"}
        if not isinstance(said, str) or said not in sides:
            raise Refused("a verdict is first, second or tie")
        return Answer(item, annotator, seconds, winner=sides[said], first=first)  # type: ignore[arg-type]

    def _shown(self, number: int, annotator: str) -> dict[str, Any]:
        item = self.plan.items[number]
        context = item.case.context
        shown: dict[str, Any] = {
            "item": number,
            "language": context.language,
            "opening": context.opening,
            "turns": [{"user": turn.user, "assistant": turn.assistant} for turn in context.turns],
            "truth": item.case.truth,
            **progress(self.batches, annotator, number),
        }
        given = self.batches[self.plan.batch_of(number)].said.get(annotator, {}).get(number)
        if isinstance(item, Claim):
            answered = None if given is None else "yes" if given.winner == "a" else "no"
            claim = {"truth": None, "question": item.question, "wanted": list(item.wanted)}
            return shown | claim | {"given": answered}
        if isinstance(item, Opinion):
            about = {"background": item.background, "question": item.question, "levels": list(item.levels)}
            scored = {"suggestion": item.text, "given": None if given is None else given.score}
            return shown | about | scored | {"truth": None}
        if not isinstance(item, Comparison):
            return shown | {"suggestion": item.text, "given": None if given is None else given.score}
        lists = {"a": item.said_a, "b": item.said_b}
        first = item.first_for(annotator, self.seed)
        second = "b" if first == "a" else "a"
        return shown | {"first": lists[first], "second": lists[second], "given": _place(given, first)}

    def _known(self, name: str) -> str:
        """The name as it was first written: "ann" is "Ann". Raises Refused where it is empty, long or unprintable."""
        wanted = unicodedata.normalize("NFC", " ".join(name.split()))
        if not wanted or len(wanted) > NAME_LENGTH or not wanted.isprintable():
            raise Refused(f"a name has 1 to {NAME_LENGTH} printable characters")
        known: Mapping[str, str] = {each.casefold(): each for batch in self.batches for each in batch.said}
        return known.get(wanted.casefold(), wanted)


def _place(given: Answer | None, first: str) -> str | None:
    """A verdict as the page says it."""
    if given is None or given.winner is None:
        return None
    return "tie" if given.winner == "tie" else "first" if given.winner == first else "second"
