"""What the service remembers for a while, in memory only: a bounded number of things, none for longer than its time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

ThingT = TypeVar("ThingT")


class Memory(Generic[ThingT]):
    """Things by key; the oldest leave first.

    most   how many at once; for_s: how long each, in seconds
    """

    def __init__(self, most: int, for_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._for_s, self._now = most, for_s, now
        self._kept: OrderedDict[str, tuple[float, ThingT]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: str, thing: ThingT) -> None:
        """Remember it, in the place of what had the key before."""
        self._kept.pop(key, None)
        self._kept[key] = (self._now(), thing)
        while len(self._kept) > self._most or next(iter(self._kept.values()))[0] < self._now() - self._for_s:
            self._kept.popitem(last=False)

    def get(self, key: str) -> ThingT | None:
        """What has the key, if that is not too long ago."""
        since, thing = self._kept.get(key, (0.0, None))
        return thing if thing is not None and since >= self._now() - self._for_s else None

    def take(self, key: str) -> ThingT | None:
        """As `get`, and then it is forgotten."""
        thing = self.get(key)
        self._kept.pop(key, None)
        return thing
