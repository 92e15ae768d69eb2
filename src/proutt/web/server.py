"""The local server: four requests and the page's files, with aiohttp, which the core has for its calls."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StrictFloat, StrictInt, StrictStr, ValidationError

from proutt.errors import UserError
from proutt.serving.addresses import hosts_of, in_address, open_socket
from proutt.web.desk import Desk, Refused
from proutt.web.guard import add_headers, guard, refused
from proutt.web.results import agreement as agreement_of
from proutt.web.turns import Batch

#: A name, a number, a verdict: nothing that is asked is longer.
MOST_BYTES = 4096
#: path → (package, file, type). How text of dialogues is shown, control characters and all, is the explorer's rule.
_PAGE = {
    "/": ("proutt.web.page", "annotate.html", "text/html"),
    "/annotate.css": ("proutt.web.page", "annotate.css", "text/css"),
    "/text.js": ("proutt.reports.page", "text.js", "text/javascript"),
    "/annotate.js": ("proutt.web.page", "annotate.js", "text/javascript"),
}


Asked = TypeVar("Asked", bound=BaseModel)

#: Told what is answered so far.
Finished = Callable[[Sequence[Batch]], object]


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: StrictStr


class _Back(_Ask):
    item: StrictInt | None = None


class _Given(_Ask):
    item: StrictInt
    said: StrictStr | StrictFloat | StrictInt
    seconds: StrictFloat | StrictInt


def application(desk: Desk, hosts: frozenset[str], *, finished: Finished) -> web.Application:
    """The server's requests. finished: called, in a thread, when a batch or its disagreements are answered."""
    app = web.Application(middlewares=[guard(hosts, desk.store.key)], client_max_size=MOST_BYTES)
    app.on_response_prepare.append(add_headers)

    writing = asyncio.Lock()  # files are written one after the other; intervals take seconds, so in a thread

    async def next_item(request: web.Request) -> web.Response:
        return web.json_response(desk.next((await _read(request, _Ask)).name))

    async def back(request: web.Request) -> web.Response:
        asked = await _read(request, _Back)
        return web.json_response(desk.before(asked.name, asked.item))

    async def answer(request: web.Request) -> web.Response:
        given = await _read(request, _Given)
        if desk.answer(given.name, given.item, given.said, float(given.seconds)):
            async with writing:
                await asyncio.to_thread(finished, desk.snapshot())
        return web.json_response(desk.next(given.name))

    async def agreement(request: web.Request) -> web.Response:
        await _read(request, _Ask)
        found = await asyncio.to_thread(agreement_of, desk.plan, desk.snapshot(), gate=desk.gate)
        return web.json_response(found)

    for path, handler in (("next", next_item), ("back", back), ("answer", answer), ("agreement", agreement)):
        app.router.add_post(f"/api/{path}", _told(handler))
    for path, (package, name, kind) in _PAGE.items():
        app.router.add_get(path, _file(package, name, kind))
    return app


def _told(
    handler: Callable[[web.Request], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """What a request asks wrongly is answered, not logged."""

    async def told(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refused as error:
            return refused(409, str(error))
        except ValidationError:
            return refused(400, "not a request of this page")

    return told


def _file(package: str, name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    text = (files(package) / name).read_text(encoding="utf-8")

    async def sent(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return sent


async def _read(request: web.Request, kind: type[Asked]) -> Asked:
    return kind.model_validate_json(await request.read())


def serve(desk: Desk, *, host: str, port: int, ready: Callable[[str], None], finished: Finished) -> None:
    """Serve until SIGINT or SIGTERM. ready: called with the page's link once it is served. port: 0 for a free one.

    Raises UserError where the address can't be served.
    """
    asyncio.run(_serve(desk, host, port, ready, finished))


async def _serve(desk: Desk, host: str, port: int, ready: Callable[[str], None], finished: Finished) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    with suppress(NotImplementedError):  # on Windows, Ctrl-C ends the loop by itself
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
    listening = _listening(host, port)
    bound = listening.getsockname()[1]
    app = application(desk, hosts_of(host, bound), finished=finished)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        ready(f"http://{in_address(host)}:{bound}/#{desk.store.key}")
        await stop.wait()
    finally:
        await runner.cleanup()


def _listening(host: str, port: int) -> socket.socket:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        remedy = "Name the one address by which people reach this machine."
        raise UserError("means every address.", where=f"--host {host}", remedy=remedy)
    return open_socket(host, port)
