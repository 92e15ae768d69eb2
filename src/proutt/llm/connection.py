"""The way to one server over HTTP: a call goes out, bytes come back, and what fails in between is a `ModelError`.

Knows nothing of chat completions. The key is in the request's header and nowhere else: `redacted` takes its value out
of what a server echoes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

import aiohttp

from proutt.errors import ModelError

_MAX_ERROR_BYTES = 64 * 2**10
_SECRET_LENGTH = 16  # a shorter "key" ("none", "EMPTY") is a word that an answer may well hold


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    path       what follows the base URL, without a slash at its start
    data       the body, of that content type; None: none is sent
    timeout_s  None: the connection's own
    """

    method: str
    path: str
    data: bytes | None = None
    content_type: str = "application/json"
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back of one call: status, body, and those headers that say what to do next."""

    status: int
    body: bytes
    headers: dict[str, str]


class Connection:
    """Connections to the server at a base URL.

    api_key      the key itself, or None for servers that want none
    concurrency  size of the pool: calls in flight beyond it wait, and their waiting counts as time
    timeout_s    for one call, from asking for a connection to the last byte

    reached      set by who could use an answer: a server that is not there any more is worth another try, one that
                 never was is not

    Belongs to the event loop of its first call.
    """

    def __init__(self, base_url: str, *, api_key: str | None, concurrency: int, timeout_s: float) -> None:
        self.base_url, self.reached = base_url, False
        self._api_key, self._concurrency, self._timeout_s = api_key, concurrency, timeout_s
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def has_key(self) -> bool:
        return self._api_key is not None

    @property
    def secret(self) -> str | None:
        """What no answer may show: the key, where there is one that is no mere word."""
        return self._api_key if self._api_key and len(self._api_key) >= _SECRET_LENGTH else None

    def redacted(self, text: str) -> str:
        """A text of the server's for people to read, without the key, however short."""
        return text.replace(self._api_key, "[key]") if self._api_key else text

    async def sent(self, call: Call, *, most_bytes: int) -> Answered:
        """What one call brings, its body cut a little above most_bytes. Raises ModelError where nothing came."""
        async with self.opened(call) as response:
            return await answered(response, most_bytes)

    @asynccontextmanager
    async def opened(self, call: Call) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """The answer to one call, its body still to be read. Foreign errors become ModelError, the reading's too."""
        seconds = call.timeout_s or self._timeout_s
        authorization = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}
        try:
            async with self._http().request(
                call.method,
                f"{self.base_url}/{call.path}",
                data=call.data,
                headers=({} if call.data is None else {"Content-Type": call.content_type}) | authorization,
                allow_redirects=False,
                timeout=_timeout(seconds),
            ) as response:
                yield response
        except TimeoutError:
            message = f"{self.base_url} did not answer within {seconds:g} s"
            raise ModelError(message, kind="timeout", retryable=True) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from None

    async def close(self) -> None:
        """Close the connections. Calls in flight end with an error."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._closed:
            raise ValueError("this endpoint is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._concurrency),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_timeout(self._timeout_s),
                trust_env=False,
            )
        return self._session

    def _unreachable(self, error: aiohttp.ClientError | OSError) -> ModelError:
        """Says the kind of error and its OS text only: some errors of the library print request headers."""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            message = f"{self.base_url} shows a certificate that is not trusted. Mend the certificate or the base URL."
            return ModelError(message, kind="certificate", fatal=True)
        if isinstance(error, aiohttp.ClientConnectorError):
            refused = isinstance(error.os_error, ConnectionRefusedError)
            reason = "connection refused" if refused else error.os_error.strerror or type(error.os_error).__name__
            message = f"can't reach {self.base_url} ({reason}). Is the server running, and is --base-url right?"
            return ModelError(message, kind="connect", retryable=self.reached, fatal=not self.reached)
        if isinstance(error, aiohttp.ClientPayloadError):
            message = f"{self.base_url} broke off in the middle of an answer"
            return ModelError(message, kind="truncated", retryable=True)
        if isinstance(error, aiohttp.InvalidURL):
            return ModelError(f"{self.base_url} is not a URL. Mend --base-url.", kind="connect", fatal=True)
        message = f"{self.base_url} dropped the connection ({type(error).__name__})"
        return ModelError(message, kind="reset", retryable=True)


async def answered(response: aiohttp.ClientResponse, most_bytes: int) -> Answered:
    """What an open call brings, its body cut a little above most_bytes; of a refusal its words are enough."""
    limit = most_bytes if 200 <= response.status < 300 else _MAX_ERROR_BYTES
    named = ("Retry-After", "Date", "Location")
    headers = {name: response.headers[name] for name in named if name in response.headers}
    return Answered(response.status, await read_at_most(response, limit), headers)


async def read_at_most(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body; where it is longer than `limit`, a little more than that, so that the caller sees it."""
    told = response.content_length
    if told is not None and told <= limit and "Content-Encoding" not in response.headers:
        return await response.read()
    read = bytearray()
    async for chunk in response.content.iter_chunked(2**16):
        read += chunk
        if len(read) > limit:
            response.close()
            break
    return bytes(read)


@lru_cache(maxsize=8)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(30.0, seconds))
