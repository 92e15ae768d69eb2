"""How processes that work for this one begin."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext


def forked_from(*modules: str) -> ForkServerContext | SpawnContext:
    """As forks of a process that has imported the modules, where the system has that.

    Else each imports for itself: a second of a processor, which eight workers on two cores wait four seconds for. The
    first call that a process makes decides what is imported ahead.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context
