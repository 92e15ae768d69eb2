"""The Ray cluster that a run works on: the one that RAY_ADDRESS names, or one of this machine (the extra `ray`)."""

from __future__ import annotations

import logging
import math
import os
import sys
from typing import Any

from proutt.errors import UserError


def opened() -> Any:
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
    # Whatever it is told, Ray prints the ends of its workers to standard output, into --json, too. Its logs have them.
    ray._private.worker.print_to_stdstream = lambda *_, **__: None
    context = {} if os.environ.get("RAY_ADDRESS") else {"include_dashboard": False}
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level=logging.ERROR, **context)
    ray.data.DataContext.get_current().enable_progress_bars = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return ray


def processors_each(ray: Any, number: int) -> float:
    """What each of so many actors is said to take, so that all of them find room, however few processors there are.

    At most one; no more than four decimals, as Ray counts, and never rounded up: the last one would wait for ever.
    """
    share: float = ray.cluster_resources().get("CPU", 1.0) / number
    return min(1.0, math.floor(share * 10000) / 10000)


def closed() -> None:
    """Leave the cluster; one of this machine ends. Where Ray was never begun, nothing happens."""
    ray = sys.modules.get("ray")
    if ray is not None:
        ray.shutdown()
