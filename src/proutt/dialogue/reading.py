"""Reads dialogues from files, folders, standard input and the hub, one at a time, and keeps account of what it met.

    sources → Record → reader of its format → rules of the normal form → unique id → language → Dialogue

A record that is no dialogue is a problem with its place, counted and skipped. A source of which nothing could be read
is an error: a reading never ends with nothing and no word about it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO

from proutt.dialogue.dialogue import Dialogue
from proutt.dialogue.identity import Identities
from proutt.dialogue.language import language_of
from proutt.dialogue.normal import Normal, normal_form
from proutt.dialogue.raw import Record
from proutt.dialogue.readers import READERS, format_of, known_format
from proutt.dialogue.readers.fields import id_text
from proutt.dialogue.sources import Source, named, records
from proutt.errors import ItemFailed, UserError

#: problems that a report keeps in full; all are counted
PROBLEMS_KEPT = 20
#: the reason of a record that was there before, word by word: skipped, but no problem
DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record was skipped. place: file and line, position or key; reason: a slug; message: for the person."""

    place: str
    reason: str
    message: str


@dataclass(slots=True)
class ReadingReport:
    """What a reading met so far; whole when its iterator is exhausted.

    turns      complete turns ⟨user, assistant⟩
    pairs      (dialogue, K) with a next utterance: the most preference pairs that can come of it
    languages  dialogues by ISO 639-1 code
    formats    dialogues by corpus format
    skipped    records by reason; "duplicate" are those that were there before, word by word
    notes      oddities that were repaired, by kind (`proutt.dialogue.normal.NOTES`)
    problems   the first twenty bad records
    """

    dialogues: int = 0
    turns: int = 0
    pairs: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def count_dialogue(self, dialogue: Dialogue, format: str, notes: Counter[str]) -> None:
        self.dialogues += 1
        self.turns += len(dialogue.turns)
        self.pairs += len(dialogue.ks)
        self.languages[dialogue.language] += 1
        self.formats[format] += 1
        self.notes.update(notes)

    def count_problem(self, problem: Problem) -> None:
        self.skipped[problem.reason] += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading: what was chosen for it, and its account."""

    format: str | None
    language: str | None
    strict: bool
    report: ReadingReport
    stdin: BinaryIO | None

    def run(self, sources: Sequence[Source]) -> Iterator[Dialogue]:
        """The dialogues of all sources."""
        with closing(Identities()) as identities:
            for source in sources:
                yield from self._of(source, identities)

    def _of(self, source: Source, identities: Identities) -> Iterator[Dialogue]:
        """The source's dialogues. Raises UserError where it holds none that can be read."""
        readable, first_problem = 0, None
        for record in records(source, self.stdin or sys.stdin.buffer):
            try:
                dialogue = self._dialogue(record, identities)
            except ItemFailed as bad:
                problem = Problem(record.place, bad.reason, bad.message)
                if self.strict:
                    raise _stopped_at(problem) from bad
                self.report.count_problem(problem)
                first_problem = first_problem or problem
                continue
            readable += 1
            if dialogue is not None:
                yield dialogue
        if not readable:
            raise _nothing_in(source, first_problem)

    def _dialogue(self, record: Record, identities: Identities) -> Dialogue | None:
        """The dialogue, or None where it was there before. Raises ItemFailed."""
        if record.problem is not None:
            raise record.problem
        format = self.format or format_of(record.value)
        dialogue, notes = _normal(record, format)
        unique_id = identities.unique(dialogue)
        if unique_id is None:
            self.report.skipped[DUPLICATE] += 1
            return None
        notes["suffixed-id"] += unique_id != dialogue.id
        language = self.language or language_of(dialogue.utterances, (turn.assistant for turn in dialogue.turns))
        dialogue = replace(dialogue, id=unique_id, language=language)
        self.report.count_dialogue(dialogue, format, +notes)
        return dialogue


def read_dialogues(
    sources: Sequence[str],
    *,
    format: str | None = None,
    language: str | None = None,
    strict: bool = False,
    limit: int | None = None,
    report: ReadingReport | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Dialogue]:
    """The dialogues of all sources in order, read as they are asked for; ids are unique over the whole reading.

    sources   files, folders (their files sorted by path), "-" for standard input, "hf:owner/name[:split]"
    format    one of READERS; else each record's format is recognised from its content
    language  ISO 639-1 code of all of them; else it is told from what the user writes
    strict    stop at the first bad record instead of skipping it
    limit     stop after so many dialogues
    report    is filled along the way
    stdin     what "-" reads; the process's standard input if not given

    Raises UserError: at the call for names that are not there, during the reading for a source that cannot be read, not
    to its end, or of which no record is a dialogue.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit={limit} is negative")
    account = report if report is not None else ReadingReport()
    chosen = known_format(format) if format else None
    code = language_code(language) if language else None
    dialogues = _Reading(chosen, code, strict, account, stdin).run(named(sources))
    return dialogues if limit is None else islice(dialogues, limit)


def language_code(name: str) -> str:
    """The code of a language as the user wrote it: "zh-CN" is "zh". Raises UserError where it is no code."""
    code = re.split("[-_]", name.strip().lower())[0]
    if not re.fullmatch("[a-z]{2,3}", code):
        raise UserError(f"{name!r} is not a language code.", remedy="Give one as ISO 639-1 has it: en, zh, es, ...")
    return code


def _normal(record: Record, format: str) -> Normal:
    raw = READERS[format].read(record.value)
    own_id = id_text(record.key) or raw.id
    dialogue, notes = normal_form(raw, id=own_id or record.made_id, source=record.source)
    notes["made-id"] += own_id is None
    return Normal(dialogue, notes)


def _stopped_at(problem: Problem) -> UserError:
    return UserError(
        f"{problem.reason}: {problem.message}",
        where=problem.place,
        remedy="Mend the record, or leave --strict out to skip it.",
    )


def _nothing_in(source: Source, first: Problem | None) -> UserError:
    if first is None:
        return UserError("is empty: it holds no records.", where=source.name, remedy="Was it written to its end?")
    return UserError(
        f"no dialogue could be read. The first problem: {first.place}: {first.message}",
        where=source.name,
        remedy=f"Is it dialogues, in UTF-8 and whole? If so, name their format: --format {'|'.join(READERS)}.",
    )
