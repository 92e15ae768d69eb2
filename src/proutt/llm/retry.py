"""How long to wait before a call is made again.

Waits grow exponentially with equal jitter: half of each wait is fixed, so that many callers who failed together neither
come back together nor all at once. A server that says how long to wait is not asked earlier.
"""

from __future__ import annotations

TRIES = 6
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
MOST_PATIENCE_S = 300.0


def wait_before(attempt: int, *, asked_s: float | None, chance: float) -> float:
    """Seconds to wait before try number `attempt` + 1 (attempt counts from 1); `chance` is uniform in 0..1.

    asked_s, what the server asked for, is never undercut; a little is added, so that those told the same spread.
    """
    backoff = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempt - 1))
    if asked_s is not None:
        return asked_s + chance * min(1.0, backoff)
    return backoff / 2 + chance * backoff / 2
