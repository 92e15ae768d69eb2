"""Reads seeds: JSON records that give a value to each intention of a task, one at a time (SynPT III-B).

    {"id": 7, "task": "Travel planning", "destination": "Lisbon", "day": "4 days", ..., "play": ["food", "music"]}

A record that is no seed is a problem with its place, counted and left out. A source of which nothing could be read is
an error: a reading never ends with nothing and no word about it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from proutt.dialogue import Problem, ReadingReport
from proutt.dialogue.identity import Identities
from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.readers.fields import id_text, sound_text
from proutt.dialogue.reading import DUPLICATE
from proutt.dialogue.sources import Source, named, records
from proutt.errors import ItemFailed, UserError
from proutt.intent.task import Seed, Task
from proutt.intent.values import agrees
from proutt.simulation.synpt.tasks import RESERVED, plain_name

#: Notes of a reading's report: what was met in seeds, by kind.
NOTES = {
    "unknown-field": "fields that are no intention of the task, left out",
    "suffixed-id": "ids that another seed had before, now with ~2, ~3, ...",
    "made-id": "ids made from file name and line",
    "no-preference": "values that say in other words that there is no preference",
}
#: A value longer than this is no value but a text.
LONGEST = 500


def read_seeds(
    inputs: Sequence[str],
    tasks: Sequence[Task],
    report: ReadingReport | None = None,
    *,
    strict: bool = False,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Seed]:
    """The seeds of all inputs in order, read as they are asked for; ids are unique over the whole reading.

    inputs  files (JSON Lines, JSON or Parquet, plain or packed with gzip), folders, "-" for standard input
    tasks   what the records may name as `task` or `category`, by name or by another name of the task
    report  is filled along the way; its count of dialogues is that of seeds, `formats` counts them by task
    strict  stop at the first bad record instead of leaving it out
    limit   stop after so many seeds
    stdin   what "-" reads; the process's standard input if not given

    Raises UserError: at the call for names that are not there, during the reading for a source that cannot be read, not
    to its end, or of which no record is a seed.
    """
    if not inputs:
        raise UserError("no file of seeds was named.", remedy="Name a file, a folder, or `-`.")
    by_name = {plain_name(name): task for task in tasks for name in (task.name, *task.also)}
    account = report if report is not None else ReadingReport()
    seeds = _Reading(by_name, strict, account, stdin).run(named(inputs))
    return seeds if limit is None else islice(seeds, limit)


def seed_of(value: Any, tasks: Mapping[str, Task], *, id: str, source: str) -> tuple[Seed, Mapping[str, int]]:
    """The seed that a record says, and what of it has to be noted (`NOTES`), by kind. Raises ItemFailed.

    tasks  by plain name (`plain_name`)
    """
    if not isinstance(value, dict):
        raise bad_record("not-a-seed", "the record is no JSON object with a task and its intentions.")
    task = _task_of(value, tasks)
    notes = {"no-preference": 0, "unknown-field": sum(key not in (*task.keys, *RESERVED) for key in value)}
    values = {}
    for key in task.keys:
        values[key] = _text(value, key, task)
        if values[key] != task.any_value and agrees(task, values[key], task.any_value):
            values[key] = task.any_value
            notes["no-preference"] += 1
    return Seed(id, task, values, source), notes


@dataclass(frozen=True)
class _Reading:
    """One reading: what was chosen for it, and its account."""

    tasks: Mapping[str, Task]
    strict: bool
    report: ReadingReport
    stdin: BinaryIO | None

    def run(self, sources: Sequence[Source]) -> Iterator[Seed]:
        with closing(Identities()) as identities:
            for source in sources:
                yield from self._of(source, identities)

    def _of(self, source: Source, identities: Identities) -> Iterator[Seed]:
        readable, first_problem = 0, None
        for record in records(source, self.stdin or sys.stdin.buffer, whole=True):
            try:
                seed = self._seed(record, identities)
            except ItemFailed as bad:
                problem = Problem(record.place, bad.reason, bad.message)
                if self.strict:
                    remedy = "Mend the record, or leave --strict out to pass over it."
                    raise UserError(f"{bad.reason}: {bad.message}", where=record.place, remedy=remedy) from bad
                self.report.count_problem(problem)
                first_problem = first_problem or problem
                continue
            readable += 1
            if seed is not None:
                yield seed
        if not readable:
            raise _nothing_in(source, first_problem)

    def _seed(self, record: Record, identities: Identities) -> Seed | None:
        """The seed, or None where it was there before. Raises ItemFailed."""
        if record.problem is not None:
            raise record.problem
        value = record.value
        own_id = id_text(value.get("id")) if isinstance(value, dict) else None
        seed, notes = seed_of(value, self.tasks, id=own_id or record.made_id, source=record.source)
        unique_id = identities.unique_of(seed.id, _content(seed))
        if unique_id is None:
            self.report.skipped[DUPLICATE] += 1
            return None
        self.report.dialogues += 1
        self.report.languages[seed.task.language] += 1
        self.report.formats[seed.task.name] += 1
        for kind, count in {**notes, "made-id": own_id is None, "suffixed-id": unique_id != seed.id}.items():
            if count:
                self.report.notes[kind] += count
        return Seed(unique_id, seed.task, seed.values, seed.source)


def _task_of(value: Mapping[str, Any], tasks: Mapping[str, Task]) -> Task:
    name = value.get("task", value.get("category"))
    if name is None:
        raise bad_record("no-task", 'it names no task: give it "task" (or "category").')
    found = tasks.get(plain_name(name)) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(dict.fromkeys(task.name for task in tasks.values()))
        raise bad_record("unknown-task", f"there is no task {_shown(name)}; there are: {known}.")
    return found


def _text(value: Mapping[str, Any], key: str, task: Task) -> str:
    """The value of one intention as text. Raises ItemFailed where there is none."""
    given = value.get(key)
    parts = [each for each in (given if isinstance(given, list) else [given]) if each is not None]
    if any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in parts):
        raise bad_record("bad-value", f'"{key}" is {_shown(given)}: write a text, a number or a list of texts.')
    comma = "，" if task.language == "zh" else ", "
    text = comma.join(filter(None, (" ".join(sound_text(str(each)).split()) for each in parts)))
    if not text:
        raise bad_record(
            "missing-value",
            f'it gives no value to "{key}" ({task.name_of(key)}); where the user has no preference, '
            f'write "{task.any_value}".',
        )
    if len(text) > LONGEST:
        raise bad_record("long-value", f'"{key}" has {len(text):,} characters; a value has at most {LONGEST}.')
    return text


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _content(seed: Seed) -> bytes:
    return hashlib.sha256(json.dumps([seed.task.name, *seed.values.items()]).encode()).digest()


def _nothing_in(source: Source, first: Problem | None) -> UserError:
    if first is None:
        return UserError("is empty: it holds no seeds.", where=source.name, remedy="Was it written to its end?")
    return UserError(
        f"no seed could be read. The first problem: {first.place}: {first.message}",
        where=source.name,
        remedy="Do the seeds fit the tasks of --tasks?",
    )
