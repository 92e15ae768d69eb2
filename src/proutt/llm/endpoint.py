"""Any OpenAI-compatible server as a `ChatModel`.

One call is one POST (more only while it is found out what the server accepts, once); trying again after a failure is
`retry.py`'s business alone. How bytes come and go is `connection.py`'s; the key, which it holds, is taken out here of
whatever the server echoes.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError, to_json

from proutt.errors import ModelError
from proutt.llm.chat import Reply, Request
from proutt.llm.connection import Answered, Call, Connection, answered, read_at_most
from proutt.llm.stream import EventData, Piece, Redaction, Token, parsed_data, piece_of, streaming_body
from proutt.llm.wire import Dialect, body_of, error_of, reply_of, retry_after, usage_of, weaker

MAX_ANSWER_BYTES = 8 * 2**20
#: Of an answer that comes piece by piece: each token brings its probability along.
MAX_STREAM_BYTES = 32 * 2**20
_MOST_REWORDINGS = 12


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
        self._connection = Connection(
            self.base_url, api_key=api_key or None, concurrency=concurrency, timeout_s=timeout_s
        )
        self._api_key_env, self._extensions, self._now = api_key_env, extensions, now
        self._dialect = Dialect()
        self._discovery = asyncio.Lock()
        self._tried: set[bool] = set()  # with a schema, without: which kinds of call have been tried
        self._answered: set[bool] = set()

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
            answer = await self._connection.sent(_completion(body), most_bytes=MAX_ANSWER_BYTES)
            if answer.status == 200:
                reply = self._read(answer.body, request, time.perf_counter() - started)
                self._note_answered(request)
                return reply
            await self._reword(dialect, body, answer)
        raise self._speechless()

    async def stream(self, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
        """The answer to one request as it comes; closing the generator closes the connection. Raises ModelError."""
        for _ in range(_MOST_REWORDINGS):
            dialect = self._dialect
            body = streaming_body(
                self.body_for(request), dialect.dropped, logprobs=logprobs, extensions=self._extensions
            )
            async with self._connection.opened(_completion(body)) as response:
                if response.status == 200:
                    async with aclosing(self._pieces(response, request)) as pieces:
                        async for piece in pieces:
                            yield piece
                    self._note_answered(request)
                    return
                refusal = await answered(response, MAX_ANSWER_BYTES)
            await self._reword(dialect, body, refusal)
        raise self._speechless()

    async def _pieces(self, response: aiohttp.ClientResponse, request: Request) -> AsyncGenerator[Piece, None]:
        """The pieces of an answer of status 200; a server that does not stream sends it as one."""
        if response.content_type != "text/event-stream":
            whole = await read_at_most(response, MAX_ANSWER_BYTES)
            reply = self._read(whole, request, 0.0)
            yield Piece(reply.text, piece_of(json.loads(whole)).tokens, reply.finish, reply.usage)
            return
        lines, shown = EventData(), Redaction(self._connection.secret)
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

    def _note_answered(self, request: Request) -> None:
        self._answered.add(request.schema is not None)
        self._connection.reached = True

    async def _reword(self, dialect: Dialect, body: Mapping[str, Any], refusal: Answered) -> None:
        """Take up the wording that a refusal asks for. Raises ModelError where none can help."""
        rewording = weaker(dialect, body, refusal.status, self._said(refusal))
        if rewording is None:
            raise await self._explained(self._refused(refusal), refusal.headers)
        if self._dialect == dialect:
            self._dialect = rewording

    def _said(self, answer: Answered) -> str:
        return self._connection.redacted(answer.body.decode("utf-8", "replace"))

    def _refused(self, answer: Answered) -> ModelError:
        """What a refusal means, without a remedy."""
        wait_s = retry_after(answer.headers.get("Retry-After"), now=self._now(), date=answer.headers.get("Date"))
        return error_of(answer.status, self._said(answer), retry_after_s=wait_s)

    def _speechless(self) -> ModelError:
        return ModelError(f"{self.base_url} refuses every wording of a request", kind="http-400", status=400)

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
        call = Call(method, path, data, content_type, timeout_s)
        answer = await self._connection.sent(call, most_bytes=most_bytes)
        if not 200 <= answer.status < 300:
            raise self._refused(answer)
        self._connection.reached = True
        if len(answer.body) > most_bytes:
            raise ModelError(f"{self.base_url} sent more than {most_bytes // 2**20} MiB", kind="too-large")
        secret = self._connection.secret
        return answer.body.replace(secret.encode(), b"[key]") if secret else answer.body

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
        secret = self._connection.secret
        if secret and secret in reply.text:
            reply = Reply(self._connection.redacted(reply.text), reply.finish, reply.usage, reply.seconds)
        return reply

    def _refuse_error(self, parsed: Any) -> None:
        """Raise the ModelError that a body of status 200 tells of."""
        if isinstance(parsed, dict) and parsed.get("error") and not parsed.get("choices"):
            error = parsed["error"]
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            raise error_of(status, self._connection.redacted(json.dumps(parsed, ensure_ascii=False)))

    async def models(self) -> dict[str, dict[str, Any]]:
        """The models that the server says it offers, by id, as it describes them; empty where it does not say."""
        try:
            async with self._connection.opened(Call("GET", "models")) as response:
                if response.status != 200:
                    return {}
                listed = json.loads(await read_at_most(response, MAX_ANSWER_BYTES))["data"]
                return {str(each["id"]): each for each in listed}
        except (ModelError, ValueError, KeyError, TypeError, RecursionError):
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
        await self._connection.close()

    async def _explained(self, error: ModelError, headers: dict[str, str]) -> ModelError:
        """The error with the endpoint's name and, where the user can mend it, the remedy."""
        remedy, fatal = "", error.fatal
        if error.kind == "no-access" and error.status == 401:
            variable = self._api_key_env
            held = f"Does {variable} hold a key for it?" if self._connection.has_key else f"Set {variable}."
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
            place = self._connection.redacted(headers.get("Location", "elsewhere"))
            remedy, fatal = f"It points to {place}; redirects are not followed. Mend --base-url.", True
        said = f"{self.identity}: {error}"
        text = f"{said.rstrip('.')}. {remedy}" if remedy else said
        return ModelError(
            self._connection.redacted(text),
            kind=error.kind,
            retryable=error.retryable,
            fatal=fatal,
            status=error.status,
            retry_after_s=error.retry_after_s,
        )


def _completion(body: Mapping[str, Any]) -> Call:
    """The call with this body as JSON; a lone surrogate, which no encoding has, is sent as "?"."""
    try:
        data = to_json(body)
    except PydanticSerializationError:
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Call("POST", "chat/completions", data)
