"""The shards of a run on a Ray cluster, as a Ray Data pipeline over their numbers (the extra `ray`).

Each row is a shard, each actor a worker. Where an actor or its node is lost, Ray gives the row to another actor, which
goes on from the shard's journal; so the run's directory has to be on a file system that all nodes share. A row that
Ray works on twice does no harm: what a shard has finished is in its journal, and the run is joined from journals.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.runs.worker import Ended, Job, work_on

#: Stands among the shards while workers are to end.
STOP = "stop"


@dataclass
class RayData:
    """`Engine` on the cluster that RAY_ADDRESS names, or on one of this machine. number: actors at work at once."""

    number: int
    _folder: Path | None = field(default=None, init=False)

    async def run(self, jobs: Sequence[Job], note: Callable[[str], None]) -> list[Ended]:  # noqa: ARG002
        self._folder = Path(jobs[0].out).parent
        (self._folder / STOP).unlink(missing_ok=True)
        try:
            return await asyncio.to_thread(self._all, jobs)
        finally:
            (self._folder / STOP).unlink(missing_ok=True)

    def stop(self) -> None:
        if self._folder is not None:
            (self._folder / STOP).touch()

    def _all(self, jobs: Sequence[Job]) -> list[Ended]:
        ray = _opened()
        try:
            rows = [{"shard": number, "job": json.dumps(asdict(job))} for number, job in enumerate(jobs)]
            # A worker waits more than it works: all of them find room, however few processors there are.
            processors = min(1.0, ray.cluster_resources().get("CPU", 1.0) / self.number)
            shards = ray.data.from_items(rows, override_num_blocks=len(rows))
            actors = ray.data.ActorPoolStrategy(size=self.number)
            how = {"batch_size": 1, "batch_format": "numpy", "compute": actors, "num_cpus": round(processors, 3)}
            done = shards.map_batches(Worker, **how)
            ended = {row["shard"]: _ended(row["ended"]) for row in done.iter_rows()}
            return [ended[number] for number in range(len(jobs))]
        finally:
            ray.shutdown()


class Worker:
    """An actor: does the shard of each row that it is given."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        values = json.loads(str(batch["job"][0]))
        job = Job(**{**values, "reuse": tuple(values["reuse"])})
        stop = Path(job.out).parent / STOP
        ended = work_on(job, lambda: not stop.exists())
        return {"shard": batch["shard"], "ended": [json.dumps(asdict(ended))]}


def _ended(text: str) -> Ended:
    values = json.loads(text)
    error = None if values["error"] is None else tuple(values["error"])
    return Ended(values["complete"], tuple(values["why"]), error)


def _opened() -> Any:
    """Ray, connected. It tells nobody that it is used, opens no page, and leaves the terminal to the progress."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        remedy = "pip install 'proutt[ray]', or give --engine processes."
        raise UserError("Ray is not installed.", where="--engine ray", remedy=remedy) from None
    context = {} if os.environ.get("RAY_ADDRESS") else {"include_dashboard": False}
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR, **context)
    ray.data.DataContext.get_current().enable_progress_bars = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return ray
