"""Reads personas: JSON records of a name and a background (UPC 4.4).

    {"id": 7, "name": "Ana Souza", "background": "Ana Souza has driven a night bus for nine years ...", "group": "83"}

`prompt` stands for `background` in the released files, `occupation` for `group` in others. A record that is no persona
is a problem with its place, counted and left out. A source of which nothing could be read is an error: a reading never
ends with nothing and no word about it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from proutt.dialogue import Problem, ReadingReport, language_code
from proutt.dialogue.identity import Identities
from proutt.dialogue.language import language_of
from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.readers.fields import id_text, sound_text
from proutt.dialogue.reading import DUPLICATE
from proutt.dialogue.sources import Source, named, records
from proutt.errors import ItemFailed, UserError
from proutt.intent.persona import Persona

#: Names under which a background and a group may stand; the first that holds a text counts.
BACKGROUND_KEYS = ("background", "prompt")
GROUP_KEYS = ("group", "occupation")
#: Notes of a reading's report: what was met in personas, by kind.
NOTES = {
    "suffixed-id": "ids that another persona had before, now with ~2, ~3, ...",
    "made-id": "ids made from file name and line",
    "no-group": "personas of no occupation group",
}
#: What a run of `proutt personas generate` writes: its folder stands for this file alone.
PERSONAS = "personas.jsonl"
#: Most characters of a name, of a group and of a background; a background stands in every prompt of its user agent.
LONGEST_NAME, LONGEST_GROUP, LONGEST = 100, 200, 6000


def read_personas(
    inputs: Sequence[str],
    report: ReadingReport | None = None,
    *,
    language: str | None = None,
    strict: bool = False,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Persona]:
    """The personas of all inputs in order, read as they are asked for; ids are unique over the whole reading.

    inputs    files (JSON arrays, JSON Lines or Parquet, plain or packed with gzip), folders, runs that wrote personas,
              "-" for standard input
    report    is filled along the way; its count of dialogues is that of personas, `formats` counts them by group
    language  ISO 639-1 code of all of them; else each record's `language`, or what its background is written in
    strict    stop at the first bad record instead of leaving it out
    limit     stop after so many personas
    stdin     what "-" reads; the process's standard input if not given

    Raises UserError: at the call for names that are not there, during the reading for a source that cannot be read, not
    to its end, or of which no record is a persona.
    """
    if not inputs:
        raise UserError("no file of personas was named.", remedy="Name a file, a folder, or `-`.")
    account = report if report is not None else ReadingReport()
    code = language_code(language) if language else None
    personas = _Reading(code, strict, account, stdin).run(named([_of_run(each) for each in inputs]))
    return personas if limit is None else islice(personas, limit)


def persona_of(value: Any, *, id: str, source: str, language: str | None = None) -> Persona:
    """The persona that a record says. Raises ItemFailed where it says none.

    language  of the persona, whatever the record says
    """
    if not isinstance(value, dict):
        raise bad_record("not-a-persona", 'the record is no JSON object with "name" and "background" (or "prompt").')
    name = _text(value, ("name",), LONGEST_NAME)
    if name is None:
        raise bad_record("no-name", 'it has no "name".')
    background = _text(value, BACKGROUND_KEYS, LONGEST)
    if background is None:
        raise bad_record("no-background", 'it has no "background" (or "prompt").')
    group = _text({key: id_text(value.get(key)) or value.get(key) for key in GROUP_KEYS}, GROUP_KEYS, LONGEST_GROUP)
    return Persona(id, name, background, language or _language(value, background), group, source)


@dataclass(frozen=True)
class _Reading:
    """One reading: what was chosen for it, and its account."""

    language: str | None
    strict: bool
    report: ReadingReport
    stdin: BinaryIO | None

    def run(self, sources: Sequence[Source]) -> Iterator[Persona]:
        with closing(Identities()) as identities:
            for source in sources:
                yield from self._of(source, identities)

    def _of(self, source: Source, identities: Identities) -> Iterator[Persona]:
        readable, first_problem = 0, None
        for record in records(source, self.stdin or sys.stdin.buffer, whole=True):
            try:
                persona = self._persona(record, identities)
            except ItemFailed as bad:
                problem = Problem(record.place, bad.reason, bad.message)
                if self.strict:
                    remedy = "Mend the record, or leave --strict out to pass over it."
                    raise UserError(f"{bad.reason}: {bad.message}", where=record.place, remedy=remedy) from bad
                self.report.count_problem(problem)
                first_problem = first_problem or problem
                continue
            readable += 1
            if persona is not None:
                yield persona
        if not readable:
            raise _nothing_in(source, first_problem)

    def _persona(self, record: Record, identities: Identities) -> Persona | None:
        """The persona, or None where it was there before. Raises ItemFailed."""
        if record.problem is not None:
            raise record.problem
        value = record.value
        own_id = id_text(value.get("id")) if isinstance(value, dict) else None
        persona = persona_of(value, id=own_id or record.made_id, source=record.source, language=self.language)
        unique_id = identities.unique_of(persona.id, _content(persona))
        if unique_id is None:
            self.report.skipped[DUPLICATE] += 1
            return None
        self.report.dialogues += 1
        self.report.languages[persona.language] += 1
        if persona.group is not None:
            self.report.formats[persona.group] += 1
        noted = {"made-id": own_id is None, "suffixed-id": unique_id != persona.id, "no-group": persona.group is None}
        for kind, met in noted.items():
            if met:
                self.report.notes[kind] += 1
        return replace(persona, id=unique_id)


def _of_run(word: str) -> str:
    """The personas of a run's folder; any other name as it is."""
    inside = os.path.join(word, PERSONAS)
    return inside if "\0" not in word and os.path.isfile(inside) else word


def _text(value: Mapping[str, Any], keys: Sequence[str], longest: int) -> str | None:
    """The text under the first of the keys that holds one, its white space single blanks; None where none does.

    Raises ItemFailed where there is something else, or too much of it.
    """
    for key in keys:
        given = value.get(key)
        if given is None:
            continue
        if not isinstance(given, str):
            raise bad_record("bad-value", f'"{key}" is {_shown(given)}: write a text.')
        text = " ".join(sound_text(given).split())
        if len(text) > longest:
            raise bad_record("long-value", f'"{key}" has {len(text):,} characters; it has at most {longest:,}.')
        if text:
            return text
    return None


def _language(value: Mapping[str, Any], background: str) -> str:
    given = value.get("language")
    if given is None:
        return language_of([background])
    try:
        return language_code(given if isinstance(given, str) else "")
    except UserError as error:
        message = f'"language" is {_shown(given)}: write a code as ISO 639-1 has it, such as en or zh.'
        raise bad_record("bad-value", message) from error


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _content(persona: Persona) -> bytes:
    return hashlib.sha256(json.dumps([persona.name, persona.background, persona.group]).encode()).digest()


def _nothing_in(source: Source, first: Problem | None) -> UserError:
    if first is None:
        return UserError("is empty: it holds no personas.", where=source.name, remedy="Was it written to its end?")
    return UserError(
        f"no persona could be read. The first problem: {first.place}: {first.message}",
        where=source.name,
        remedy='Give each record a "name" and a "background" (or "prompt").',
    )
