"""Who may talk to the server: this page, opened by the printed link, at this very address.

Host         exact, so that no foreign name that resolves to this machine reaches it (DNS rebinding)
Origin       exact wherever data is asked for or sent, so that no other page can
X-Proutt-Key the secret of the printed link; a header that no form and no foreign page can send
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


def guard(hosts: Collection[str], key: str) -> Middleware:
    """A middleware that lets in what was asked of one of `hosts` (name:port), data only with Origin and key."""

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.getall("Host", [])
        if len(said) != 1 or said[0].lower() not in hosts:
            return refused(403, "wrong Host")
        origins, expected = request.headers.getall("Origin", []), f"http://{said[0].lower()}"
        data = request.method not in ("GET", "HEAD")
        if (data and not origins) or any(origin != expected for origin in origins):
            return refused(403, "wrong Origin")
        given = request.headers.get(KEY_HEADER, "")
        if data and not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), key.encode()):
            return refused(403, "this link is not, or no longer, valid: open the one that proutt annotate prints")
        return await handler(request)

    return checked


def refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """On every answer, errors too."""
    response.headers.update(HEADERS)
