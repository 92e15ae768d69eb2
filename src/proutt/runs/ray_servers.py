"""Model servers on a Ray cluster (`--engine ray --serve`): an actor for each, which holds its GPUs and keeps it alive.

A server listens at its node's address on the cluster's network and wants a key, which all servers of a run share. An
actor that its node takes along is not begun again: its server's address is gone, and the others take its calls.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.llm.model_server import ModelServer, Serving
from proutt.runs.ray_cluster import closed, opened

_LOOK_S = 1.0


@dataclass(frozen=True)
class Standing:
    """How a server is. error: message, place and remedy where it will not come up."""

    url: str = ""
    ready: bool = False
    error: tuple[str, str | None, str | None] | None = None
    notes: tuple[str, ...] = ()


class Served:
    """An actor: one server, on the node and the GPUs that Ray gave it."""

    def __init__(self, serving: Serving, log: str, key: str) -> None:
        import ray

        self._notes: list[str] = []
        self._server: ModelServer | None = None
        self._error: tuple[str, str | None, str | None] | None = None
        try:
            host = ray.util.get_node_ip_address()
            self._server = ModelServer(serving, host, Path(log), {}, key, self._notes.append)
            self._server.begin()
        except UserError as error:
            self._error = (error.message, error.where, error.remedy)

    def look(self) -> Standing:
        """How it is now; what there is to note, once."""
        notes, self._notes[:] = tuple(self._notes), []
        if self._server is None:
            return Standing(error=self._error, notes=notes)
        try:
            return Standing(self._server.url, self._server.ready, None, notes)
        except UserError as error:
            return Standing(self._server.url, False, (error.message, error.where, error.remedy), notes)

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stop()


@dataclass
class RayServers:
    """One for each so many GPUs of the cluster. gpus: of the cluster that count, None: all; claimed: by each server."""

    serving: Serving
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    gpus: int | None = None
    claimed: int | None = None
    _actors: list[Any] = field(default_factory=list, init=False)

    def start(self, folder: Path, note: Callable[[str], None], wanted: Callable[[], bool]) -> Sequence[str]:
        ray = opened()
        there = int(ray.cluster_resources().get("GPU", 0)) if self.gpus is None else self.gpus
        number = there // self.serving.gpus
        if not number:
            said = f"the cluster has {there} GPUs, and a server takes {self.serving.gpus}."
            raise UserError(said, where="--serve", remedy="Add nodes, or begin a server yourself and give --base-url.")
        note(f"{number} × {self.serving.kind} with {self.serving.model}; they write to {folder}/server-*.log")
        claimed = self.serving.gpus if self.claimed is None else self.claimed
        actor = ray.remote(num_gpus=claimed, num_cpus=0)(Served)
        logs = [str(folder / f"server-{each}.log") for each in range(1, number + 1)]
        self._actors += [actor.remote(self.serving, log, self.key) for log in logs]
        return self._up(ray, note, wanted)

    def _up(self, ray: Any, note: Callable[[str], None], wanted: Callable[[], bool]) -> Sequence[str]:
        """Wait until all answer: an actor that Ray has no place for yet answers nothing."""
        found: dict[Any, Standing] = {}
        looking = {actor.look.remote(): actor for actor in self._actors}
        while looking and wanted():
            done, _ = ray.wait(list(looking), timeout=_LOOK_S)
            for each in done:
                actor, standing = looking.pop(each), ray.get(each)
                for text in standing.notes:
                    note(text)
                if standing.error is not None:
                    message, where, remedy = standing.error
                    raise UserError(message, where=where, remedy=remedy)
                found[actor] = standing
                if not standing.ready:
                    looking[actor.look.remote()] = actor
        return [standing.url for standing in found.values() if standing.ready]

    def stop(self) -> None:
        if self._actors:
            ray = opened()
            ray.wait([actor.stop.remote() for actor in self._actors], num_returns=len(self._actors), timeout=30)
            for actor in self._actors:
                ray.kill(actor)
        self._actors.clear()
        closed()
