"""A model whose calls are collected and sent together: for services that answer within a day at half the price, and for
runners that work through a file.

Whoever asks just waits: thousands of tasks wait side by side, so that a stage of the work collects by itself. What is
too little for a batch, and what failed in one, goes live. How a batch travels is a `Backend`'s business
(`batch_job.py`): `batch_api.py` sends it to a service, `batch_files.py` leaves it in a folder.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proutt.errors import ModelError
from proutt.llm.batch_job import LIMITS, Backend, FileLimits, Outcome, Postponed, files_of, line_of
from proutt.llm.chat import ChatModel, Reply, Request
from proutt.llm.wire import error_of

if TYPE_CHECKING:
    from proutt.llm.endpoint import Endpoint

SETTLE_S = 2.0
LEAST = 20
LIVE_AT_ONCE = 64
#: Calls that may wait at once: nobody who asks is held back, or a stage would not collect.
CAPACITY = 1_000_000
#: How often a request that no live model can finish is put into a batch, where its failure may pass.
TRIES = 3


@dataclass
class _Asked:
    """A request that somebody waits for; one who asks the same at the same time waits for the same answer."""

    request: Request
    answer: asyncio.Future[Reply]
    waiters: int = 0
    live: asyncio.Task[None] | None = None  # waits for its turn until it has begun
    begun: bool = False

    @property
    def structured(self) -> bool:
        return self.request.schema is not None

    def fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # it may be that nobody waits any more: that is no reason to complain


class BatchModel:
    """A model behind a batch back end.

    endpoint  words the requests and reads the answers; its identity is that of the live model, so that keys are too
    live      finishes what is no matter for a batch; None, with files only, where there is no server: then all goes
              through the back end
    settle_s  a batch goes when nothing has been asked for so long
    least     fewer requests than that go live
    on_note   told of what a user should know
    sleep     for tests

    Belongs to the event loop of its first call. Raises what `backend.open_jobs` raises.
    """

    capacity = CAPACITY

    def __init__(
        self,
        endpoint: Endpoint,
        backend: Backend,
        *,
        live: ChatModel | None,
        settle_s: float = SETTLE_S,
        least: int = LEAST,
        limits: FileLimits = LIMITS,
        on_note: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoint, self._backend, self._live = endpoint, backend, live
        self._settle_s, self._least, self._limits = settle_s, least if live is not None else 0, limits
        self._on_note, self._sleep = on_note, sleep
        self._asked: dict[str, _Asked] = {}
        self._queue: dict[str, _Asked] = {}
        self._arrivals = 0
        self._jobs = {name: tuple(keys) for name, keys in backend.open_jobs().items()}
        self._job_of = {key: name for name, keys in self._jobs.items() for key in keys}
        self._unasked: dict[str, Outcome] = {}
        self._worded: set[bool] = set()  # with a schema, without: what was answered live
        self._following: dict[str, asyncio.Task[None]] = {}
        self._collecting: asyncio.Task[None] | None = None
        self._postponed: dict[str, None] = {}
        self._detached = False
        self._live_room = asyncio.Semaphore(getattr(live, "ceiling", LIVE_AT_ONCE))

    @property
    def identity(self) -> str:
        return self._endpoint.identity

    @property
    def context_tokens(self) -> int:
        return (self._live or self._endpoint).context_tokens

    @property
    def waiting(self) -> int:
        """Calls that wait for a batch, or for their turn to go live."""
        return sum(asked.waiters for asked in self._asked.values() if not asked.begun)

    @property
    def postponed(self) -> str | None:
        """What the user should know where answers come in a later session only, a line for each matter; else None."""
        return "\n".join(self._postponed) or None

    async def reply(self, request: Request) -> Reply:
        """Answer one request, in a batch or live. Raises ModelError, and Postponed where a later session answers."""
        if self._detached:
            raise Postponed(self.postponed or "")
        key = request.key(self.identity)
        asked = self._asked.get(key)
        if asked is None:
            asked = self._asked[key] = _Asked(request, asyncio.get_running_loop().create_future())
            self._place(key, asked)
        asked.waiters += 1
        try:
            return await asyncio.shield(asked.answer)
        finally:
            asked.waiters -= 1
            if not asked.waiters:
                self._leave(key, asked)

    def _place(self, key: str, asked: _Asked) -> None:
        """Find out who answers: a job that has the request already, or the next one."""
        if key in self._unasked:
            self._resolve(key, asked, self._unasked.pop(key))
        elif key in self._job_of:
            self._follow(self._job_of[key])
        else:
            self._enqueue(key, asked)

    def _leave(self, key: str, asked: _Asked) -> None:
        """Nobody waits for it any more. In a job it stays: it is being paid."""
        if self._asked.get(key) is asked:
            del self._asked[key]
            self._queue.pop(key, None)
        if asked.live is not None:
            asked.live.cancel()

    # Collecting.

    def _enqueue(self, key: str, asked: _Asked) -> None:
        self._queue[key] = asked
        self._arrivals += 1
        if self._collecting is None or self._collecting.done():
            self._collecting = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        """Wait until nothing more is asked, then send what there is; as long as there is something."""
        try:
            while self._queue:
                arrivals = self._arrivals
                await self._sleep(self._settle_s)
                if self._arrivals != arrivals and not self._full():
                    continue
                if len(self._queue) < self._least:
                    self._finish_live(list(self._queue))
                elif (unworded := self._unworded()) is not None:
                    await self._try(unworded)
                else:
                    self._flush()
        except Exception as error:
            for key in list(self._queue):
                self._queue.pop(key).fail(error)

    def _full(self) -> bool:
        if len(self._queue) >= self._limits.requests:
            return True
        contents = sum(len(each.content) for asked in self._queue.values() for each in asked.request.messages)
        return contents >= self._limits.bytes

    def _unworded(self) -> str | None:
        """A request of a kind (with a schema, without) of which it is not yet known how the server wants it worded.

        A batch that is worded in a way that the server refuses fails as a whole, hours later.
        """
        if self._live is None:
            return None
        known = {kind for kind in (True, False) if kind in self._worded or self._endpoint.accepts(kind)}
        return next((key for key, asked in self._queue.items() if asked.structured not in known), None)

    async def _try(self, key: str) -> None:
        """Have one request answered live."""
        (call,) = self._finish_live([key])
        await asyncio.wait({call})

    def _flush(self) -> None:
        waiting = list(self._queue.items())
        worded = ((key, line_of(key, self._endpoint.body_for(asked.request))) for key, asked in waiting)
        for lines in files_of(worded, self._limits):
            if len(lines) < self._least:
                self._finish_live(list(lines))
                continue
            name = self._backend.begin(lines)
            self._jobs[name] = tuple(lines)
            for key in lines:
                self._job_of[key] = name
                del self._queue[key]
            self._follow(name)

    # Live calls.

    def _finish_live(self, keys: list[str]) -> list[asyncio.Task[None]]:
        """Ask the live model; one call for each, which wait their turn there."""
        calls = []
        for key in keys:
            self._queue.pop(key, None)
            asked = self._asked[key]
            asked.live = asyncio.create_task(self._ask_live(asked))
            calls.append(asked.live)
        return calls

    async def _ask_live(self, asked: _Asked) -> None:
        if self._live is None:
            raise ValueError("there is no live model")
        try:
            async with self._live_room:
                asked.begun = True
                reply = await self._live.reply(asked.request)
        except asyncio.CancelledError:
            asked.fail(Postponed("The call was given up."))  # nobody waits for it, or all ends
            raise
        except Exception as error:
            asked.fail(error)
        else:
            self._worded.add(asked.structured)
            if not asked.answer.done():
                asked.answer.set_result(reply)

    # Jobs.

    def _follow(self, name: str) -> None:
        """Wait for a job, once, when one of its requests is asked for."""
        if name not in self._following and not self._detached:
            self._following[name] = asyncio.create_task(self._job(name))

    async def _job(self, name: str) -> None:
        try:
            outcomes = await self._backend.answers(name)
        except Exception as error:
            if isinstance(error, Postponed):
                self._postponed[str(error)] = None
            for key in self._jobs[name]:
                if self._job_of.get(key) == name and key in self._asked:
                    self._asked[key].fail(error)
            return
        finally:
            self._following.pop(name, None)
        for key in self._jobs.pop(name):
            if self._job_of.get(key) != name:
                continue  # a later job has it
            del self._job_of[key]
            asked, outcome = self._asked.get(key), outcomes.get(key)
            if asked is not None:
                self._resolve(key, asked, outcome)
            elif outcome is not None:
                self._unasked[key] = outcome

    def _resolve(self, key: str, asked: _Asked, outcome: Outcome | None) -> None:
        """Answer with what a batch brought; where that is no answer, ask live, or in another batch."""
        error: ModelError | None = None
        if outcome is not None and outcome.status == 200:
            try:
                reply = self._endpoint.reply_in(outcome.body, asked.request)
            except ModelError as unreadable:
                error = unreadable
            else:
                if not asked.answer.done():
                    asked.answer.set_result(reply)
                return
        elif outcome is not None:
            said = outcome.body if isinstance(outcome.body, str) else json.dumps(outcome.body, ensure_ascii=False)
            error = error_of(outcome.status, said)
        if self._live is not None:
            self._finish_live([key])
        elif error is None or (error.retryable and outcome is not None and outcome.tries < TRIES):
            self._enqueue(key, asked)
        else:
            asked.fail(ModelError(f"{self.identity}: {error}", kind=error.kind, status=error.status))

    # The end.

    def detach(self) -> None:
        """Wait for no batch any more: whoever waits gets Postponed, live calls go on. What was sent is not lost."""
        if self._detached:
            return
        self._detached = True
        if self._following:
            self._postponed["Batches that were sent go on by themselves; the same command waits for them again."] = None
        for task in self._tasks():
            task.cancel()
        for asked in self._asked.values():
            if not asked.begun:  # a live call that waits for its turn is not paid yet
                asked.fail(Postponed(self.postponed or ""))

    def _tasks(self) -> list[asyncio.Task[None]]:
        own = [self._collecting] if self._collecting is not None else []
        return [*own, *self._following.values()]

    async def close(self) -> None:
        """Let go of everything. Jobs that were sent go on, and a later session waits for them again."""
        self.detach()
        calls = [asked.live for asked in self._asked.values() if asked.live is not None]
        for call in calls:
            call.cancel()
        await asyncio.gather(*self._tasks(), *calls, return_exceptions=True)
        self._backend.settle()
        await (self._live or self._endpoint).close()
