"""The annotation page's server: four requests and the page's files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from aiohttp import web
from pydantic import StrictFloat, StrictInt, StrictStr

from proutt.web.desk import Desk
from proutt.web.page_server import Ask, origins_of, page_application, read, until_stopped
from proutt.web.results import agreement as agreement_of
from proutt.web.turns import Batch

#: A name, a number, a verdict: nothing that is asked is longer.
MOST_BYTES = 4096
_PAGE = {
    "/": ("proutt.web.page", "annotate.html", "text/html"),
    "/annotate.css": ("proutt.web.page", "annotate.css", "text/css"),
    "/annotate.js": ("proutt.web.page", "annotate.js", "text/javascript"),
}

#: Told what is answered so far.
Finished = Callable[[Sequence[Batch]], object]


class _Ask(Ask):
    name: StrictStr


class _Back(_Ask):
    item: StrictInt | None = None


class _Given(_Ask):
    item: StrictInt
    said: StrictStr | StrictFloat | StrictInt
    seconds: StrictFloat | StrictInt


def application(desk: Desk, origins: Collection[str], *, finished: Finished) -> web.Application:
    """The server's requests. finished: called, in a thread, when a batch or its disagreements are answered."""
    writing = asyncio.Lock()  # files are written one after the other; intervals take seconds, so in a thread

    async def next_item(request: web.Request) -> web.Response:
        return web.json_response(desk.next((await read(request, _Ask)).name))

    async def back(request: web.Request) -> web.Response:
        asked = await read(request, _Back)
        return web.json_response(desk.before(asked.name, asked.item))

    async def answer(request: web.Request) -> web.Response:
        given = await read(request, _Given)
        if desk.answer(given.name, given.item, given.said, float(given.seconds)):
            async with writing:
                await asyncio.to_thread(finished, desk.snapshot())
        return web.json_response(desk.next(given.name))

    async def agreement(request: web.Request) -> web.Response:
        await read(request, _Ask)
        found = await asyncio.to_thread(agreement_of, desk.plan, desk.snapshot(), gate=desk.gate)
        return web.json_response(found)

    asks = {"next": next_item, "back": back, "answer": answer, "agreement": agreement}
    return page_application(
        asks, _PAGE, origins=origins, keys=(desk.store.key,), verb="proutt annotate", most_bytes=MOST_BYTES
    )


def serve(desk: Desk, *, host: str, port: int, ready: Callable[[str], None], finished: Finished) -> None:
    """Serve until SIGINT or SIGTERM. ready: called with the page's link once it is served. port: 0 for a free one.

    Raises UserError where the address can't be served.
    """

    def at(bound: int) -> web.Application:
        return application(desk, origins_of(host, bound), finished=finished)

    def served(address: str) -> None:
        ready(f"{address}/#{desk.store.key}")

    asyncio.run(until_stopped(at, host=host, port=port, ready=served))
