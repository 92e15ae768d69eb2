"""One shard of a run in a process of its own: what an engine (`engines.py`) has its processes do.

A worker is told everything by its `Job` and tells how far it is in a file of its shard's directory, so that it may run
on another machine that shares the file system.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.llm.fetch import Progress
from proutt.runs.directory import LOCKED
from proutt.runs.run import make
from proutt.runs.stopping import end_soon

#: How far the worker of a shard is: what `standing` says, and `notes`.
PROGRESS = "progress.json"
TOLD_EVERY_S = 1.0
#: Where a worker finds its directory locked, one that nobody waits for is about to end: how often it tries again.
LOCKED_TRIES, LOCKED_WAIT_S = 60, 1.0


@dataclass(frozen=True)
class Job:
    """What a worker is to do: begin or resume a shard's run.

    module  its `making_of` says what a run of this configuration does
    config  as in run.yaml, with its shard
    out     the shard's run directory
    reuse   older runs whose answers are taken
    environ  variables of the worker, with their values: where the servers are that its engine has begun
    """

    module: str
    config: dict[str, Any]
    out: str
    reuse: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Ended:
    """How a session of a worker ended.

    why      what stopped it short, a matter each
    error    message, place and remedy of what the user has to mend
    """

    complete: bool = False
    why: tuple[str, ...] = ()
    error: tuple[str, str | None, str | None] | None = None


def work_on(job: Job, wanted: Callable[[], bool] = lambda: True) -> Ended:
    """Do one session of a shard's run.

    wanted  whether anybody still waits for it: where not, it stops as at Ctrl-C
    """
    for tries in range(LOCKED_TRIES, -1, -1):
        try:
            return _session(job, wanted)
        except UserError as error:
            if error.message != LOCKED or not tries or not wanted():
                return told(error)
        time.sleep(LOCKED_WAIT_S)
    raise AssertionError("the last try returns")


def told(error: UserError) -> Ended:
    """The end of a session that the user has to mend something for."""
    return Ended(error=(error.message, error.where, error.remedy))


def _session(job: Job, wanted: Callable[[], bool]) -> Ended:
    os.environ.update(job.environ)
    making = importlib.import_module(job.module).making_of(job.config)
    made = make(
        making, Path(job.out), _Told(Path(job.out), wanted), reuse=[Path(each) for each in job.reuse], taken_over=True
    )
    return Ended(made.complete, tuple(made.why))


@dataclass
class _Told:
    """`Observer` of a session that writes down what it is told."""

    folder: Path
    wanted: Callable[[], bool]
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)

    @contextmanager
    def fetching(self) -> Iterator[Callable[[Progress], None]]:
        yield lambda _: None

    @asynccontextmanager
    async def working(self, now: Callable[[float], Mapping[str, Any]]) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def telling() -> None:
            while True:
                self._tell(now(loop.time() - began))
                if not self.wanted():
                    end_soon()
                    return
                await asyncio.sleep(TOLD_EVERY_S)

        task = asyncio.create_task(telling())
        try:
            yield
        finally:
            task.cancel()
            self._tell(now(loop.time() - began))

    def _tell(self, facts: Mapping[str, Any]) -> None:
        """Write the file whole; where that fails, the work goes on, and its own files say what is wrong."""
        draft = self.folder / f".{PROGRESS}.new"
        with suppress(OSError):
            draft.write_text(json.dumps({**facts, "notes": self.notes}), encoding="utf-8")
            draft.replace(self.folder / PROGRESS)


def told_in(folder: Path) -> dict[str, Any]:
    """What the worker of a shard has told last; {} where it has told nothing yet."""
    try:
        found: dict[str, Any] = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
