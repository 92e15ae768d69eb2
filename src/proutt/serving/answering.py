"""How an answer leaves: whole or as server-sent events, and never to somebody who has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from fastapi.sse import format_sse_event
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from proutt.errors import ModelError, UserError
from proutt.serving.chats import Refused

AnyT = TypeVar("AnyT")

#: Sends one event: its name and its data.
Emit = Callable[[str, Any], None]


def whole(answer: BaseModel | dict[str, Any] | list[Any], status: int = 200) -> Response:
    """An answer as one JSON body."""
    return Response(to_json(answer), status_code=status, media_type="application/json")


async def while_there(request: Request, work: Coroutine[Any, Any, AnyT]) -> AnyT:
    """What the work gives. It is cancelled when the client leaves; then raises Refused."""
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Refused(499, "gone", "The client has left.")
        return task.result()
    finally:
        await _ended(task, leaving)


async def events(request: Request, work: Callable[[Emit], Awaitable[None]]) -> Response:
    """The events that the work emits, as they come; it is cancelled when the client leaves.

    What it raises before its first event is raised here, so that it gets a status of its own; later it is an event
    `error`.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def worked() -> None:
        try:
            await work(lambda name, data: queue.put_nowait(_event(name, data)))
        finally:
            queue.put_nowait(None)

    task = asyncio.ensure_future(worked())
    leaving = asyncio.ensure_future(_left(request))
    leaving.add_done_callback(lambda _: task.cancel())
    try:
        first = await queue.get()
        if first is None:
            await asyncio.wait({task})
            if task.cancelled():
                raise Refused(499, "gone", "The client has left.")
            task.result()
    except BaseException:
        await _ended(task, leaving)
        raise
    return StreamingResponse(_streamed(first, queue, task, leaving), media_type="text/event-stream")


async def _streamed(
    first: bytes | None, queue: asyncio.Queue[bytes | None], task: asyncio.Future[None], leaving: asyncio.Future[None]
) -> AsyncGenerator[bytes, None]:
    event = first
    try:
        while event is not None:
            yield event
            event = await queue.get()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            refused = refused_of(error)
            yield _event("error", {"code": refused.code, "message": refused.message})
    finally:
        await _ended(task, leaving)


def _event(name: str, data: Any) -> bytes:
    """One event; data None is the end that chat completions know."""
    if data is None:
        return format_sse_event(data_str="[DONE]")
    return format_sse_event(event=name or None, data_str=to_json(data).decode())


async def _left(request: Request) -> None:
    """Returns when the client has left; its body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def refused_of(error: BaseException) -> Refused:
    """What a client is told of a failure: neither addresses nor what the model's server said."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, ModelError) and (error.kind == "rate-limit" or error.status in {429, 503}):
        wait_s = 1.0 if error.retry_after_s is None else error.retry_after_s
        return Refused(503, "upstream-busy", "The model's server turns calls away for now.", retry_after_s=wait_s)
    if isinstance(error, ModelError) and error.kind in {"no-access", "forbidden", "not-found"}:
        return Refused(502, "upstream-refused", f"The model's server refuses the service ({error.kind}).")
    if isinstance(error, ModelError):
        return Refused(502, "upstream-gone", f"The model's server does not answer ({error.kind}).")
    if isinstance(error, UserError):
        return Refused(502, "model", "The model can't be used; the service's log says why.")
    raise error
