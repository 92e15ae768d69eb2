"""Actors of a Ray cluster that look at rows (`side_by_side.py`; the extra `ray`).

Rows and outcomes go through Ray's object store, for an actor may be on a node that can't read the file. Where an actor
or its node is lost, Ray begins it anew, elsewhere if need be, and gives it its rows once more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from proutt.errors import UserError
from proutt.quality.audit.side_by_side import Begin, Killed, Looker, Outcomes, Seen
from proutt.quality.audit.subject import Subject
from proutt.runs.ray_cluster import closed, opened, processors_each

#: How often Ray gives rows again whose actor was lost. A lost actor is always begun anew.
_ONCE_MORE, _ALWAYS = 1, -1


class RayActors:
    """`Lookers` on the cluster that RAY_ADDRESS names, or on one of this machine, which ends with them."""

    def __init__(self, number: int, begin: Begin) -> None:
        self.number, self._ray = number, opened()
        how = {"num_cpus": processors_each(self._ray, number), "max_restarts": _ALWAYS, "max_task_retries": _ONCE_MORE}
        actor = self._ray.remote(**how)(Looker)
        actors = [actor.remote(begin) for _ in range(number)]
        self._coming = {each.__ray_ready__.remote(): each for each in actors}
        self._there: deque[Any] = deque()

    def look(self, subjects: Sequence[Subject | None]) -> Seen:
        looked = self._next().look.remote(subjects)
        return lambda: self._seen(looked)

    def close(self) -> None:
        closed()

    def _next(self) -> Any:
        """The actors by turns, of those that are there: one that the cluster has no room for yet holds up nobody."""
        if self._coming:
            come, _ = self._ray.wait(list(self._coming), num_returns=len(self._coming), timeout=0)
            if not come and not self._there:
                come, _ = self._ray.wait(list(self._coming))
            self._there.extend(self._coming.pop(each) for each in come)
        self._there.rotate(-1)
        return self._there[0]

    def _seen(self, looked: Any) -> list[Outcomes]:
        errors = self._ray.exceptions
        try:
            outcomes: list[Outcomes] = self._ray.get(looked)
        except errors.RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise error.cause from None
            raise
        except errors.RayActorError as error:
            if error.actor_init_failed:
                raise _not_begun(error) from None
            raise Killed from None
        except errors.RayError:  # a node's end takes along what was stored there
            raise Killed from None
        return outcomes


def _not_begun(error: Exception) -> UserError:
    said = str(error).strip().splitlines() or [""]
    remedy = "Install this proutt, with the same extras, on all nodes."
    return UserError(f"an actor can't begin: {said[-1][:300]}.", where="--engine ray", remedy=remedy)
