"""A model behind a connection that its server may have closed while nobody asked.

A server ends an idle connection without a word, and who learns of it first is the next call that takes it. That call is
made once more. Nothing else is tried again here: somebody waits.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from proutt.errors import ModelError
from proutt.llm import ChatModel, Piece, Reply, Request, streamed

#: What a call on such a connection ends with.
_CLOSED = "reset"


class Renewing:
    """A `ChatModel` that streams; the model it stands before is its own to close."""

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    @property
    def identity(self) -> str:
        return self.model.identity

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    async def reply(self, request: Request) -> Reply:
        try:
            return await self.model.reply(request)
        except ModelError as error:
            if error.kind != _CLOSED:
                raise
        return await self.model.reply(request)

    async def stream(self, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
        begun = False
        try:
            async with aclosing(streamed(self.model, request, logprobs=logprobs)) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
            return
        except ModelError as error:
            if begun or error.kind != _CLOSED:
                raise
        async with aclosing(streamed(self.model, request, logprobs=logprobs)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        await self.model.close()
