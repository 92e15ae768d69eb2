"""What a planted fault is, and how faults are planted: one at a time, each into a clean pair of its own choosing.

A kind has several ways of going wrong, in two groups. The checks were mended with the first at hand. The second was
written when the mending was over, and no check was touched after it was first run: so it says what a check does with
a way of going wrong that it was not made for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random

from proutt.export.reading import subject_of
from proutt.export.reading.completion import side_of
from proutt.methods.record import PreferencePair, TrajectoryRecord
from proutt.quality.audit import Setup, Side, Subject

#: What a way of going wrong makes of a clean pair: rows to audit in order; None where this pair can't carry the fault.
Apply = Callable[[PreferencePair, Random], "PreferencePair | Subject | tuple[Subject, ...] | None"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a pair goes wrong; `setup`: of the audit that is to find it, given the faulty rows."""

    name: str
    apply: Apply
    setup: Callable[[tuple[Subject, ...]], Setup] = field(default=lambda _: Setup())


class Group(StrEnum):
    """What was known of a way while checks were mended (see above)."""

    KNOWN = "known"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Kind:
    """Ways of one fault, and the checks of which any counts as finding it; `unseen`: those of the second group."""

    name: str
    checks: tuple[str, ...]
    ways: tuple[Way, ...]
    unseen: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault in its pair. rows: clean ones that it needs beside it come first, the faulty one is last."""

    kind: Kind
    way: Way
    group: Group
    rows: tuple[Subject, ...]

    @property
    def setup(self) -> Setup:
        return self.way.setup(self.rows)


def planted(kind: Kind, pairs: Sequence[PreferencePair], number: int, group: Group, seed: int = 0) -> Iterator[Planted]:
    """`number` faults of a kind, the group's ways in turn, each in the first pair (in an order drawn) that carries it.
    None where the group has no ways.

    Raises ValueError where no pair can carry one of the ways.
    """
    ways = kind.ways if group is Group.KNOWN else kind.unseen
    for count in range(number if ways else 0):
        way = ways[count % len(ways)]
        rng = Random(f"{seed}/{kind.name}/{way.name}/{count}")
        order = rng.sample(range(len(pairs)), len(pairs))
        rows = next((rows for number in order if (rows := _rows(way.apply(pairs[number], rng)))), None)
        if rows is None:
            raise ValueError(f"no pair can carry {kind.name}: {way.name}")
        yield Planted(kind, way, group, rows)


def _rows(made: PreferencePair | Subject | tuple[Subject, ...] | None) -> tuple[Subject, ...]:
    if isinstance(made, PreferencePair):
        return (subject_of(made),)
    if isinstance(made, Subject):
        return (made,)
    return made or ()


# Changes to a pair ----------------------------------------------------------------------------------------------------


def with_text(subject: Subject, side: str, change: Callable[[str], str]) -> Subject:
    """A row whose chosen or rejected text is changed as a trainer sees it."""
    old: Side | None = getattr(subject, side)
    assert old is not None
    return replace(subject, **{side: side_of(change(old.text))})


def with_reasoning(pair: PreferencePair, side: str, at: int | None, change: Callable[[str], str]) -> PreferencePair:
    """The reasoning of candidate `at` changed, or, with None, that of the sentence type."""
    trajectory: TrajectoryRecord = getattr(pair, side)
    if at is None:
        said = change(trajectory.sentence_type_reasoning or "")
        return pair.model_copy(update={side: trajectory.model_copy(update={"sentence_type_reasoning": said})})
    candidates = list(trajectory.candidates)
    candidates[at] = candidates[at].model_copy(update={"reasoning": change(candidates[at].reasoning)})
    return pair.model_copy(update={side: trajectory.model_copy(update={"candidates": candidates})})


def somewhere(rng: Random) -> tuple[str, int | None]:
    """A side, and one of its reasonings."""
    return rng.choice(["chosen", "rejected"]), rng.choice([None, 0, 1, 2, 3])


# Disguises ------------------------------------------------------------------------------------------------------------


def full_width(text: str) -> str:
    """ASCII as full-width forms: `ａｂｃ！`."""
    return "".join(
        chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else "\u3000" if each == " " else each for each in text
    )


def spaced(text: str) -> str:
    """Doubled spaces between words; between Chinese characters one."""
    return " ".join(text) if is_han(text) else text.replace(" ", "  ")


def bare(text: str) -> str:
    """Lower case and without punctuation."""
    return "".join(each for each in text.lower() if not unicodedata.category(each).startswith("P"))


def unpunctuated(text: str) -> str:
    """Without the marks that end or part sentences; those inside words and code stay."""
    return re.sub(r"[.,!?;:](?=\s|$)|[，。！？；：、]", "", text)


def shouted(text: str) -> str:
    return text.upper()


def is_han(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)
