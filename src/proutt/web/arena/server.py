"""The arena's server: four requests and the page's files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from aiohttp import web
from pydantic import StrictInt, StrictStr

from proutt.web.arena.desk import Desk
from proutt.web.guard import KEY_HEADER
from proutt.web.page_server import Ask, origins_of, page_application, read, until_stopped

#: A message of most characters, each written as an escape.
MOST_BYTES = 16_384
_PAGE = {
    "/": ("proutt.web.arena.page", "arena.html", "text/html"),
    "/arena.css": ("proutt.web.arena.page", "arena.css", "text/css"),
    "/words.js": ("proutt.web.arena.page", "words.js", "text/javascript"),
    "/arena.js": ("proutt.web.arena.page", "arena.js", "text/javascript"),
}


class _Place(Ask):
    bot: Literal[1, 2]


class _Said(_Place):
    at: StrictInt
    text: StrictStr


class _Verdict(Ask):
    preferred: dict[StrictStr, StrictStr]
    words: StrictStr


def application(desk: Desk, origins: Collection[str]) -> web.Application:
    """The server's requests; whoever asks is known by the key of their link."""

    async def visit(request: web.Request) -> web.Response:
        await read(request, Ask)
        return web.json_response(desk.visit(_key(request)))

    async def say(request: web.Request) -> web.Response:
        given = await read(request, _Said)
        return web.json_response(desk.say(_key(request), given.bot, given.at, given.text))

    async def reply(request: web.Request) -> web.Response:
        place = await read(request, _Place)
        return web.json_response(await desk.reply(_key(request), place.bot))

    async def judge(request: web.Request) -> web.Response:
        given = await read(request, _Verdict)
        return web.json_response(desk.judge(_key(request), given.preferred, given.words))

    asks = {"visit": visit, "say": say, "reply": reply, "judge": judge}
    return page_application(asks, _PAGE, origins=origins, keys=desk.keys, verb="proutt arena", most_bytes=MOST_BYTES)


async def serve(desk: Desk, *, host: str, port: int, address: str | None, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    address  by which people reach the page (https://name), where a proxy stands before it; None: host and port
    ready    called with that address once it is served. port: 0 for a free one

    Raises UserError where the address can't be served.
    """

    def at(bound: int) -> web.Application:
        return application(desk, origins_of(host, bound) | ({address} if address else frozenset()))

    await until_stopped(at, host=host, port=port, ready=lambda own: ready(address or own))


def _key(request: web.Request) -> str:
    return request.headers[KEY_HEADER]
