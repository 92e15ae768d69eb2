"""The one owner of trying again: which endpoint a call goes to, how many at once, how often, and when to give up.

A pool stands before one endpoint, or before several that serve the same model: they share the load, and where one fails
the others go on. Each has a limit that is found (`limit.py`) and a breaker. Nothing below tries anything twice.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from proutt.errors import ModelError
from proutt.llm.chat import ChatModel, Reply, Request
from proutt.llm.limit import Breaker, Limit
from proutt.llm.retry import MOST_PATIENCE_S, TRIES, wait_before

#: How long an endpoint may be gone before the run stops (it can be resumed).
OUTAGE_PATIENCE_S = 900.0

#: Tries of a call that is refused for its rate, and of one that is a probe of an endpoint that is gone: neither is the
#: call's own fault. A call that brings a server down looks the same, so that there is an end to it.
PATIENT_TRIES = 20

_NO_ANSWER = {"connect", "reset", "timeout", "truncated", "bad-body"}
#: Of those without an answer, what one call's failures in a row are enough for.
_NOBODY_THERE = {"connect", "reset", "http-502", "http-504"}


@dataclass
class Member:
    """One endpoint of a pool.

    lost  why it gets no call any more, or None; told  whether the user knows
    """

    model: ChatModel
    limit: Limit
    breaker: Breaker = field(default_factory=Breaker)
    in_flight: int = 0
    lost: ModelError | None = None
    told: bool = False

    def admits(self, now: float) -> bool:
        return self.lost is None and self.in_flight < self.limit.current and self.breaker.admits(now)

    @property
    def load(self) -> float:
        return self.in_flight / self.limit.current

    def failed(self, error: ModelError, request: Request, episode: int, now: float) -> None:
        """Note what a failure says of the endpoint."""
        if error.fatal:
            self.lost = self.lost or error
            self.breaker.given_up()
            return
        if _of_rate(error):
            self.limit.throttled(episode, self.in_flight, now)
        elif error.status == 500:  # an answer, too: this call could not be done, others may go well
            self.limit.troubled()
        elif error.kind in _NO_ANSWER or (error.status or 0) > 500:
            self.limit.troubled()
            self.breaker.failed(now, id(request), nobody=error.kind in _NOBODY_THERE)
            return
        self.breaker.answered()


@dataclass
class Tries:
    """The tries of one call: those that are its own affair, and those that are not."""

    most: int
    made: int = 0
    _own: int = 0
    _patient: int = 0

    def after(self, error: ModelError, gone: bool) -> Tries:
        """Count a try that ended so; `gone`: its endpoint answers nobody."""
        self.made += 1
        if _of_rate(error) or (gone and error.kind != "connect"):
            self._patient += 1
        elif not gone:
            self._own += 1
        return self

    @property
    def spent(self) -> bool:
        return self._own >= self.most or self._patient >= PATIENT_TRIES


def _of_rate(error: ModelError) -> bool:
    """Whether a refusal tells of the rate, not of the call; a 503 does where it says when to come back."""
    return error.status == 429 or (error.status in {503, 529} and error.retry_after_s is not None)


class Pool:
    """A model behind one endpoint or several.

    ceiling     most calls in flight in all; start  at first, by default found
    tries       calls in all for one request, refusals for their rate and endpoints that are gone aside
    patience_s  the longest wait that a server may ask for; one that asks for more fails the call at once
    outage_s    how long all endpoints may be gone before a call fails, fatally
    on_note     told of what a user should know: an endpoint that is gone, is back, or is left out
    sleep, chance, now  for tests

    `identity` is the first endpoint's, whichever answers: they serve the same model.
    """

    def __init__(
        self,
        models: Sequence[ChatModel],
        *,
        ceiling: int = 64,
        start: int | None = None,
        tries: int = TRIES,
        patience_s: float = MOST_PATIENCE_S,
        outage_s: float = OUTAGE_PATIENCE_S,
        on_note: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if tries < 1 or not models:
            raise ValueError(f"tries={tries}, {len(models)} models: at least one of each is needed")
        self.members = [Member(model, Limit(ceiling, start=start)) for model in models]
        self._ceiling, self._tries, self._patience_s, self._outage_s = ceiling, tries, patience_s, outage_s
        self._on_note, self._sleep, self._chance, self._now = on_note, sleep, chance, now
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def identity(self) -> str:
        return self.members[0].model.identity

    @property
    def context_tokens(self) -> int:
        return min(member.model.context_tokens for member in self.members)

    @property
    def ceiling(self) -> int:
        """Most calls in flight ever."""
        return self._ceiling

    @property
    def capacity(self) -> int:
        """Calls that may be in flight now, 1..ceiling."""
        found = sum(member.limit.current for member in self.members if member.lost is None)
        return max(1, min(self._ceiling, found))

    @property
    def down_s(self) -> float:
        """For how long no endpoint has been there, in seconds; 0 while one is."""
        there = [member for member in self.members if member.lost is None]
        if not there or not all(member.breaker.is_open for member in there):
            return 0.0
        return self._now() - max(member.breaker.down_since or 0.0 for member in there)

    async def reply(self, request: Request) -> Reply:
        """Answer one request. Raises the last ModelError, with the number of tries in its message."""
        tries = Tries(self._tries)
        resting: dict[int, float] = {}  # where this call may not go before when
        while True:
            member = await self._admitted(resting)
            try:
                return await self._sent(member, request)
            except ModelError as error:
                if self._left_out(member, error):
                    continue
                wait_s = self._wait(error, tries.after(error, member.breaker.is_open))
            if not member.breaker.is_open:  # else the breaker says when the next call may go
                resting[id(member)] = self._now() + wait_s

    async def _sent(self, member: Member, request: Request) -> Reply:
        """One call to one endpoint, and what it tells of it."""
        episode = member.limit.episode
        was_open = member.breaker.is_open
        member.in_flight += 1
        member.breaker.sent()
        try:
            reply = await member.model.reply(request)
        except ModelError as error:
            member.failed(error, request, episode, self._now())
            if member.breaker.is_open and not was_open:
                self._on_note(f"{member.model.identity} does not answer ({error.kind}); waiting for it.")
            raise
        except BaseException:
            member.breaker.given_up()
            raise
        else:
            member.breaker.answered()
            member.limit.answered()
            if was_open:
                self._on_note(f"{member.model.identity} answers again.")
            return reply
        finally:
            member.in_flight -= 1
            self._wake()

    def _left_out(self, member: Member, error: ModelError) -> bool:
        """Whether the endpoint was lost and others are left; said once."""
        if not error.fatal or all(other.lost is not None for other in self.members):
            return False
        if not member.told:
            member.told = True
            self._on_note(f"{member.model.identity} is left out: {error}")
        return True

    def _wait(self, error: ModelError, tries: Tries) -> float:
        """Seconds to wait before the next try. Raises the error where there is none."""
        if not error.retryable or error.fatal:
            raise error
        asked_s = error.retry_after_s
        if asked_s is not None and asked_s > self._patience_s:
            reason = f"it asked to wait {asked_s:g} s, longer than the {self._patience_s:g} s that are waited"
            raise _given_up(error, reason)
        if tries.spent:
            raise _given_up(error, f"tried {tries.made} times")
        return wait_before(tries.made, asked_s=asked_s, chance=self._chance())

    async def _admitted(self, resting: Mapping[int, float]) -> Member:
        """The endpoint with the least load that takes this call; waits for one. Raises ModelError after a long outage.

        resting  member (by id) → when this call may go there again
        """
        while True:
            now = self._now()
            there = [member for member in self.members if member.lost is None]
            if not there:
                raise self._lost()
            admitting = [member for member in there if member.admits(now)]
            free = [member for member in admitting if resting.get(id(member), now) <= now]
            if free:
                return min(free, key=lambda member: member.load)
            if admitting:
                await self._sleep(min(resting[id(member)] for member in admitting) - now)
                continue
            pauses = [member.breaker.wait_s(now) for member in there]
            if all(pauses):
                if self.down_s > self._outage_s:
                    raise self._outage(there[0])
                await self._sleep(min(pauses))
            else:
                ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.append(ticket)
                try:
                    await ticket
                except asyncio.CancelledError:
                    self._wake()  # somebody else may go in its place
                    raise

    def _wake(self) -> None:
        """Let those who wait look again, as many as there may be room for."""
        room = sum(max(1, member.limit.current - member.in_flight) for member in self.members)
        if all(member.lost is not None or member.breaker.is_open for member in self.members):
            room = len(self._waiting)
        while self._waiting and room > 0:
            ticket = self._waiting.popleft()
            if not ticket.done():
                ticket.set_result(None)
                room -= 1

    def _lost(self) -> ModelError:
        """Why no call can be made any more, anew: a raised error keeps where it was raised."""
        lost = next(member.lost for member in self.members if member.lost is not None)
        return ModelError(str(lost), kind=lost.kind, fatal=True, status=lost.status)

    def _outage(self, member: Member) -> ModelError:
        minutes = self.down_s / 60
        return ModelError(
            f"{member.model.identity} has not answered for {minutes:.0f} minutes.", kind="outage", fatal=True
        )

    async def close(self) -> None:
        for member in self.members:
            await member.model.close()


def _given_up(error: ModelError, reason: str) -> ModelError:
    return ModelError(
        f"{error} ({reason})",
        kind=error.kind,
        retryable=True,
        status=error.status,
        retry_after_s=error.retry_after_s,
    )
