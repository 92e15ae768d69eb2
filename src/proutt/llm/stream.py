"""An answer as it comes: pieces of text, with the probabilities of their tokens where the server tells them.

Pure but for `streamed`, which asks whatever model it is given. Connections are `connection.py`'s business.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from pydantic_core import from_json

from proutt.errors import ModelError
from proutt.llm.chat import ChatModel, Request, Usage

#: A line of a stream that is longer is no piece of an answer.
_LONGEST_LINE = 2**20
#: No logarithm is further from 0; what a server writes beyond it, or NaN, is none.
_LEAST_LIKELY = 1e6
_DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer: its bytes, and the natural logarithm of its probability as the server tells it."""

    data: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer, as it comes.

    text    what follows the pieces before; may be empty
    tokens  of this piece, where they were asked for and the server tells them
    finish  as in `Reply`; in the last piece only, and so is usage
    """

    text: str = ""
    tokens: tuple[Token, ...] = ()
    finish: str | None = None
    usage: Usage | None = None


@runtime_checkable
class Streaming(Protocol):
    """A model whose answers can be had as they come."""

    def stream(self, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
        """The pieces of one answer, at least one. Whoever closes the generator early ends the call at the server.

        Raises ModelError where no answer could be had, or where it broke off.
        """
        ...


async def streamed(model: ChatModel, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
    """The pieces of an answer; of a model that does not stream, its whole reply as one piece. Raises ModelError."""
    if not isinstance(model, Streaming):
        reply = await model.reply(request)
        yield Piece(reply.text, finish=reply.finish, usage=reply.usage)
        return
    async with aclosing(model.stream(request, logprobs=logprobs)) as pieces:
        async for piece in pieces:
            yield piece


def streaming_body(
    body: Mapping[str, Any], dropped: frozenset[str], *, logprobs: bool, extensions: bool
) -> dict[str, Any]:
    """The body of a call, asking for its answer piece by piece.

    dropped     what the server was found to refuse
    extensions  llama.cpp sends twenty alternatives to each token unless it is told how many
    """
    wanted: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    if logprobs:
        wanted |= {"logprobs": True} | ({"top_logprobs": 1} if extensions else {})
    if "logprobs" in dropped:
        wanted.pop("top_logprobs", None)
    return {**body, **{name: value for name, value in wanted.items() if name not in dropped}}


class EventData:
    """The `data:` lines of server-sent events, wherever the bytes that bring them are cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the lines that these bytes complete. Raises ModelError where a line is too long."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            raise ModelError("the server sent a line that is no piece of an answer", kind="too-large")
        return [line[5:].strip() for line in lines if line.startswith(b"data:")]


def parsed_data(data: bytes) -> dict[str, Any] | None:
    """The object in the data of one event; None for the mark of the end. Raises ModelError."""
    if data == _DONE:
        return None
    try:
        parsed = from_json(data)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ModelError("the server sent a piece that is not JSON", kind="bad-body", retryable=True)
    return parsed


def piece_of(parsed: Mapping[str, Any]) -> Piece:
    """What one event of a chat completion brings; `usage` is left to whoever sees the end.

    A `reasoning_content` is the server's business and is left out, as in whole answers.
    """
    choice = _first(parsed.get("choices"))
    said = choice.get("delta") or choice.get("message")
    content = said.get("content") if isinstance(said, Mapping) else None
    text = content.encode("utf-8", "replace").decode() if isinstance(content, str) else ""
    finish = choice.get("finish_reason")
    return Piece(text, _tokens(choice.get("logprobs")), str(finish) if finish else None)


def _first(choices: Any) -> Mapping[str, Any]:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else {}


def _tokens(logprobs: Any) -> tuple[Token, ...]:
    """The tokens as OpenAI, vLLM and llama.cpp tell them; nothing where they are told otherwise."""
    listed = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    return tuple(token for each in listed if (token := _token(each)) is not None) if isinstance(listed, list) else ()


def _token(told: Any) -> Token | None:
    if not isinstance(told, Mapping):
        return None
    text, data, logprob = told.get("token"), told.get("bytes"), told.get("logprob")
    if not isinstance(logprob, int | float) or isinstance(logprob, bool) or not -_LEAST_LIKELY <= logprob <= 1:
        return None
    if isinstance(data, list) and all(isinstance(each, int) and 0 <= each < 256 for each in data):
        return Token(bytes(data), min(float(logprob), 0.0))
    return Token(text.encode("utf-8", "replace"), min(float(logprob), 0.0)) if isinstance(text, str) else None


class Redaction:
    """A text without a secret, piece by piece: what may be the secret's beginning is held back until it is told.

    secret  None where there is nothing to take out
    """

    def __init__(self, secret: str | None) -> None:
        self._secret, self._held = secret, ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        if self._secret is None:
            return text
        whole = (self._held + text).replace(self._secret, "[key]")
        most = min(len(whole), len(self._secret) - 1)
        held = next((size for size in range(most, 0, -1) if self._secret.startswith(whole[-size:])), 0)
        self._held = whole[len(whole) - held :]
        return whole[: len(whole) - held]

    def rest(self) -> str:
        """What was held back and is no secret after all."""
        held, self._held = self._held, ""
        return held
