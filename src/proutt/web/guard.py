"""Who may talk to the server: this page, opened by a printed link, at this very address.

Host         exact, so that no foreign name that resolves to this machine reaches it (DNS rebinding)
Origin       exact wherever data is asked for or sent, so that no other page can
X-Proutt-Key the secret of a printed link; a header that no form and no foreign page can send
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Middleware

from proutt.serving.addresses import page_headers

KEY_HEADER = "X-Proutt-Key"
HEADERS = page_headers()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(origins: Collection[str], keys: Collection[str], *, verb: str) -> Middleware:
    """A middleware that lets in what was asked of one of `origins` (http://name:port), data only with Origin and key.

    keys: of the links; any of them opens. verb: the command that prints the links, for the message.
    """
    origin_of = {each.partition("://")[2].lower(): each.lower() for each in origins}
    known = [each.encode() for each in keys]

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.getall("Host", [])
        if len(said) != 1 or said[0].lower() not in origin_of:
            return refused(403, "wrong Host")
        named, expected = request.headers.getall("Origin", []), origin_of[said[0].lower()]
        data = request.method not in ("GET", "HEAD")
        if (data and not named) or any(origin != expected for origin in named):
            return refused(403, "wrong Origin")
        given = request.headers.get(KEY_HEADER, "").encode("utf-8", "surrogateescape")
        opened = [hmac.compare_digest(given, each) for each in known]  # all of them: time tells nothing
        if data and not any(opened):
            return refused(403, f"this link is not, or no longer, valid: open the one that {verb} prints")
        return await handler(request)

    return checked


def refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """On every answer, errors too."""
    response.headers.update(HEADERS)
