"""How a step of a method becomes calls: which model, in what order, from the journal or for real, and what it costs.

`Calls` belongs to a run; `ItemAsk` is the `Ask` that one (dialogue, K) is given.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from proutt.llm import ChatModel, Reply, Request, Usage, ask
from proutt.methods.record import UsageRecord
from proutt.prompts import Role, Step
from proutt.prompts.step import AnswerT
from proutt.runs.journal import Journal

#: (place of the dialogue in the input, K): what comes first goes first.
Priority = tuple[int, int]


class Stopped(Exception):
    """The run is being stopped: no further call is made."""


class Turnstile:
    """Lets at most `limit` calls through at once, and of those that wait the one of the earliest dialogue first.

    So the work on one dialogue stays close together in time, and a server's prefix cache stays warm.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._count = 0
        self.stopped = False

    @asynccontextmanager
    async def through(self, priority: Priority) -> AsyncIterator[None]:
        await self._enter(priority)
        try:
            yield
        finally:
            self._free += 1
            self._admit()

    async def _enter(self, priority: Priority) -> None:
        if self.stopped:
            raise Stopped
        if self._free:
            self._free -= 1
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (priority, self._count, ticket))
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled() and ticket.exception() is None:
                self._free += 1  # let in and cancelled at once: the place is free again
                self._admit()
            raise

    def _admit(self) -> None:
        while self._free and self._waiting:
            _, _, ticket = heapq.heappop(self._waiting)
            if not ticket.done():
                self._free -= 1
                ticket.set_result(None)

    def stop(self) -> None:
        """Let nobody in any more: whoever waits gets Stopped."""
        self.stopped = True
        for _, _, ticket in self._waiting:
            if not ticket.done():
                ticket.set_exception(Stopped())
        self._waiting.clear()


@dataclass
class Tally:
    """Calls and tokens of this session of a run, for the progress display."""

    made: int = 0
    reused: int = 0
    in_flight: int = 0
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Calls:
    """The models of a run behind its journal."""

    models: Mapping[Role, ChatModel]
    journal: Journal
    turnstile: Turnstile
    seed: int
    tally: Tally = field(default_factory=Tally)

    def for_item(self, priority: Priority) -> ItemAsk:
        return ItemAsk(self, priority)


class ItemAsk:
    """`Ask` for one (dialogue, K), or for a dialogue's annotation; counts what it used, journaled or not."""

    def __init__(self, calls: Calls, priority: Priority) -> None:
        self._calls, self._priority = calls, priority
        self._used = Usage()
        self._number = 0

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        seed = int.from_bytes(hashlib.sha256(f"{self._calls.seed}/{place}".encode()).digest()[:4], "big") >> 1
        return await ask(
            _Journaled(self._calls, self._calls.models[step.role], self._priority),
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(seed),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
            on_call=self._count,
            tries=step.tries,
        )

    def _count(self, reply: Reply) -> None:
        self._number += 1
        self._used += reply.usage

    @property
    def usage(self) -> UsageRecord:
        """Calls so far and their tokens; the same whether they were made now or in an earlier session of the run."""
        return UsageRecord(
            calls=self._number,
            prompt_tokens=self._used.prompt_tokens,
            completion_tokens=self._used.completion_tokens,
        )


@dataclass(frozen=True)
class _Journaled:
    """A model whose finished calls are in the journal, and which waits its turn for the others.

    In a run that is being stopped, a call in flight outlives the item that wanted it.
    """

    calls: Calls
    model: ChatModel
    priority: Priority

    @property
    def identity(self) -> str:
        return self.model.identity

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    async def reply(self, request: Request) -> Reply:
        key = request.key(self.model.identity)
        tally = self.calls.tally
        known = self.calls.journal.reply(key)
        if known is not None:
            tally.reused += 1
            return known
        async with self.calls.turnstile.through(self.priority):
            call = asyncio.ensure_future(self._made(key, request))
            try:
                return await asyncio.shield(call)
            except asyncio.CancelledError:
                if self.calls.turnstile.stopped:
                    await asyncio.wait({call})  # it is being paid: its answer goes into the journal first
                raise
            finally:
                call.cancel()
                await asyncio.gather(call, return_exceptions=True)

    async def _made(self, key: str, request: Request) -> Reply:
        """Make the call and write it down."""
        tally = self.calls.tally
        tally.in_flight += 1
        try:
            reply = await self.model.reply(request)
        finally:
            tally.in_flight -= 1
        self.calls.journal.add_reply(key, reply, step=request.step, role=request.role, model=self.model.identity)
        tally.made += 1
        tally.usage += reply.usage
        return reply

    async def close(self) -> None:
        """The run closes its models, not its items."""
