"""Runs joined to one: shards of an input, or runs over several inputs, made by several processes or people.

What comes of it is a journal as one run would have made it. A record that is in several runs is there once; calls are
all counted, also those that two runs have paid for the same question.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, get_args

from proutt.errors import UserError
from proutt.runs.config import differences
from proutt.runs.directory import JOURNAL, SUMMARY, RunDirectory
from proutt.runs.journal import Item, Journal, State
from proutt.runs.run import Made, Making, shard_of
from proutt.runs.session import Ended
from proutt.runs.sharding import Shard

#: Of a configuration, what runs that are joined may differ in.
_OWN = ("shard", "inputs")
#: What says where a model was asked: each machine may have its own server of the same one.
_ADDRESS = re.compile(r"(roles\..*\.)?base_url:")
#: Rows that are written in one transaction.
_TOGETHER = 1000
_DRAFT = ".merging"

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Merged:
    """What was joined.

    config    of the whole: of no shard, over all inputs
    missing   shards that are not among the runs
    stopped   runs that are not at their end, of which something is left to do
    doubled   records that were in more than one run
    summary   what follows from no journal: models, money, records that could not be taken
    """

    config: dict[str, Any]
    missing: tuple[Shard, ...]
    stopped: tuple[str, ...]
    doubled: int
    summary: dict[str, Any]

    @property
    def complete(self) -> bool:
        return not self.missing and not self.stopped


@dataclass(frozen=True)
class _Part:
    """One of the runs. config: what its run.yaml says; summary: {} where it has none yet."""

    path: Path
    journal: Journal
    config: dict[str, Any]
    summary: dict[str, Any]

    @property
    def shard(self) -> Shard:
        return shard_of(self.config)


def merge_journals(runs: Sequence[Path], target: Path, bounds: Mapping[str, Any]) -> Merged:
    """Join the runs' journals in a new file, in the order in which the runs are named.

    bounds  settings of the whole that change no answer (calls in flight, ceilings); the rest is the first run's
    Raises UserError where one is no run, where their settings differ, or where two have the same id for records that
    are not the same. Nothing is changed in the runs. Killed in the middle, it leaves a file that is to be removed.
    """
    with ExitStack() as opened:
        parts = [_part(run, opened) for run in runs]
        one_input = _refuse_unlike(parts)
        config = {**parts[0].config, **bounds, "shard": None, "inputs": _inputs(parts, one_input)}
        joined = Journal(target)
        opened.callback(joined.close)
        joining = _Joining(joined, one_input)
        doubled = sum(joining.add(part, order) for order, part in enumerate(parts))
        joined.set_meta("config", json.dumps(config, ensure_ascii=False))
        verb = parts[0].journal.meta("verb")
        if verb is not None:
            joined.set_meta("verb", verb)
        seconds = sum(float(part.journal.meta("seconds") or 0.0) for part in parts)
        joined.set_meta("seconds", str(seconds))
        stopped = tuple(str(part.path) for part in parts if not part.summary.get("complete"))
        return Merged(config, _missing(parts), stopped, doubled, _summed(parts, one_input))


def merge(
    runs: Sequence[Path],
    out: Path,
    making_of: Callable[[Mapping[str, Any]], Making],
    *,
    beside: Sequence[str] = (),
    bounds: Mapping[str, Any] | None = None,
) -> tuple[Made, Merged]:
    """Join runs as one in the directory `out`, and write its files as its verb does. Calls no model, reads no input.

    making_of  what a run does whose run.yaml holds such values
    beside     names of what else may be in `out`
    bounds     as in `merge_journals`

    Killed in the middle, the same call begins anew. Raises UserError as `merge_journals`, and where `out` holds
    something else.
    """
    draft = out / _DRAFT
    if out.is_dir() and any(path.name not in (_DRAFT, *beside) for path in out.iterdir()):
        remedy = "Give a new or empty directory as --out."
        raise UserError("holds files already.", where=str(out), remedy=remedy)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        merged = merge_journals(runs, draft / JOURNAL, bounds or {})
        (draft / JOURNAL).replace(out / JOURNAL)
    finally:
        shutil.rmtree(draft)
    directory = RunDirectory(out)
    try:
        directory.begin(merged.config)
        making = making_of({key: value for key, value in merged.config.items() if key != "prompt_version"})
        facts = merged.summary
        making.report.skipped.update(facts["skipped_records"])
        ended = Ended(merged.complete, identities=facts["models"], spent=facts["cost"], currency=facts["currency"])
        return Made(making.derive(directory, ended), making.report, []), merged
    finally:
        directory.close()


def verb_of(run: Path) -> str | None:
    """The verb that made a run; None of runs that do not say it. Raises UserError where it is no run."""
    with ExitStack() as opened:
        return _part(run, opened).journal.meta("verb")


def _part(run: Path, opened: ExitStack) -> _Part:
    file = run / JOURNAL
    if not file.is_file():
        remedy = "Name --out directories of runs."
        raise UserError("is no run: it has no journal.", where=str(run), remedy=remedy)
    journal = Journal(file, reading=True)
    opened.callback(journal.close)
    config = journal.config()
    if config is None:
        raise UserError("this run has not begun.", where=str(run), remedy="Give its command again, or leave it out.")
    summary = run / SUMMARY
    return _Part(run, journal, dict(config), json.loads(summary.read_text("utf-8")) if summary.is_file() else {})


def _refuse_unlike(parts: Sequence[_Part]) -> bool:
    """Whether all runs read one input, so that a number means the same in each."""
    first = parts[0]
    counted = [{key: value for key, value in part.config.items() if key not in _OWN} for part in parts]
    for part, config in zip(parts[1:], counted[1:], strict=True):
        changed = [each for each in differences(counted[0], config) if not _ADDRESS.match(each)]
        if changed:
            raise UserError(
                f"this run has other settings than {first.path} ({'; '.join(changed)}).",
                where=str(part.path),
                remedy="Join runs of the same settings.",
            )
        if part.shard.of != first.shard.of:
            remedy = "Join shards of one division."
            raise UserError(f"{part.shard} is no shard as {first.shard} is.", where=str(part.path), remedy=remedy)
    one_input = all(part.config.get("inputs") == first.config.get("inputs") for part in parts)
    if not one_input and first.shard.of > 1:
        remedy = "Join the shards of each input first."
        raise UserError("these are shards of different inputs.", where=str(first.path), remedy=remedy)
    return one_input


def _inputs(parts: Sequence[_Part], one_input: bool) -> list[str]:
    if one_input:
        return list(parts[0].config.get("inputs", []))
    return [name for part in parts for name in part.config.get("inputs", [])]


def _missing(parts: Sequence[_Part]) -> tuple[Shard, ...]:
    there, of = {part.shard.number for part in parts}, parts[0].shard.of
    return tuple(Shard(number, of) for number in range(1, of + 1) if number not in there)


def _summed(parts: Sequence[_Part], one_input: bool) -> dict[str, Any]:
    """models, cost, currency and skipped_records of the whole. Shards of one input have all met its bad records."""
    summaries = [part.summary for part in parts if part.summary]
    models: dict[str, str] = {}
    skipped: dict[str, int] = {}
    for each in summaries:
        models |= each.get("models", {})
        for reason, count in each.get("skipped_records", {}).items():
            skipped[reason] = max(skipped.get(reason, 0), count) if one_input else skipped.get(reason, 0) + count
    costs = [each["cost"] for each in summaries if each.get("cost") is not None]
    cost = sum(costs) if len(costs) == len(parts) else None
    currency = next((each["currency"] for each in summaries if each.get("currency")), "")
    return {"models": models, "cost": cost, "currency": currency, "skipped_records": skipped}


class _Joining:
    """One journal after the other into the joined one.

    Where the input is one, a record keeps its number; else numbers go on after those of the runs before. Of a record
    that was there before, an item that ended well goes before one that failed, and of equals the earlier run's stays.
    """

    def __init__(self, joined: Journal, one_input: bool) -> None:
        self._joined, self._one_input = joined, one_input
        joined.write("CREATE TEMP TABLE placed (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
        joined.write("CREATE TEMP TABLE known (id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID")

    def add(self, part: _Part, order: int) -> int:
        """Join one run; how many of its records were there before. order: its place among the runs, from 0."""
        doubled = self._records(part)
        for state in get_args(State):
            for items in _batched(part.journal.items(state), _TOGETHER):
                with self._joined.together():
                    for item, _ in items:
                        self._item(item)
        self._calls(part.journal, order)
        return doubled

    def _records(self, part: _Part) -> int:
        self._joined.write("DELETE FROM placed")
        doubled = 0
        for records in _batched(part.journal.records(), _TOGETHER):
            with self._joined.together():
                doubled += sum(self._record(part, *record) for record in records)
        return doubled

    def _record(self, part: _Part, number: int, id: str, fingerprint: str, items: int, rounds: int) -> bool:
        """Join one record; whether it was there before."""
        new = self._known(number, id)
        before = None if new is None else self._joined.fingerprint(new)
        if new is None:
            ((new,),) = self._joined.rows("SELECT COALESCE(MAX(number) + 1, 0) FROM dialogues")
        if before is not None and before != fingerprint:
            remedy = "Give it another id in one of the inputs, or join other runs."
            raise UserError(f"{id!r} is another record in a run before it.", where=str(part.path), remedy=remedy)
        self._joined.add_dialogue(new, id, fingerprint, items)
        if rounds:
            self._joined.write("UPDATE dialogues SET rounds = MAX(rounds, ?) WHERE number = ?", (rounds, new))
        self._joined.write("INSERT OR IGNORE INTO known VALUES (?, ?)", (id, new))
        self._joined.write("INSERT INTO placed VALUES (?, ?)", (number, new))
        return before is not None

    def _known(self, number: int, id: str) -> int | None:
        """The number that a record has, or is to have, in the joined journal; None: the next one."""
        if self._one_input:
            return number
        found = self._joined.rows("SELECT number FROM known WHERE id = ?", (id,))
        return int(found[0][0]) if found else None

    def _item(self, item: Item) -> None:
        ((new,),) = self._joined.rows("SELECT new FROM placed WHERE old = ?", (item.number,))
        before = self._joined.item(new, item.k)
        if before is None or (before.state == "failed" and item.state != "failed"):
            self._joined.add_item(replace(item, number=new))

    def _calls(self, journal: Journal, order: int) -> None:
        """A question that was paid before is counted once more, under a key that nobody asks by."""
        for calls in _batched(journal.calls(), _TOGETHER):
            with self._joined.together():
                for key, reply, step, role, model, paid in calls:
                    if self._joined.reply(key) is None:
                        self._joined.add_reply(key, reply, step=step, role=role, model=model, paid=paid)
                    elif paid:
                        self._joined.add_reply(f"{key}/{order}", reply, step=step, role=role, model=model)


def _batched(rows: Iterator[_Row], size: int) -> Iterator[list[_Row]]:
    """So many at a time."""
    while together := list(islice(rows, size)):
        yield together
