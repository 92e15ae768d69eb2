"""A run whose shards an engine does side by side, joined to one at the end: the same bytes as one process makes.

OUT/shards/00001-of-00008/   a run of its own, with its own journal, which one worker at a time works on
OUT/journal.sqlite, ...      the run, when all shards are at their end
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.runs.directory import JOURNAL, SHARDS, SUMMARY, locked
from proutt.runs.engines import Engine
from proutt.runs.merging import merge
from proutt.runs.run import Made, Making, settings_of
from proutt.runs.session import Observer
from proutt.runs.sharding import Shard
from proutt.runs.standing import Words
from proutt.runs.stopping import interruptible
from proutt.runs.worker import Ended, Job, told_in

#: Where what there is of a stopped run is joined, to be counted.
_SO_FAR = ".so-far"
#: Settings of the run of which each shard has its share.
_SHARED = ("concurrency", "max_tokens", "max_cost")


@dataclass(frozen=True)
class Workers:
    """What is to do a run's shards. number: workers at once; shards: parts of the input, None: one for each worker."""

    engine: Engine
    number: int
    shards: int | None = None


def make_sharded(
    making: Making, out: Path, observer: Observer, workers: Workers, *, reuse: Sequence[Path] = ()
) -> Made:
    """Begin a run, or go on with it, shard by shard, and join them when all are at their end.

    Ceilings and calls in flight are the run's: each shard has its share of them. Raises UserError where there is
    something to mend; nothing finished is lost, and the same call goes on.
    """
    _refuse_unreadable(making)
    total = making.count()
    folder = out / SHARDS
    folder.mkdir(parents=True, exist_ok=True)
    handle = locked(folder)
    try:
        of = _shards_in(folder) or workers.shards or workers.number
        jobs = [_job(making, folder, Shard(each, of), workers.number, reuse) for each in range(1, of + 1)]
        ended = asyncio.run(_work(jobs, workers.engine, making.words, total, observer))
        _refuse_broken(ended)
        why = list(dict.fromkeys(each for one in ended for each in one.why))
        if all(each.complete for each in ended):
            return _joined(making, [Path(job.out) for job in jobs], out)
        return _so_far(making, jobs, out, why)
    finally:
        os.close(handle)


def _refuse_unreadable(making: Making) -> None:
    if "-" in making.config.get("inputs", []):
        remedy = "Write it to a file first, or leave --engine out."
        raise UserError("standard input can't be read by several workers.", where="-", remedy=remedy)
    if making.config.get("shard"):
        raise UserError("a shard is not divided once more.", where="--shard", remedy="Leave --engine or --shard out.")


def _shards_in(folder: Path) -> int:
    """Into how many shards a run was divided that was begun; 0 where it was not."""
    found = {path.name.rpartition("-of-")[2] for path in folder.glob("*-of-*")}
    return int(found.pop()) if found else 0


def _place(folder: Path, shard: Shard) -> Path:
    """The directory of a shard's run."""
    return folder / f"{shard.number:05}-of-{shard.of:05}"


def _job(making: Making, folder: Path, shard: Shard, workers: int, reuse: Sequence[Path]) -> Job:
    """The job of one shard, with its share of what bounds the run; a shard is never left without a call or a token."""
    config = settings_of(making)
    shares = {"concurrency": min(workers, shard.of), "max_tokens": shard.of}
    for name, of in shares.items():
        if config.get(name):
            config[name] = -(-config[name] // of)
    if config.get("max_cost"):
        config["max_cost"] = config["max_cost"] / shard.of
    module = type(making).__module__
    return Job(module, {**config, "shard": str(shard)}, str(_place(folder, shard)), tuple(str(each) for each in reuse))


async def _work(
    jobs: Sequence[Job], engine: Engine, words: Words, total: int | None, observer: Observer
) -> list[Ended]:
    def stop() -> None:
        observer.note("Stopping once the calls in flight are answered. Ctrl-C again stops at once.")
        engine.stop()

    def now(seconds: float) -> Mapping[str, Any]:
        return _added([told_in(Path(job.out)) for job in jobs], words, total, seconds)

    with interruptible(stop):
        async with observer.working(now):
            return await engine.run(jobs, observer.note)


def _added(told: Sequence[Mapping[str, Any]], words: Words, total: int | None, seconds: float) -> dict[str, Any]:
    """What the workers told, as one `standing` of all."""
    done = _sum(told, words.items)
    made = _sum(told, words.made)
    before = done - made - _sum(told, "skipped") - _sum(told, "failed")
    worked = done - before
    left = None if total is None or worked <= 0 or done >= total else (total - done) * seconds / worked
    counted = ("skipped", "failed", "calls", "reused", "in_flight", "waiting_for_batch", "limit")
    costs = [each.get("cost") for each in told]
    return {
        words.items: done,
        "of": total,
        words.made: made,
        f"{words.made}_per_minute": round(made / seconds * 60, 1) if seconds and made else None,
        **{name: _by_name(told, name) for name in (words.marks, "failed_by_reason")},
        **{name: _sum(told, name) for name in (*counted, "prompt_tokens", "completion_tokens")},
        "cost": None if None in costs else sum(cost for cost in costs if cost is not None),
        "currency": next((each["currency"] for each in told if each.get("currency")), ""),
        "seconds": round(seconds, 1),
        "seconds_left": None if left is None else round(left, 1),
    }


def _by_name(told: Sequence[Mapping[str, Any]], name: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in told:
        counts.update(each.get(name, {}))
    return dict(counts)


def _sum(told: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(each.get(name) or 0 for each in told)


def _refuse_broken(ended: Sequence[Ended]) -> None:
    """Raise what the first of them has to have mended."""
    for each in ended:
        if each.error is not None:
            message, where, remedy = each.error
            raise UserError(message, where=where, remedy=remedy)


def joined_at_last(making: Making, out: Path) -> bool:
    """Join the shards of a run that are all at their end: joining was cut off. False where there are none such.

    Neither workers nor servers are needed for it; the input is not read. Raises UserError as `make_sharded`.
    """
    folder = out / SHARDS
    of = _shards_in(folder)
    runs = [_place(folder, Shard(each, of)) for each in range(1, of + 1)]
    if not of or not all(_at_end(run) for run in runs):
        return False
    handle = locked(folder)
    try:
        _joined(making, runs, out)
    finally:
        os.close(handle)
    return True


def _at_end(run: Path) -> bool:
    """Whether nothing of a shard was left when its last session ended."""
    summary = run / SUMMARY
    return summary.is_file() and bool(json.loads(summary.read_text("utf-8"))["complete"])


def _joined(making: Making, runs: Sequence[Path], out: Path) -> Made:
    """The shards as one run in the directory."""
    making_of = importlib.import_module(type(making).__module__).making_of
    bounds = {name: making.config[name] for name in _SHARED if name in making.config}
    made, _ = merge(runs, out, making_of, beside=(SHARDS,), bounds=bounds)
    return made


def _so_far(making: Making, jobs: Sequence[Job], out: Path, why: Sequence[str]) -> Made:
    """What there is of a run that is not at its end: counted, and left to its shards."""
    begun = [Path(job.out) for job in jobs if (Path(job.out) / JOURNAL).is_file()]
    shutil.rmtree(out / _SO_FAR, ignore_errors=True)
    try:
        made = _joined(making, begun, out / _SO_FAR)
    finally:
        shutil.rmtree(out / _SO_FAR, ignore_errors=True)
    return Made(made.summary, made.report, list(why))
