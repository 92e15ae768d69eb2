"""The shards of a run on a Ray cluster, as a Ray Data pipeline over their numbers (the extra `ray`).

Each row is a shard, each actor a worker. Where an actor or its node is lost, Ray gives the row to another actor, which
goes on from the shard's journal; so the run's directory has to be on a file system that all nodes share. A row that
Ray works on twice does no harm: what a shard has finished is in its journal, and the run is joined from journals.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from proutt.runs.model_servers import Servers, served
from proutt.runs.ray_cluster import closed, opened, processors_each
from proutt.runs.worker import Ended, Job, work_on

#: Stands among the shards while workers are to end.
STOP = "stop"


@dataclass
class RayData:
    """`Engine` on the cluster that RAY_ADDRESS names, or on one of this machine.

    number   actors at work at once
    servers  of their model, to be begun for them
    """

    number: int
    servers: Servers | None = None
    _folder: Path | None = field(default=None, init=False)

    async def run(self, jobs: Sequence[Job], note: Callable[[str], None]) -> list[Ended]:
        self._folder = Path(jobs[0].out).parent
        stop = self._folder / STOP
        stop.unlink(missing_ok=True)
        try:
            async with served(self.servers, jobs, note, lambda: not stop.exists()) as told:
                return [Ended() for _ in told] if stop.exists() else await asyncio.to_thread(self._all, told)
        finally:
            stop.unlink(missing_ok=True)
            await asyncio.to_thread(closed)

    def stop(self) -> None:
        if self._folder is not None:
            (self._folder / STOP).touch()

    def _all(self, jobs: Sequence[Job]) -> list[Ended]:
        ray = opened()
        rows = [{"shard": number, "job": json.dumps(asdict(job))} for number, job in enumerate(jobs)]
        shards = ray.data.from_items(rows, override_num_blocks=len(rows))
        actors = ray.data.ActorPoolStrategy(size=self.number)
        how = {
            "batch_size": 1,
            "batch_format": "numpy",
            "compute": actors,
            "num_cpus": processors_each(ray, self.number),
        }
        done = shards.map_batches(Worker, **how)
        ended = {row["shard"]: _ended(row["ended"]) for row in done.iter_rows()}
        return [ended[number] for number in range(len(jobs))]


class Worker:
    """An actor: does the shard of each row that it is given."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        values = json.loads(str(batch["job"][0]))
        environ = tuple((name, value) for name, value in values["environ"])
        job = Job(**{**values, "reuse": tuple(values["reuse"]), "environ": environ})
        stop = Path(job.out).parent / STOP
        ended = work_on(job, lambda: not stop.exists())
        return {"shard": batch["shard"], "ended": [json.dumps(asdict(ended))]}


def _ended(text: str) -> Ended:
    values = json.loads(text)
    error = None if values["error"] is None else tuple(values["error"])
    return Ended(values["complete"], tuple(values["why"]), error)
