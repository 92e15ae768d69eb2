"""The run that grows seeds for tasks with a model (SynPT VII-C): rounds of some seeds a call, until there are enough.

The rounds of a task follow one another, for each is shown what those before have brought; tasks go side by side. A
round is an item of the journal, so a run goes on after the last one that is whole.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.intent.task import Task
from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.prompts.synpt.grow import Grow
from proutt.runs.directory import RunDirectory
from proutt.runs.journal import Item, Journal
from proutt.runs.making import MakingOf
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream, fingerprint_of
from proutt.runs.summary import taken
from proutt.simulation.synpt.growing_config import GrowingConfig
from proutt.simulation.synpt.pool import Pool
from proutt.simulation.synpt.seeds import read_seeds

SEEDS = "seeds.jsonl"
WORDS = Words("rounds", "seeds", items="rounds", record="task")
#: Why a round is not worked on: there are enough seeds, or several rounds before it have brought nothing.
ENOUGH, DRY = "enough", "nothing-new"
#: Rounds in a row that bring nothing, after which a task is left.
PATIENCE = 3


def grow_seeds(
    config: GrowingConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for seeds. Raises UserError where there is something to mend."""
    return make(_Seeds(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed)


@dataclass(frozen=True)
class _Seeds(MakingOf[GrowingConfig]):
    """`Making` of seeds."""

    words = WORDS
    prompts = "synpt"

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return self.decided.chosen_tasks()

    @cached_property
    def there(self) -> dict[str, list[dict[str, str]]]:
        return seeds_there(self.decided, self.report)

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {Role.USER_AGENT: self.decided.model_of_all}

    def count(self) -> int | None:
        _ = self.there  # what is wrong with the tasks or with those seeds fails here
        return None

    async def work(self, session: Session, stream: Stream) -> bool:  # noqa: ARG002
        async def one(number: int, task: Task, missing: Sequence[int]) -> None:
            await self._task(stream, number, task, missing)

        return await stream.run((self._entry(task) for task in self.tasks), one)

    def _entry(self, task: Task) -> Entry[Task]:
        fingerprint = fingerprint_of([asdict(task), self.there[task.name]])
        return Entry(task, task.name, fingerprint, tuple(range(1, self._rounds + 1)), task.name)

    @property
    def _rounds(self) -> int:
        return most_rounds(self.decided)

    async def _task(self, stream: Stream, number: int, task: Task, missing: Sequence[int]) -> None:
        for k in missing:
            if stream.calls.stopped:
                stream.progress.stopped += 1
                return
            grown = self._grown(stream.journal, number, task, before=k)
            reason = ENOUGH if len(grown.kept) >= self.decided.count else DRY if grown.idle >= PATIENCE else None
            if reason is not None:
                stream.decide(Item(number, k, "skipped", reason))
                continue
            await stream.items(number, {k: self._round(stream, number, k, grown.pool)})

    async def _round(self, stream: Stream, number: int, k: int, pool: Pool) -> Item:
        step = question(self.decided, pool, k)
        ask = stream.calls.for_item((number, k), rounds=stream.journal.rounds(number))
        found = step.found(await ask(step, f"{pool.task.name}/{k}/grow"))
        stream.progress.marks["seeds"] += sum(pool.add(values) is None for values in found)
        return Item(number, k, "grown", record=json.dumps(found, ensure_ascii=False))

    def _grown(self, journal: Journal, number: int, task: Task, *, before: int) -> _Grown:
        """What the rounds of a task before one have come to."""
        rounds = [item for item, _ in journal.items("grown") if item.number == number and item.k < before]
        failed = [item for item, _ in journal.items("failed") if item.number == number and item.k < before]
        return _folded(task, self.there[task.name], sorted([*rounds, *failed], key=lambda item: item.k))

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal = directory.journal
        known = {number for (number,) in journal.rows("SELECT number FROM dialogues")}
        grown = {
            task.name: self._grown(journal, number, task, before=self._rounds + 1)
            for number, task in enumerate(self.tasks)
            if number in known
        }
        model = ended.identities.get(Role.USER_AGENT.value, self.decided.model)
        summary = self._summary(journal, grown, ended)
        directory.derive(SEEDS, self._lines(grown, model), summary)
        return summary

    def _lines(self, grown: Mapping[str, _Grown], model: str) -> Iterator[str]:
        """The lines of `seeds.jsonl`, as `read_seeds` reads them."""
        for number, task in enumerate(self.tasks, start=1):
            kept = grown[task.name].kept[: self.decided.count] if task.name in grown else []
            for position, (k, values) in enumerate(kept, start=1):
                source = {"model": model, "round": k, "prompt_version": self.prompt_version}
                record = {"id": f"{number}-{position}", "task": task.name, **values, "source": source}
                yield json.dumps(record, ensure_ascii=False) + "\n"

    def _summary(self, journal: Journal, grown: Mapping[str, _Grown], ended: Ended) -> dict[str, Any]:
        count = self.decided.count
        tasks = {
            name: {
                "seeds": min(len(each.kept), count),
                "wanted": count,
                "rounds": each.rounds,
                "dropped": dict(each.dropped.most_common()),
            }
            for name, each in grown.items()
        }
        return {
            "complete": ended.complete,
            "seeds": sum(each["seeds"] for each in tasks.values()),
            "wanted": count * len(self.tasks),
            "tasks": tasks,
            "failed": journal.failed_by_reason(),
            "skipped_records": dict(self.report.skipped),
            **taken(journal, ended),
        }


def seeds_there(config: GrowingConfig, report: ReadingReport) -> dict[str, list[dict[str, str]]]:
    """Task → values of the seeds that the user has already. Raises UserError where tasks or seeds are not right."""
    found: dict[str, list[dict[str, str]]] = {task.name: [] for task in config.chosen_tasks()}
    if config.inputs:
        for seed in read_seeds(config.inputs, config.read_tasks(), report, strict=config.strict):
            if seed.task.name in found:
                found[seed.task.name].append(dict(seed.values))
    return found


def question(config: GrowingConfig, pool: Pool, k: int) -> Grow:
    """What a round is asked, from 1. pool: what the rounds before it have brought."""
    task = pool.task
    chance = Random(f"{config.seed}/{task.name}/{k}")
    return Grow(
        task=task,
        n=config.per_round or 1,
        vary=task.keys[(k - 1) % len(task.keys)],
        sample=pool.sample(chance),
        frequent=pool.frequent(),
    )


def least_rounds(config: GrowingConfig, count: int | None = None) -> int:
    """Rounds of a task where every seed is new. count: of seeds; those that are wanted where None."""
    return math.ceil((config.count if count is None else count) / (config.per_round or 1))


def most_rounds(config: GrowingConfig) -> int:
    """Most rounds of a task: three times the least, and as many more as it has patience."""
    return 3 * least_rounds(config) + PATIENCE


def kept_in(journal: Journal, tasks: Sequence[Task]) -> dict[str, int]:
    """Task → how many seeds a run has brought that are like no other of it; of these tasks, those that it has."""
    rounds: dict[str, list[Item]] = {}
    for item, name in journal.items("grown"):
        rounds.setdefault(name, []).append(item)
    return {task.name: len(_folded(task, (), rounds[task.name]).kept) for task in tasks if task.name in rounds}


@dataclass(frozen=True)
class _Grown:
    """What the rounds of a task have come to.

    kept  (round, values) of each new seed; dropped: of the others, by why; idle: rounds at the end that brought nothing
    """

    pool: Pool
    kept: list[tuple[int, dict[str, str]]]
    dropped: Counter[str]
    rounds: int
    idle: int


def _folded(task: Task, there: Sequence[Mapping[str, str]], rounds: Sequence[Item]) -> _Grown:
    """The pool after these rounds, in their order."""
    pool = Pool(task)
    for values in there:
        pool.add(values)
    kept: list[tuple[int, dict[str, str]]] = []
    dropped: Counter[str] = Counter()
    idle = 0
    for item in rounds:
        before = len(kept)
        for values in json.loads(item.record or "[]"):
            why = pool.add(values)
            if why is None:
                kept.append((item.k, pool.seeds[-1]))
            else:
                dropped[why] += 1
        idle = 0 if len(kept) > before else idle + 1
    return _Grown(pool, kept, dropped, len(rounds), idle)
