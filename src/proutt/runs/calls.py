"""How a step of a method becomes calls: which model, in what order, from the journal or for real, and what it costs.

`Calls` belongs to a run; `ItemAsk` is the `Ask` that one (dialogue, K) is given.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from proutt.errors import UserError
from proutt.llm import ChatModel, Reply, Request, Usage, ask
from proutt.llm.chat import Deferring, Paced
from proutt.methods.record import UsageRecord
from proutt.prompts import Role, Step
from proutt.prompts.step import AnswerT
from proutt.runs.ceiling import Ceiling
from proutt.runs.commits import Commits
from proutt.runs.journal import Journal

#: (place of the dialogue in the input, K): what comes first goes first.
Priority = tuple[int, int]


class Stopped(Exception):
    """The run is being stopped: no further call is made."""


class Turnstile:
    """Lets at most `limit` calls through at once, and of those that wait the one of the earliest dialogue first.

    So the work on one dialogue stays close together in time, and a server's prefix cache stays warm.

    limit  a number, or what gives it: a limit that moves
    """

    def __init__(self, limit: int | Callable[[], int]) -> None:
        self._limit = limit
        self._inside = 0
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._count = 0
        self.stopped = False

    @property
    def limit(self) -> int:
        return self._limit if isinstance(self._limit, int) else self._limit()

    def through(self, priority: Priority) -> _Passage:
        """Waits its turn; `async with` holds the place. Raises Stopped."""
        return _Passage(self, priority)

    def leave(self) -> None:
        """Give a place back."""
        self._inside -= 1
        self._admit()

    async def enter(self, priority: Priority) -> None:
        """Wait for a place; who has one must `leave`. Raises Stopped."""
        if self.stopped:
            raise Stopped
        if not self._waiting and self._inside < self.limit:
            self._inside += 1
            return
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (priority, self._count, ticket))
        self._admit()
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled() and ticket.exception() is None:
                self.leave()  # let in and cancelled at once: the place is free again
            raise

    def _admit(self) -> None:
        while self._waiting and self._inside < self.limit:
            _, _, ticket = heapq.heappop(self._waiting)
            if not ticket.done():
                self._inside += 1
                ticket.set_result(None)

    def stop(self) -> None:
        """Let nobody in any more: whoever waits gets Stopped."""
        self.stopped = True
        for _, _, ticket in self._waiting:
            if not ticket.done():
                ticket.set_exception(Stopped())
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class _Passage:
    """One visit behind a turnstile; a class, since every call makes one, and a generator costs three times as much."""

    turnstile: Turnstile
    priority: Priority

    async def __aenter__(self) -> None:
        await self.turnstile.enter(self.priority)

    async def __aexit__(self, *_: object) -> None:
        self.turnstile.leave()


@dataclass
class Tally:
    """Calls and tokens of this session of a run, for the progress display.

    made    calls that were paid now; reused  those whose answer an earlier session or run had
    cost    in the currency of the prices; None where a price is not known
    """

    made: int = 0
    reused: int = 0
    in_flight: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float | None = 0.0


class Calls:
    """The models of a run behind its journal. Each model has a turnstile of its own: one that is slow stalls no other.

    ceiling  what may be spent, or None
    """

    def __init__(
        self,
        models: Mapping[Role, ChatModel],
        journal: Journal,
        limit: int,
        seed: int,
        *,
        ceiling: Ceiling | None = None,
    ) -> None:
        self.models, self.journal, self.seed = models, journal, seed
        self.commits = Commits(journal)
        self.ceiling = ceiling or Ceiling()
        self.tally = Tally()
        self.stopped = False
        self._turnstiles = {id(model): Turnstile(_limit_of(model, limit)) for model in models.values()}
        if self.ceiling.reached:  # in an earlier session
            self.stop()

    def for_item(self, priority: Priority, *, rounds: int = 0) -> ItemAsk:
        """`Ask` for one item; `rounds` counts how often its dialogue was taken up again after failures."""
        return ItemAsk(self, priority, rounds)

    def behind(self, role: Role, priority: Priority) -> ChatModel:
        """The model of a role behind the journal and its turnstile, for questions that are no `Step`."""
        return _Journaled(self, role, priority)

    def turnstile(self, role: Role) -> Turnstile:
        return self._turnstiles[id(self.models[role])]

    @property
    def limit(self) -> int:
        """Calls that may be in flight now, over all models."""
        return sum(turnstile.limit for turnstile in self._turnstiles.values())

    def stop(self) -> None:
        """Let no further call be made: whoever waits gets Stopped."""
        self.stopped = True
        for model in {id(each): each for each in self.models.values()}.values():
            if isinstance(model, Deferring):  # its batches go on without us
                model.detach()
        self.shut()

    def shut(self) -> None:
        """Let nobody in who waits; what is in flight is left alone."""
        for turnstile in self._turnstiles.values():
            turnstile.stop()

    def count(self, reply: Reply, model: str) -> None:
        """Count a call that was paid; at the ceiling, stop."""
        self.tally.made += 1
        self.tally.usage += reply.usage
        self.ceiling.add(reply.usage, model)
        self.tally.cost = self.ceiling.spent_now
        if self.ceiling.reached and not self.stopped:
            self.stop()


def _limit_of(model: ChatModel, limit: int) -> int | Callable[[], int]:
    """The limit that a pool has found, never above the run's; of other models, the run's."""
    if isinstance(model, Paced):
        return lambda: min(limit, model.capacity)
    return limit


class ItemAsk:
    """`Ask` for one (dialogue, K), or for a dialogue's annotation; counts what it used, journaled or not."""

    def __init__(self, calls: Calls, priority: Priority, rounds: int = 0) -> None:
        self._calls, self._priority, self._rounds = calls, priority, rounds
        self._replies: dict[str, list[Reply]] = {}

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        seed = int.from_bytes(hashlib.sha256(f"{self._calls.seed}/{place}".encode()).digest()[:4], "big") >> 1
        return await ask(
            _Journaled(self._calls, step.role, self._priority),
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(seed),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
            on_call=self._replies.setdefault(step.name, []).append,
            plain=step.plain,
            tries=step.tries * (1 + self._rounds),  # the journal has those of earlier rounds: they cost nothing
        )

    @property
    def usage(self) -> UsageRecord:
        """Calls so far and their tokens; the same whether they were made now or in an earlier session of the run."""
        return _usage_of([each for replies in self._replies.values() for each in replies])

    @property
    def usage_by_step(self) -> dict[str, UsageRecord]:
        """The same by the step's name, in alphabetical order: steps that run side by side end in any."""
        return {name: _usage_of(replies) for name, replies in sorted(self._replies.items()) if replies}


def _usage_of(replies: Sequence[Reply]) -> UsageRecord:
    return UsageRecord(
        calls=len(replies),
        prompt_tokens=sum(each.usage.prompt_tokens for each in replies),
        completion_tokens=sum(each.usage.completion_tokens for each in replies),
    )


@dataclass(frozen=True)
class _Journaled:
    """A model whose finished calls are in the journal, and which waits its turn for the others.

    In a run that is being stopped, a call in flight outlives the item that wanted it.
    """

    calls: Calls
    role: Role
    priority: Priority

    @property
    def model(self) -> ChatModel:
        return self.calls.models[self.role]

    @property
    def identity(self) -> str:
        return self.model.identity

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    async def reply(self, request: Request) -> Reply:
        key = request.key(self.model.identity)
        known = self.calls.journal.reply(key)
        if known is not None:
            self.calls.tally.reused += 1
            return known
        async with self.calls.turnstile(self.role).through(self.priority):
            call = asyncio.ensure_future(self._made(key, replace(request, affinity=str(self.priority[0]))))
            try:
                return await asyncio.shield(call)
            except asyncio.CancelledError:
                if self.calls.stopped:
                    await asyncio.wait({call})  # it is being paid: its answer goes into the journal first
                raise
            finally:
                if not call.done():
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
        try:
            written = self.calls.commits.add_reply(
                key, reply, step=request.step, role=request.role, model=self.model.identity
            )
            self.calls.count(reply, self.model.identity)
            await written
        except UserError:
            self.calls.shut()  # what can't be written down must not be paid
            raise
        return reply

    async def close(self) -> None:
        """The run closes its models, not its items."""
