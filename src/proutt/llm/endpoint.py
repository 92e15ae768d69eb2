"""Any OpenAI-compatible server as a `ChatModel`.

One call is one POST (more only while it is found out what the server accepts, once); trying again after a failure is
`retry.py`'s business alone. Errors of the HTTP library become ours here. The key is in the request's header and nowhere
else: its value is taken out of whatever a server echoes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import lru_cache
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError, to_json

from proutt.errors import ModelError
from proutt.llm.chat import Reply, Request
from proutt.llm.stream import EventData, Piece, Redaction, Token, parsed_data, piece_of, streaming_body
from proutt.llm.wire import Dialect, body_of, error_of, reply_of, retry_after, usage_of, weaker

MAX_ANSWER_BYTES = 8 * 2**20
#: Of an answer that comes piece by piece: each token brings its probability along.
MAX_STREAM_BYTES = 32 * 2**20
_MAX_ERROR_BYTES = 64 * 2**10
_MOST_REWORDINGS = 12
_SECRET_LENGTH = 16  # a shorter "key" ("none", "EMPTY") is a word that an answer may well hold


class Endpoint:
    """A model behind a base URL.

    api_key      the key itself, or None for servers that want none; api_key_env, its variable's name, is for messages
    concurrency  size of the connection pool: calls in flight beyond it wait, and their waiting counts as time
    context_tokens, thinking_tokens  of one call: most in all, and those kept free for a reasoning model's thinking
    timeout_s    for one call, from asking for a connection to the last byte
    extensions   the server takes llama.cpp's own sampling parameters
    now          seconds since 1970, to read a Retry-After date
    known_as     stands for the base URL in the identity, where the server's address changes and its answers do not

    Belongs to the event loop of its first call.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        api_key_env: str = "PROUTT_API_KEY",
        context_tokens: int = 32768,
        thinking_tokens: int = 0,
        concurrency: int = 64,
        timeout_s: float = 300.0,
        extensions: bool = False,
        now: Callable[[], float] = time.time,
        known_as: str | None = None,
    ) -> None:
        self.base_url, self.model = base_url.rstrip("/"), model
        self._known_as = known_as or self.base_url
        self.context_tokens, self._thinking_tokens = context_tokens - thinking_tokens, thinking_tokens
        self._api_key, self._api_key_env = api_key or None, api_key_env
        self._concurrency, self._timeout_s, self._extensions, self._now = concurrency, timeout_s, extensions, now
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._dialect = Dialect()
        self._discovery = asyncio.Lock()
        self._tried: set[bool] = set()  # with a schema, without: which kinds of call have been tried
        self._answered: set[bool] = set()
        self._reached = False

    def __repr__(self) -> str:
        return f"Endpoint({self.identity!r})"

    @property
    def identity(self) -> str:
        return f"{self.model} @ {self._known_as}"

    @property
    def structured_output(self) -> str | None:
        """How answers are held to a schema: "json_schema", "json_object" or "text"; None until a call found it out."""
        return self._dialect.structured if True in self._answered else None

    def accepts(self, structured: bool) -> bool:
        """Whether a call with a schema (or one without) was answered: how it has to be worded is then known."""
        return structured in self._answered

    def body_for(self, request: Request) -> dict[str, Any]:
        """The JSON body of a request, worded as the server is so far known to accept it."""
        return body_of(
            request, self.model, self._dialect, extensions=self._extensions, thinking_tokens=self._thinking_tokens
        )

    async def reply(self, request: Request) -> Reply:
        """Answer one request with one call. Raises ModelError."""
        kind = request.schema is not None
        if kind not in self._tried:
            # The first call of its kind finds out what the server accepts while the others wait for it, not race it.
            async with self._discovery:
                if kind not in self._tried:
                    try:
                        return await self._converse(request)
                    finally:
                        self._tried.add(kind)
        return await self._converse(request)

    async def _converse(self, request: Request) -> Reply:
        """Send the request, each time worded as weakly as the server's last refusal asks for."""
        for _ in range(_MOST_REWORDINGS):
            dialect = self._dialect
            body = self.body_for(request)
            started = time.perf_counter()
            status, answer, headers = await self._post(body)
            if status == 200:
                reply = self._read(answer, request, time.perf_counter() - started)
                self._answered.add(request.schema is not None)
                return reply
            await self._reword(dialect, body, status, answer, headers)
        raise self._speechless()

    async def stream(self, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
        """The answer to one request as it comes; closing the generator closes the connection. Raises ModelError."""
        for _ in range(_MOST_REWORDINGS):
            dialect = self._dialect
            body = streaming_body(
                self.body_for(request), dialect.dropped, logprobs=logprobs, extensions=self._extensions
            )
            try:
                async with self._http().post(
                    f"{self.base_url}/chat/completions",
                    data=_encoded(body),
                    headers={"Content-Type": "application/json"} | self._authorization(),
                    allow_redirects=False,
                ) as response:
                    if response.status == 200:
                        async with aclosing(self._pieces(response, request)) as pieces:
                            async for piece in pieces:
                                yield piece
                        self._answered.add(request.schema is not None)
                        return
                    status, headers = response.status, _useful_headers(response)
                    answer = await _read_at_most(response, _MAX_ERROR_BYTES)
            except TimeoutError:
                raise self._late(self._timeout_s) from None
            except (aiohttp.ClientError, OSError) as error:
                raise self._unreachable(error) from None
            await self._reword(dialect, body, status, answer, headers)
        raise self._speechless()

    async def _pieces(self, response: aiohttp.ClientResponse, request: Request) -> AsyncGenerator[Piece, None]:
        """The pieces of an answer of status 200; a server that does not stream sends it as one."""
        if response.content_type != "text/event-stream":
            whole = await _read_at_most(response, MAX_ANSWER_BYTES)
            reply = self._read(whole, request, 0.0)
            yield Piece(reply.text, piece_of(json.loads(whole)).tokens, reply.finish, reply.usage)
            return
        secret = self._api_key if self._api_key and len(self._api_key) >= _SECRET_LENGTH else None
        lines, shown = EventData(), Redaction(secret)
        text, received = "", 0
        counted: dict[str, Any] = {}
        finish: str | None = None
        async for chunk in response.content.iter_any():
            received += len(chunk)
            if received > MAX_STREAM_BYTES:
                message = f"{self.base_url} sent more than {MAX_STREAM_BYTES // 2**20} MiB for one answer"
                raise ModelError(message, kind="too-large")
            said, tokens = "", list[Token]()
            for parsed in map(parsed_data, lines.feed(chunk)):
                if parsed is None:
                    continue
                self._refuse_error(parsed)
                piece = piece_of(parsed)
                counted = parsed if parsed.get("usage") else counted
                finish = piece.finish or finish
                said += shown.feed(piece.text)
                tokens += piece.tokens
            text += said
            if said or tokens:
                yield Piece(said, tuple(tokens))
        if finish is None:
            raise ModelError(f"{self.base_url} broke off in the middle of an answer", kind="truncated", retryable=True)
        rest = shown.rest()
        yield Piece(rest, finish=finish, usage=usage_of(counted, request, text + rest))

    async def _reword(
        self, dialect: Dialect, body: Mapping[str, Any], status: int, answer: bytes, headers: dict[str, str]
    ) -> None:
        """Take up the wording that a refusal asks for. Raises ModelError where none can help."""
        text = self._redacted(answer.decode("utf-8", "replace"))
        rewording = weaker(dialect, body, status, text)
        if rewording is None:
            wait_s = retry_after(headers.get("Retry-After"), now=self._now(), date=headers.get("Date"))
            raise await self._explained(error_of(status, text, retry_after_s=wait_s), headers)
        if self._dialect == dialect:
            self._dialect = rewording

    def _speechless(self) -> ModelError:
        return ModelError(f"{self.base_url} refuses every wording of a request", kind="http-400", status=400)

    def _late(self, seconds: float) -> ModelError:
        return ModelError(f"{self.base_url} did not answer within {seconds:g} s", kind="timeout", retryable=True)

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        content_type: str = "application/json",
        timeout_s: float | None = None,
        most_bytes: int = MAX_ANSWER_BYTES,
    ) -> bytes:
        """The body that another part of the server's API answers one call with, a key in it replaced.

        path  what follows the base URL, without a slash at its start

        Raises ModelError, without a remedy, where the status is not 200 to 299 or the body is longer than most_bytes.
        """
        status, answer, headers = await self._sent(
            method, path, data, content_type=content_type, timeout_s=timeout_s, most_bytes=most_bytes
        )
        if not 200 <= status < 300:
            wait_s = retry_after(headers.get("Retry-After"), now=self._now(), date=headers.get("Date"))
            raise error_of(status, self._redacted(answer.decode("utf-8", "replace")), retry_after_s=wait_s)
        self._reached = True
        if len(answer) > most_bytes:
            raise ModelError(f"{self.base_url} sent more than {most_bytes // 2**20} MiB", kind="too-large")
        if self._api_key and len(self._api_key) >= _SECRET_LENGTH:
            answer = answer.replace(self._api_key.encode(), b"[key]")
        return answer

    async def _post(self, body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of one chat completion. Foreign errors become ModelError."""
        return await self._sent("POST", "chat/completions", _encoded(body))

    async def _sent(
        self,
        method: str,
        path: str,
        data: bytes | None,
        *,
        content_type: str = "application/json",
        timeout_s: float | None = None,
        most_bytes: int = MAX_ANSWER_BYTES,
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body (cut a little above most_bytes) and headers of one call. Foreign errors become ModelError."""
        seconds = timeout_s or self._timeout_s
        try:
            async with self._http().request(
                method,
                f"{self.base_url}/{path}",
                data=data,
                headers=({} if data is None else {"Content-Type": content_type}) | self._authorization(),
                allow_redirects=False,
                timeout=_timeout(seconds),
            ) as response:
                limit = most_bytes if 200 <= response.status < 300 else _MAX_ERROR_BYTES
                answer = await _read_at_most(response, limit)
                return response.status, answer, _useful_headers(response)
        except TimeoutError:
            raise self._late(seconds) from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from None

    def _read(self, answer: bytes, request: Request, seconds: float) -> Reply:
        if len(answer) > MAX_ANSWER_BYTES:
            message = f"{self.base_url} sent more than {MAX_ANSWER_BYTES // 2**20} MiB for one answer"
            raise ModelError(message, kind="too-large")
        try:
            parsed = json.loads(answer)
        except (ValueError, RecursionError):
            message = f"{self.base_url} answered with a body that is not JSON"
            raise ModelError(message, kind="bad-body", retryable=True) from None
        return self.reply_in(parsed, request, seconds)

    def reply_in(self, parsed: Any, request: Request, seconds: float = 0.0) -> Reply:
        """The reply in a body of status 200 that came with this call or otherwise. Raises ModelError."""
        self._refuse_error(parsed)
        reply = reply_of(parsed, request, seconds)
        if self._api_key and len(self._api_key) >= _SECRET_LENGTH and self._api_key in reply.text:
            reply = Reply(self._redacted(reply.text), reply.finish, reply.usage, reply.seconds)
        return reply

    def _refuse_error(self, parsed: Any) -> None:
        """Raise the ModelError that a body of status 200 tells of."""
        if isinstance(parsed, dict) and parsed.get("error") and not parsed.get("choices"):
            error = parsed["error"]
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            raise error_of(status, self._redacted(json.dumps(parsed, ensure_ascii=False)))

    async def models(self) -> dict[str, dict[str, Any]]:
        """The models that the server says it offers, by id, as it describes them; empty where it does not say."""
        try:
            async with self._http().get(
                f"{self.base_url}/models", headers=self._authorization(), allow_redirects=False
            ) as response:
                if response.status != 200:
                    return {}
                listed = json.loads(await _read_at_most(response, MAX_ANSWER_BYTES))["data"]
                return {str(each["id"]): each for each in listed}
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}

    async def server_context(self) -> int | None:
        """The model's context window in tokens, where the server's /models tells it (vLLM and llama.cpp do)."""
        described = (await self.models()).get(self.model, {})
        meta = described.get("meta")
        for tokens in (described.get("max_model_len"), meta.get("n_ctx") if isinstance(meta, dict) else None):
            if isinstance(tokens, int) and tokens > 0:
                return tokens
        return None

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

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._api_key}"} if self._api_key else {}

    def _redacted(self, text: str) -> str:
        return text.replace(self._api_key, "[key]") if self._api_key else text

    def _unreachable(self, error: aiohttp.ClientError | OSError) -> ModelError:
        """Says the kind of error and its OS text only: some errors of the library print request headers."""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            message = f"{self.base_url} shows a certificate that is not trusted. Mend the certificate or the base URL."
            return ModelError(message, kind="certificate", fatal=True)
        if isinstance(error, aiohttp.ClientConnectorError):
            refused = isinstance(error.os_error, ConnectionRefusedError)
            reason = "connection refused" if refused else error.os_error.strerror or type(error.os_error).__name__
            message = f"can't reach {self.base_url} ({reason}). Is the server running, and is --base-url right?"
            was_there = bool(self._answered) or self._reached
            return ModelError(message, kind="connect", retryable=was_there, fatal=not was_there)
        if isinstance(error, aiohttp.ClientPayloadError):
            message = f"{self.base_url} broke off in the middle of an answer"
            return ModelError(message, kind="truncated", retryable=True)
        if isinstance(error, aiohttp.InvalidURL):
            return ModelError(f"{self.base_url} is not a URL. Mend --base-url.", kind="connect", fatal=True)
        message = f"{self.base_url} dropped the connection ({type(error).__name__})"
        return ModelError(message, kind="reset", retryable=True)

    async def _explained(self, error: ModelError, headers: dict[str, str]) -> ModelError:
        """The error with the endpoint's name and, where the user can mend it, the remedy."""
        remedy, fatal = "", error.fatal
        if error.kind == "no-access" and error.status == 401:
            held = f"Does {self._api_key_env} hold a key for it?" if self._api_key else f"Set {self._api_key_env}."
            remedy = f"{held} (--api-key-env names another variable.)"
        elif error.kind == "no-access":
            remedy = "The account has no credit or quota left."
        elif error.kind == "forbidden":
            remedy = f"The key in {self._api_key_env} may not use {self.model}."
            fatal = not self._answered  # after good answers it is this one text that was turned away
        elif error.kind == "not-found":
            offered = list(await self.models())
            remedy = f"It offers: {', '.join(offered[:12])}." if offered else "Mend --model or --base-url."
        elif error.status is not None and 300 <= error.status < 400:
            place = self._redacted(headers.get("Location", "elsewhere"))
            remedy, fatal = f"It points to {place}; redirects are not followed. Mend --base-url.", True
        said = f"{self.identity}: {error}"
        text = f"{said.rstrip('.')}. {remedy}" if remedy else said
        return ModelError(
            self._redacted(text),
            kind=error.kind,
            retryable=error.retryable,
            fatal=fatal,
            status=error.status,
            retry_after_s=error.retry_after_s,
        )


async def _read_at_most(response: aiohttp.ClientResponse, limit: int) -> bytes:
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


def _encoded(body: Mapping[str, Any]) -> bytes:
    """The body as JSON; a lone surrogate, which no encoding has, is sent as "?"."""
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _useful_headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name: response.headers[name] for name in ("Retry-After", "Date", "Location") if name in response.headers}
