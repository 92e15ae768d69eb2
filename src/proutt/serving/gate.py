"""Who may ask, how much and how often: everything that is decided before a request reaches its handler.

Host     exact on loopback, so that no foreign name that resolves to this machine reaches it (DNS rebinding)
Origin   our own or an allowed one, wherever a browser names it, so that no other page can ask
key      of every path that asks a model or tells something, where the service has keys
rate     of each key, or of each address
body     read whole here, within its size and time

An ASGI application around the service's own. It also numbers requests, counts them, logs them and answers what nobody
caught, so that no text of a dialogue gets into a log by way of an exception.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import re
import secrets
import time
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proutt.serving.addresses import page_headers
from proutt.serving.chats import Refused
from proutt.serving.log import Log
from proutt.serving.metrics import Metrics
from proutt.serving.rate import Rate
from proutt.serving.settings import Limits

HEADERS = page_headers("img-src 'self'")
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: Paths below these ask a model, or tell what others did.
_GUARDED = ("/v1/", "/metrics")


@dataclass
class Facts:
    """What handlers add to a request's line in the log: reasons and counts, never texts."""

    request_id: str
    client: str
    said: dict[str, Any] = field(default_factory=dict)


class Gate:
    """The service, guarded.

    hosts    Host headers that are meant for us; None: any (off loopback, where a key is asked for)
    origins  allowed ones besides our own
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str] | None,
        origins: Collection[str],
        keys: Collection[str],
        limits: Limits,
        metrics: Metrics,
        log: Log,
    ) -> None:
        self._app, self._hosts, self._origins, self._limits = app, hosts, frozenset(origins), limits
        self._keys = [key.encode() for key in keys]
        self._rate = Rate(limits.per_minute)
        self._metrics, self._log = metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        given = headers.get("x-request-id", [""])[0]
        facts = Facts(given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8), "")
        scope.setdefault("state", {})["facts"] = facts
        answer = _Answering(send, facts.request_id)
        began = time.perf_counter()
        try:
            facts.client = self._admitted(scope, headers)
            body = await self._body(headers, receive)
            await self._app(scope, _again(body, receive), answer)
        except Refused as error:
            facts.said["code"] = error.code
            await answer.refuse(error)
        except Exception as error:  # the last place where it can be kept out of the server's own log
            self._log("failed", request_id=facts.request_id, error=type(error).__name__, where=_where(error))
            await answer.refuse(Refused(500, "internal", "The service has failed; its log says where."))
        finally:
            self._note(scope, facts, answer, time.perf_counter() - began)

    def _admitted(self, scope: Scope, headers: Mapping[str, list[str]]) -> str:
        """The client's name for its limits: its key's number, or its address. Raises Refused."""
        host = [each.lower() for each in headers.get("host", [])]
        if self._hosts is not None and (len(host) != 1 or host[0] not in self._hosts):
            raise Refused(403, "host", "The Host header is not this service's address.")
        own = {f"{scope['scheme']}://{each}" for each in host[:1]}
        for origin in headers.get("origin", []):
            if origin not in own and origin not in self._origins:
                raise Refused(403, "origin", "This page may not ask here; --allow-origin lets it.")
        address = (scope.get("client") or ("unknown", 0))[0]
        if scope["method"] == "OPTIONS" or not scope["path"].startswith(_GUARDED):
            return f"address {address}"
        client = self._client(headers, address) if self._keys else f"address {address}"
        if scope["path"].startswith("/v1/") and (wait_s := self._rate.wait_s(client)):
            raise Refused(429, "rate", "Too many requests; ask again later.", retry_after_s=wait_s)
        return client

    def _client(self, headers: Mapping[str, list[str]], address: str) -> str:
        said = headers.get("authorization", [""])[0]
        scheme, _, key = said.partition(" ")
        given = key.strip().encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""
        known = [hmac.compare_digest(given, each) for each in self._keys]  # all of them: time tells nothing
        if not any(known):
            if wait_s := self._rate.wait_s(f"address {address}"):  # who guesses keys does not guess many
                raise Refused(429, "rate", "Too many requests; ask again later.", retry_after_s=wait_s)
            raise Refused(401, "key", "Show a key of this service: Authorization: Bearer KEY.")
        return f"key {known.index(True)}"

    async def _body(self, headers: Mapping[str, list[str]], receive: Receive) -> bytes:
        """The whole body, within its size and its time. Raises Refused."""
        most = self._limits.body_bytes
        told = headers.get("content-length", ["0"])[0]
        if told.isdecimal() and (len(told) > 18 or int(told) > most):
            raise _too_large(most)
        read = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(499, "gone", "The client has left.")
                    read += message.get("body", b"")
                    if len(read) > most:
                        raise _too_large(most)
                    if not message.get("more_body", False):
                        return bytes(read)
        except TimeoutError:
            raise Refused(408, "slow", f"The body did not come within {self._limits.body_s:g} s.") from None

    def _note(self, scope: Scope, facts: Facts, answer: _Answering, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "other"
        status = str(answer.status or 499)
        self._metrics.requests.labels(route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        client = facts.client if facts.client.startswith("key") else None
        ms = round(seconds * 1000, 1)
        self._log(
            "request",
            request_id=facts.request_id,
            method=scope["method"] if scope["method"] in _METHODS else "other",
            route=route,
            status=answer.status or 499,
            ms=ms,
            client=client,
            **facts.said,
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class _Answering:
    """Where an answer goes out: with our headers, and known to have begun."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._id = send, request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [*_RAW_HEADERS, (b"x-request-id", self._id.encode())]
            names = {name for name, _ in own}
            others = [(name, value) for name, value in message.get("headers", []) if name.lower() not in names]
            message = {**message, "headers": [*others, *own]}
        await self._send(message)

    async def refuse(self, error: Refused) -> None:
        """Answer with an error, where nothing has been answered yet."""
        if self.status is not None:
            return
        body = json.dumps(failure(error, self._id)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in refusal_headers(error).items()]
        if error.status in {408, 413}:  # the rest of the body is not read
            headers.append((b"connection", b"close"))
        await self({"type": "http.response.start", "status": error.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


def failure(error: Refused, request_id: str) -> dict[str, Any]:
    """An error's body: `shapes.Failure`."""
    return {"error": {"code": error.code, "message": error.message, "request_id": request_id}}


def refusal_headers(error: Refused) -> dict[str, str]:
    """What goes with an error besides its body."""
    if error.retry_after_s is not None:
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    return {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}


def _too_large(most: int) -> Refused:
    return Refused(413, "too-large", f"The body is larger than {most} bytes.")


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _again(body: bytes, receive: Receive) -> Receive:
    """What brings a body that was read already; then, whatever the client does next, which is to leave."""
    brought = False

    async def again() -> Message:
        nonlocal brought
        if brought:
            return await receive()
        brought = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _where(error: BaseException) -> str:
    """File and line of the innermost frame of ours; no message, for that may quote a dialogue."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "proutt" in each.filename] or list(frames)
    return f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else "unknown"
