"""How files of seeds and of personas are read: one record after the other, each kept, counted or left out.

A bad record is a problem with its place, counted and left out. A source of which nothing could be read is an error: a
reading never ends with nothing and no word about it.
"""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Generic, TypeVar

from proutt.dialogue import Problem, ReadingReport
from proutt.dialogue.identity import Identities
from proutt.dialogue.raw import Record
from proutt.dialogue.readers.fields import id_text
from proutt.dialogue.reading import DUPLICATE
from proutt.dialogue.sources import Source, records
from proutt.errors import ItemFailed, UserError

#: What the records are: seeds, personas.
GivenT = TypeVar("GivenT")


@dataclass(frozen=True)
class Reading(ABC, Generic[GivenT]):
    """One reading: what was chosen for it, and its account.

    noun    what a record is called; its plural has an s
    remedy  what to do where no record of a source could be read
    strict  stop at the first bad record instead of leaving it out
    report  is filled along the way; its count of dialogues is that of records
    stdin   what "-" reads; the process's standard input if not given
    """

    noun: ClassVar[str]
    remedy: ClassVar[str]

    strict: bool
    report: ReadingReport
    stdin: BinaryIO | None

    @abstractmethod
    def read(self, value: Any, *, id: str, source: str) -> tuple[GivenT, Mapping[str, int]]:
        """What a record says, and how often what of it has to be noted. Raises ItemFailed where it says none."""

    @abstractmethod
    def content(self, given: GivenT) -> bytes:
        """What two records that say the same have in common."""

    @abstractmethod
    def count(self, given: GivenT) -> None:
        """Let the report know of one that is kept."""

    @abstractmethod
    def renamed(self, given: GivenT, id: str) -> GivenT:
        """The same by another id."""

    def run(self, sources: Sequence[Source]) -> Iterator[GivenT]:
        """All records of the sources in order. Raises UserError as the module says."""
        with closing(Identities()) as identities:
            for source in sources:
                yield from self._of(source, identities)

    def _of(self, source: Source, identities: Identities) -> Iterator[GivenT]:
        readable, first_problem = 0, None
        for record in records(source, self.stdin or sys.stdin.buffer, whole=True):
            try:
                given = self._given(record, identities)
            except ItemFailed as bad:
                problem = Problem(record.place, bad.reason, bad.message)
                if self.strict:
                    remedy = "Mend the record, or leave --strict out to pass over it."
                    raise UserError(f"{bad.reason}: {bad.message}", where=record.place, remedy=remedy) from bad
                self.report.count_problem(problem)
                first_problem = first_problem or problem
                continue
            readable += 1
            if given is not None:
                yield given
        if not readable:
            raise self._nothing_in(source, first_problem)

    def _given(self, record: Record, identities: Identities) -> GivenT | None:
        """What the record says, or None where it was there before. Raises ItemFailed."""
        if record.problem is not None:
            raise record.problem
        own_id = id_text(record.value.get("id")) if isinstance(record.value, dict) else None
        id = own_id or record.made_id
        given, notes = self.read(record.value, id=id, source=record.source)
        unique_id = identities.unique_of(id, self.content(given))
        if unique_id is None:
            self.report.skipped[DUPLICATE] += 1
            return None
        self.report.dialogues += 1
        self.count(given)
        for kind, count in {**notes, "made-id": own_id is None, "suffixed-id": unique_id != id}.items():
            if count:
                self.report.notes[kind] += count
        return self.renamed(given, unique_id)

    def _nothing_in(self, source: Source, first: Problem | None) -> UserError:
        if first is None:
            return UserError(
                f"is empty: it holds no {self.noun}s.", where=source.name, remedy="Was it written to its end?"
            )
        return UserError(
            f"no {self.noun} could be read. The first problem: {first.place}: {first.message}",
            where=source.name,
            remedy=self.remedy,
        )


def shown(value: Any) -> str:
    """What a record says there, as JSON and short, for the words of a problem."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"
