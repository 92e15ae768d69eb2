"""Reads seeds: JSON records that give a value to each intention of a task, one at a time (SynPT III-B).

    {"id": 7, "task": "Travel planning", "destination": "Lisbon", "day": "4 days", ..., "play": ["food", "music"]}

What becomes of a record that is no seed: `simulation/reading.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from proutt.dialogue import ReadingReport
from proutt.dialogue.raw import bad_record
from proutt.dialogue.readers.fields import sound_text
from proutt.dialogue.sources import named
from proutt.errors import UserError
from proutt.intent.task import Seed, Task
from proutt.intent.values import agrees
from proutt.simulation.reading import Reading, shown
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
    seeds = _Seeds(strict, account, stdin, by_name).run(named(inputs))
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
class _Seeds(Reading[Seed]):
    """One reading. tasks: by plain name."""

    noun = "seed"
    remedy = "Do the seeds fit the tasks of --tasks?"

    tasks: Mapping[str, Task]

    def read(self, value: Any, *, id: str, source: str) -> tuple[Seed, Mapping[str, int]]:
        return seed_of(value, self.tasks, id=id, source=source)

    def content(self, given: Seed) -> bytes:
        return hashlib.sha256(json.dumps([given.task.name, *given.values.items()]).encode()).digest()

    def count(self, given: Seed) -> None:
        self.report.languages[given.task.language] += 1
        self.report.formats[given.task.name] += 1

    def renamed(self, given: Seed, id: str) -> Seed:
        return replace(given, id=id)


def _task_of(value: Mapping[str, Any], tasks: Mapping[str, Task]) -> Task:
    name = value.get("task", value.get("category"))
    if name is None:
        raise bad_record("no-task", 'it names no task: give it "task" (or "category").')
    found = tasks.get(plain_name(name)) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(dict.fromkeys(task.name for task in tasks.values()))
        raise bad_record("unknown-task", f"there is no task {shown(name)}; there are: {known}.")
    return found


def _text(value: Mapping[str, Any], key: str, task: Task) -> str:
    """The value of one intention as text. Raises ItemFailed where there is none."""
    given = value.get(key)
    parts = [each for each in (given if isinstance(given, list) else [given]) if each is not None]
    if any(isinstance(each, bool) or not isinstance(each, str | int | float) for each in parts):
        raise bad_record("bad-value", f'"{key}" is {shown(given)}: write a text, a number or a list of texts.')
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
