"""Who does the shards of a run: processes of this machine, or (in `ray_engine.py`) a cluster."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from proutt.runs.deaths import DEATHS, done_in, killed_over_nothing
from proutt.runs.directory import JOURNAL
from proutt.runs.forking import forked_from
from proutt.runs.journal import Journal
from proutt.runs.model_servers import Servers, served
from proutt.runs.worker import Ended, Job, told, work_on


class Engine(Protocol):
    """Works through jobs, so many at once as it has workers. servers: of their model, to be begun for them."""

    servers: Servers | None

    async def run(self, jobs: Sequence[Job], note: Callable[[str], None]) -> list[Ended]:
        """How each job ended, in their order. A job whose worker died is taken up again; the next worker goes on from
        its journal. Cancelled, the workers stop as at Ctrl-C, and are waited for."""
        ...

    def stop(self) -> None:
        """Let every worker finish the calls in flight and end."""
        ...


@dataclass
class Processes:
    """Processes of this machine. number: how many work at once; servers: of their model, to be begun for them."""

    number: int
    servers: Servers | None = None
    _running: set[BaseProcess] = field(default_factory=set)
    _stopped: bool = False

    async def run(self, jobs: Sequence[Job], note: Callable[[str], None]) -> list[Ended]:
        async with served(self.servers, jobs, note, lambda: not self._stopped) as told:
            return await self._all(told, note)

    async def _all(self, jobs: Sequence[Job], note: Callable[[str], None]) -> list[Ended]:
        room = asyncio.Semaphore(self.number)
        with ThreadPoolExecutor(self.number, "proutt-worker") as waiting:

            async def one(job: Job) -> Ended:
                async with room:
                    return await self._until_ended(job, waiting, note)

            return list(await asyncio.gather(*(one(job) for job in jobs)))

    def stop(self) -> None:
        self._stopped = True
        for process in list(self._running):
            with suppress(ProcessLookupError, ValueError):
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGINT)

    async def _until_ended(self, job: Job, waiting: Executor, note: Callable[[str], None]) -> Ended:
        """Begin workers until one ends on its own, or too many have died over nothing."""
        deaths, before = 0, -1
        while not self._stopped:
            ended = await self._one(job, waiting)
            if ended is not None:
                return ended
            if self._stopped:
                break
            done = _done_in(Path(job.out))
            deaths, before = (1 if done != before else deaths + 1), done
            if deaths == DEATHS:
                return told(killed_over_nothing(Path(job.out)))
            note(f"The worker of {Path(job.out).name} died; another one goes on.")
        return Ended()

    async def _one(self, job: Job, waiting: Executor) -> Ended | None:
        """One worker; how it ended, or None where it died."""
        context = forked_from(__name__, job.module)  # all jobs have one module
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(job, there), daemon=False)
        process.start()
        there.close()
        self._running.add(process)
        try:
            if self._stopped:
                self.stop()
            return await asyncio.get_running_loop().run_in_executor(waiting, _ended, process, here)
        finally:
            self._running.discard(process)
            here.close()


def _ended(process: BaseProcess, here: Connection) -> Ended | None:
    """Wait for the end of a worker; what it said at last, or None where it died."""
    try:
        ended: Ended | None = here.recv()
    except (EOFError, OSError):
        ended = None
    process.join()
    return ended


def _work(job: Job, there: Connection) -> None:
    """In the worker. A signal of the terminal's is for who began it, and it has its own."""
    if hasattr(os, "setsid"):
        os.setsid()
    parent = multiprocessing.parent_process()
    with suppress(KeyboardInterrupt):
        there.send(work_on(job, lambda: parent is None or parent.is_alive()))


def _done_in(out: Path) -> int:
    """Calls and items that a shard's journal holds."""
    if not (out / JOURNAL).is_file():
        return 0
    journal = Journal(out / JOURNAL, reading=True)
    try:
        return done_in(journal)
    finally:
        journal.close()
