"""A page and what it asks, on one address until a signal ends it; with aiohttp, which the core has for its calls.

What is asked and answered is the business of the page's own server.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from importlib.resources import files
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from proutt.errors import UserError
from proutt.serving.addresses import hosts_of, in_address, open_socket
from proutt.web.guard import add_headers, guard, refused
from proutt.web.refused import Refused

#: (package, file, type) of what a page loads.
PageFile = tuple[str, str, str]
#: Of every page: how text is shown, control characters and all, is the explorer's rule.
_EVERY_PAGE: Mapping[str, PageFile] = {
    "/base.css": ("proutt.web.page", "base.css", "text/css"),
    "/text.js": ("proutt.reports.page", "text.js", "text/javascript"),
    "/asking.js": ("proutt.web.page", "asking.js", "text/javascript"),
}

#: How long what is being answered may take when the server is stopped.
_LAST_WORDS_S = 5.0

Handler = Callable[[web.Request], Awaitable[web.Response]]
Asked = TypeVar("Asked", bound=BaseModel)


class Ask(BaseModel):
    """What a page asks: exactly the fields that are known."""

    model_config = ConfigDict(extra="forbid")


def page_application(
    asks: Mapping[str, Handler],
    page: Mapping[str, PageFile],
    *,
    origins: Collection[str],
    keys: Collection[str],
    verb: str,
    most_bytes: int,
) -> web.Application:
    """The requests of a page: `asks` below /api/, by POST; the files of `page` by their paths. See `guard`.

    most_bytes: of what is asked.
    """
    app = web.Application(middlewares=[guard(origins, keys, verb=verb)], client_max_size=most_bytes)
    app.on_response_prepare.append(add_headers)
    for name, handler in asks.items():
        app.router.add_post(f"/api/{name}", _told(handler))
    for path, (package, file, kind) in {**_EVERY_PAGE, **page}.items():
        app.router.add_get(path, _file(package, file, kind))
    return app


async def read(request: web.Request, kind: type[Asked]) -> Asked:
    """What is asked, in its form; anything else is answered with 400."""
    return kind.model_validate_json(await request.read())


def _told(handler: Handler) -> Handler:
    """What a request asks wrongly is answered, not logged."""

    async def told(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refused as error:
            return refused(error.status, str(error))
        except ValidationError:
            return refused(400, "not a request of this page")

    return told


def _file(package: str, name: str, kind: str) -> Handler:
    text = (files(package) / name).read_text(encoding="utf-8")

    async def sent(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, charset="utf-8")

    return sent


def origins_of(host: str, port: int) -> frozenset[str]:
    """The origins of a page that is served here, without a proxy before it."""
    return frozenset(f"http://{name}" for name in hosts_of(host, port))


async def until_stopped(
    application: Callable[[int], web.Application], *, host: str, port: int, ready: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM.

    application  of the port that is served; port: 0 for a free one
    ready        called with the address (http://name:port) once it is served

    Raises UserError where the address can't be served.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    with suppress(NotImplementedError):  # on Windows, Ctrl-C ends the loop by itself
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
    listening = _listening(host, port)
    bound = listening.getsockname()[1]
    runner = web.AppRunner(application(bound), access_log=None, handle_signals=False, shutdown_timeout=_LAST_WORDS_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        ready(f"http://{in_address(host)}:{bound}")
        await stop.wait()
    finally:
        await runner.cleanup()


def _listening(host: str, port: int) -> socket.socket:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        remedy = "Name the one address by which people reach this machine."
        raise UserError("means every address.", where=f"--host {host}", remedy=remedy)
    return open_socket(host, port)
