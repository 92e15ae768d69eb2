"""The one owner of trying again: which endpoint a call goes to, how many at once, how often, and when to give up.

A pool stands before one endpoint, or before several that serve the same model: they share the load, the calls of a
dialogue by preference at the same one (`affinity.py`), and where one fails the others go on. Each has a limit that is
found (`limit.py`) and a breaker. Nothing below tries anything twice.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.errors import ModelError
from proutt.llm.affinity import chosen
from proutt.llm.chat import ChatModel, Reply, Request
from proutt.llm.limit import Limit
from proutt.llm.member import Member, Place, of_rate
from proutt.llm.retry import MOST_PATIENCE_S, TRIES, wait_before

#: How long an endpoint may be gone before the run stops (it can be resumed).
OUTAGE_PATIENCE_S = 900.0

#: Tries of a call that is refused for its rate, and of one that is a probe of an endpoint that is gone: neither is the
#: call's own fault. A call that brings a server down looks the same, so that there is an end to it.
PATIENT_TRIES = 20


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
        if of_rate(error) or (gone and error.kind != "connect"):
            self._patient += 1
        elif not gone:
            self._own += 1
        return self

    @property
    def spent(self) -> bool:
        return self._own >= self.most or self._patient >= PATIENT_TRIES


#: Where a call may not go for now: endpoint (by id) → until when, in the pool's seconds.
Resting = Mapping[int, float]


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
        # In the order in which they came, each with where it may not go and its affinity.
        self._waiting: dict[asyncio.Future[Place | None], tuple[Resting, str]] = {}

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
        resting: dict[int, float] = {}
        while True:
            place = await self._place(resting, request.affinity)
            member = place.member
            try:
                return await self._sent(place, request)
            except ModelError as error:
                if self._left_out(member, error):
                    continue
                wait_s = self._wait(error, tries.after(error, member.breaker.is_open))
            if not member.breaker.is_open:  # else the breaker says when the next call may go
                resting[id(member)] = self._now() + wait_s

    async def _sent(self, place: Place, request: Request) -> Reply:
        """One call to one endpoint, and what it tells of it."""
        try:
            reply = await place.member.model.reply(request)
        except BaseException as error:
            self._ended(place, error, request)
            raise
        self._ended(place, None, request)
        return reply

    def _ended(self, place: Place, error: BaseException | None, request: Request | None = None) -> None:
        """A call has left its place: say what has become of the endpoint, and let go who may."""
        member = place.member
        was_open = member.breaker.is_open
        member.ended(place, error, request, self._now())
        is_open = member.breaker.is_open
        if is_open and not was_open and isinstance(error, ModelError):
            self._on_note(f"{member.name} does not answer ({error.kind}); waiting for it.")
        elif was_open and not is_open:
            self._on_note(f"{member.name} answers again.")
        self._let_go(all_look=was_open or is_open or member.lost is not None)

    def _left_out(self, member: Member, error: ModelError) -> bool:
        """Whether the endpoint was lost and others are left; said once."""
        if not error.fatal or all(other.lost is not None for other in self.members):
            return False
        if not member.told:
            member.told = True
            self._on_note(f"{member.name} is left out: {error}")
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

    async def _place(self, resting: Resting, affinity: str) -> Place:
        """A place at the endpoint that suits this call best of those that take it; waits for one.

        Raises ModelError where none is left, or all have been gone for too long.
        """
        while True:
            place = self._free_place(resting, affinity)
            if place is None:
                self._refuse_if_gone()
                place = await self._turn(resting, affinity)
            if place is not None:
                return place

    def _free_place(self, resting: Resting, affinity: str) -> Place | None:
        now = self._now()
        member = chosen(
            self.members, lambda member: member.admits(now) and resting.get(id(member), now) <= now, affinity
        )
        return None if member is None else member.take()

    async def _turn(self, resting: Resting, affinity: str) -> Place | None:
        """Wait for a place that another call leaves; None where it is time to look again.

        Where no time is worth waiting for, every endpoint is full or is being probed: then a call is under way whose
        end lets somebody go.
        """
        ticket: asyncio.Future[Place | None] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = (resting, affinity)
        wait_s = self._change_in_s(resting)
        time_is_up = None if wait_s is None else asyncio.ensure_future(self._sleep(wait_s))
        try:
            awaited: list[asyncio.Future[Any]] = [ticket] if time_is_up is None else [ticket, time_is_up]
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if ticket.done() and (place := ticket.result()) is not None:
                self._ended(place, asyncio.CancelledError())  # somebody else may go in its place
            raise
        finally:
            self._waiting.pop(ticket, None)
            if time_is_up is not None:
                time_is_up.cancel()
        return ticket.result() if ticket.done() else None

    def _change_in_s(self, resting: Resting) -> float | None:
        """Seconds until time alone may let this call go somewhere; None where only another call's end can."""
        now = self._now()
        there = [member for member in self.members if member.lost is None]
        waits = [max(member.breaker.wait_s(now), resting.get(id(member), now) - now) for member in there]
        return min((wait for wait in waits if wait > 0), default=None)

    def _let_go(self, *, all_look: bool) -> None:
        """Give free places to those who wait, the first first; who may not go there yet is passed over.

        all_look  an endpoint has gone, come back or been probed: whoever waits looks at what it waits for now
        """
        now, gone = self._now(), []
        for ticket, (resting, affinity) in self._waiting.items():
            place = self._free_place(resting, affinity)
            if place is not None or all_look:
                ticket.set_result(place)
                gone.append(ticket)
            elif not any(member.admits(now) for member in self.members):
                break
        for ticket in gone:
            del self._waiting[ticket]

    def _refuse_if_gone(self) -> None:
        there = [member for member in self.members if member.lost is None]
        if not there:
            raise self._lost()
        now = self._now()
        if self.down_s > self._outage_s and all(member.breaker.wait_s(now) for member in there):
            raise self._outage(there[0])

    def _lost(self) -> ModelError:
        """Why no call can be made any more, anew: a raised error keeps where it was raised."""
        lost = next(member.lost for member in self.members if member.lost is not None)
        return ModelError(str(lost), kind=lost.kind, fatal=True, status=lost.status)

    def _outage(self, member: Member) -> ModelError:
        minutes = self.down_s / 60
        return ModelError(f"{member.name} has not answered for {minutes:.0f} minutes.", kind="outage", fatal=True)

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
