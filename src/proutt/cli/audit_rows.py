"""What an audit looks at, one row after the other: pairs, or the dialogues of SynPT or UPC."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proutt.cli.audit_session import LookingEngine, Order
    from proutt.dialogue import Problem
    from proutt.methods.record import PreferencePair
    from proutt.quality.audit import Check, Outcome, Setup, Subject
    from proutt.quality.audit.side_by_side import Begin, Lookers
    from proutt.quality.tokens import TokenCounter

UNVERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class Looked:
    """One row before it is looked at. left_out: why it is not, unless the user wants it."""

    subject: Subject
    where: str
    format: str
    left_out: str | None = None
    pair: PreferencePair | None = None


def rows_known(order: Order) -> Generator[tuple[Looked | Problem, Mapping[str, Outcome]]]:
    """Every row, readable or not, in the order of the data; with what workers have seen of it, if there are."""
    from proutt.dialogue import Problem

    found = _rows(order.path, order.format, dialogues=order.dialogues)
    if order.engine is None:
        yield from ((each, {}) for each in found)
        return
    from proutt.quality.audit.side_by_side import outcomes_ahead

    def subject_of(each: Looked | Problem) -> Subject | None:
        return each.subject if not isinstance(each, Problem) and order.takes(each) else None

    begin = Beginning(order.path, tuple(order.checks), order.levels, order.tokenizer, order.max_length)
    with closing(_lookers(order.engine, begin)) as lookers:
        yield from outcomes_ahead(found, subject_of, lookers)


def _lookers(engine: LookingEngine, begin: Begin) -> Lookers:
    """The workers that the options ask for, begun."""
    if engine.name == "ray":
        from proutt.quality.audit.ray_actors import RayActors

        return RayActors(engine.workers, begin)
    from proutt.quality.audit.processes import Processes

    return Processes(engine.workers, begin)


def _rows(path: str, format: str | None, *, dialogues: bool) -> Iterator[Looked | Problem]:
    """All rows of what a path names, in their order; in the place of one that can't be read, why."""
    bad: list[Problem] = []
    for row in _dialogues(path, bad.append) if dialogues else _pairs(path, format, bad.append):
        yield from bad
        bad.clear()
        yield row
    yield from bad


@dataclass(frozen=True)
class Beginning:
    """What a worker that looks at rows is told: what the audit is of, the names of its checks, their options."""

    path: str
    checks: tuple[str, ...]
    levels: Mapping[str, Mapping[str, float]]
    tokenizer: str | None
    max_length: int | None

    def __call__(self) -> tuple[Setup, Mapping[str, Check]]:
        from proutt.cli.audit import checks_for
        from proutt.quality.audit import Setup

        known = checks_for(self.path)
        setup = Setup(counter_of(self.tokenizer), self.max_length, levels=self.levels)
        return setup, {name: known[name] for name in self.checks}


def counter_of(tokenizer: str | None) -> TokenCounter:
    """What counts tokens: a tokenizer by name, or the estimate."""
    from proutt.quality.tokens import ESTIMATE, tokenizer_counter

    return ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer)


def _pairs(path: str, format: str | None, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    """Rows of preference and SFT data; pairs that failed verification are left out."""
    from proutt.export.reading import rows_in, subject_of
    from proutt.methods.record import PreferencePair

    for row in rows_in(path, format=format, on_bad=unreadable):
        pair = row.pair if isinstance(row.pair, PreferencePair) else None
        reason = UNVERIFIED if pair is not None and pair.verified is False else None
        yield Looked(subject_of(row.pair, where=row.where, part=row.part), row.where, row.format, reason, pair)


def _dialogues(path: str, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    """SynPT's dialogues; what exports leave out by default is left out here, too. UPC's, all of them: their flags are
    warnings for whoever trains."""
    from proutt.export.reading.upc import holds_upc

    if holds_upc(path):
        yield from _of_upc(path, unreadable)
        return
    from proutt.export.dialogues import left_out
    from proutt.export.reading.dialogues import dialogues_in
    from proutt.quality.audit.dialogue_checks import subject_of_dialogue

    for row in dialogues_in(path, on_bad=unreadable):
        subject = subject_of_dialogue(row.dialogue, row.where)
        yield Looked(subject, row.where, row.form, left_out(row.dialogue))


def _of_upc(path: str, unreadable: Callable[[Problem], None]) -> Iterator[Looked]:
    from proutt.export.reading.upc import upc_dialogues_in
    from proutt.quality.audit.upc_checks import subject_of_upc

    for row in upc_dialogues_in(path, on_bad=unreadable):
        yield Looked(subject_of_upc(row.dialogue, row.where), row.where, "upc")
