"""The model servers of a run that an engine begins (`--serve`): begun before its workers, ended after them.

A run that is joined has no workers any more; where it has questions left (`--retry-failed`), its process asks them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from proutt.errors import UserError
from proutt.llm.model_server import ModelServer, Serving
from proutt.llm.models import SERVED_KEY, SERVED_URLS
from proutt.runs.worker import Job

_LOOPBACK = "127.0.0.1"


class Servers(Protocol):
    """Servers of one model."""

    def start(self, folder: Path, note: Callable[[str], None], wanted: Callable[[], bool]) -> Sequence[str]:
        """Begin them and wait until all answer; their base URLs. folder: for what they write.

        wanted  whether anybody still waits for them: where not, it returns what there is
        Blocks. Raises UserError.
        """
        ...

    def stop(self) -> None:
        """End them all, begun or not. Blocks."""
        ...

    @property
    def key(self) -> str:
        """What they ask of whoever calls."""
        ...


@asynccontextmanager
async def served(
    servers: Servers | None, jobs: Sequence[Job], note: Callable[[str], None], wanted: Callable[[], bool]
) -> AsyncIterator[Sequence[Job]]:
    """The jobs, told where the servers of their model are; without servers as they are."""
    if servers is None:
        yield jobs
        return
    loop = asyncio.get_running_loop()

    def told(text: str) -> None:
        loop.call_soon_threadsafe(note, text)

    try:
        urls = await asyncio.to_thread(servers.start, Path(jobs[0].out).parent, told, wanted)
        yield [replace(job, environ=_environ(urls, servers.key)) for job in jobs]
    finally:
        await asyncio.to_thread(servers.stop)


@contextmanager
def served_here(servers: Servers, folder: Path, note: Callable[[str], None]) -> Iterator[None]:
    """While it lasts, this process finds the servers of the model. folder: for what they write. Raises UserError."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        urls = servers.start(folder, note, lambda: True)
        os.environ.update(_environ(urls, servers.key))
        yield
    finally:
        for name in (SERVED_URLS, SERVED_KEY):
            os.environ.pop(name, None)
        servers.stop()


def _environ(urls: Sequence[str], key: str) -> tuple[tuple[str, str], ...]:
    """The variables by which a process finds servers."""
    return ((SERVED_URLS, ",".join(urls)), (SERVED_KEY, key))


@dataclass
class LocalServers:
    """On this machine, one for each group of so many of its visible GPUs; nobody else reaches them."""

    serving: Serving
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _servers: list[ModelServer] = field(default_factory=list, init=False)

    def start(self, folder: Path, note: Callable[[str], None], wanted: Callable[[], bool]) -> Sequence[str]:
        groups = groups_of(visible_gpus(os.environ), self.serving.gpus)
        note(f"{len(groups)} × {self.serving.kind} with {self.serving.model}; they write to {folder}/server-*.log")
        for number, gpus in enumerate(groups, start=1):
            log, only = folder / f"server-{number}.log", {"CUDA_VISIBLE_DEVICES": ",".join(gpus)}
            self._servers.append(ModelServer(self.serving, _LOOPBACK, log, only, self.key, note))
        for server in self._servers:
            server.begin()
        for server in self._servers:
            server.wait(wanted)
        return [server.url for server in self._servers]

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
        self._servers.clear()


def visible_gpus(environ: Mapping[str, str]) -> list[str]:
    """The GPUs that a process may use, by number or name: those of CUDA_VISIBLE_DEVICES, or all that the driver has."""
    if "CUDA_VISIBLE_DEVICES" in environ:
        named = [each.strip() for each in environ["CUDA_VISIBLE_DEVICES"].split(",")]
        return [each for each in named if each and each != "-1"]
    try:
        query = ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]
        found = subprocess.run(query, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return found.stdout.split()


def groups_of(gpus: Sequence[str], size: int) -> list[list[str]]:
    """GPUs by servers, so many each; those that are left over serve nothing. Raises UserError where none is full."""
    groups = [list(gpus[start : start + size]) for start in range(0, len(gpus) - size + 1, size)]
    if not groups:
        said = f"{len(gpus)} GPUs are to be seen here, and a server takes {size}."
        remedy = "Begin a server yourself and give --base-url, or name GPUs in CUDA_VISIBLE_DEVICES."
        raise UserError(said, where="--serve", remedy=remedy)
    return groups
