"""The one owner of trying again: how often, how long to wait, and when to give up.

Waits grow exponentially with equal jitter: half of each wait is fixed, so that many callers who failed together neither
come back together nor all at once. A server that says how long to wait is not asked earlier.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from proutt.errors import ModelError
from proutt.llm.chat import ChatModel, Reply, Request

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


class Retrying:
    """A model that asks its model again after failures that may pass.

    tries       calls in all for one request
    patience_s  the longest wait that a server may ask for; one that asks for more fails the call at once
    on_retry    told of each failure that is retried and the wait that follows, for whoever steers concurrency
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        tries: int = TRIES,
        patience_s: float = MOST_PATIENCE_S,
        on_retry: Callable[[ModelError, float], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if tries < 1:
            raise ValueError(f"tries={tries} is below 1")
        self.model = model
        self._tries, self._patience_s, self._on_retry = tries, patience_s, on_retry
        self._sleep, self._chance = sleep, chance

    @property
    def identity(self) -> str:
        return self.model.identity

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    async def reply(self, request: Request) -> Reply:
        """Answer one request. Raises the last ModelError, with the number of tries in its message."""
        for attempt in range(1, self._tries + 1):
            try:
                return await self.model.reply(request)
            except ModelError as error:
                if not error.retryable or error.fatal:
                    raise
                asked_s = error.retry_after_s
                if asked_s is not None and asked_s > self._patience_s:
                    reason = f"it asked to wait {asked_s:g} s, longer than the {self._patience_s:g} s that are waited"
                    raise _given_up(error, reason) from None
                if attempt == self._tries:
                    raise _given_up(error, f"tried {attempt} times") from None
                wait_s = wait_before(attempt, asked_s=asked_s, chance=self._chance())
                if self._on_retry is not None:
                    self._on_retry(error, wait_s)
            await self._sleep(wait_s)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        await self.model.close()


def _given_up(error: ModelError, reason: str) -> ModelError:
    return ModelError(
        f"{error} ({reason})",
        kind=error.kind,
        retryable=True,
        status=error.status,
        retry_after_s=error.retry_after_s,
    )
