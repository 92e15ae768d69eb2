"""Reads personas: JSON records of a name and a background (UPC 4.4).

    {"id": 7, "name": "Ana Souza", "background": "Ana Souza has driven a night bus for nine years ...", "group": "83"}

`prompt` stands for `background` in the released files, `occupation` for `group` in others. What becomes of a
record that is no persona: `simulation/reading.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from proutt.dialogue import ReadingReport, language_code
from proutt.dialogue.language import language_of
from proutt.dialogue.raw import bad_record
from proutt.dialogue.readers.fields import id_text, sound_text
from proutt.dialogue.sources import named
from proutt.errors import UserError
from proutt.intent.persona import Persona
from proutt.simulation.reading import Reading, shown

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
    personas = _Personas(strict, account, stdin, code).run(named([_of_run(each) for each in inputs]))
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
class _Personas(Reading[Persona]):
    """One reading. language: of all of them, where one was named."""

    noun = "persona"
    remedy = 'Give each record a "name" and a "background" (or "prompt").'

    language: str | None

    def read(self, value: Any, *, id: str, source: str) -> tuple[Persona, Mapping[str, int]]:
        persona = persona_of(value, id=id, source=source, language=self.language)
        return persona, {"no-group": persona.group is None}

    def content(self, given: Persona) -> bytes:
        return hashlib.sha256(json.dumps([given.name, given.background, given.group]).encode()).digest()

    def count(self, given: Persona) -> None:
        self.report.languages[given.language] += 1
        if given.group is not None:
            self.report.formats[given.group] += 1

    def renamed(self, given: Persona, id: str) -> Persona:
        return replace(given, id=id)


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
            raise bad_record("bad-value", f'"{key}" is {shown(given)}: write a text.')
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
        message = f'"language" is {shown(given)}: write a code as ISO 639-1 has it, such as en or zh.'
        raise bad_record("bad-value", message) from error
