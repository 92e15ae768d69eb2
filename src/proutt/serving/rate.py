"""How often one client may ask: a bucket of tokens for each, filled evenly. No threads, no tasks."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

#: Clients remembered at once. One that is forgotten has a full bucket again.
MOST_CLIENTS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rate:
    """Requests of each client: `per_minute` on average, and as many at once at most. 0: any number."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._per_s, self._now = float(per_minute), per_minute / 60, now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """Take one token of the client: 0 where there was one, else the seconds until there is."""
        if not self._most:
            return 0.0
        now = self._now()
        bucket = self._buckets.pop(client, None) or _Bucket(self._most, now)
        self._buckets[client] = bucket  # the one that asked last leaves last
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        bucket.tokens, bucket.at = min(self._most, bucket.tokens + (now - bucket.at) * self._per_s), now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_s
        bucket.tokens -= 1
        return 0.0
