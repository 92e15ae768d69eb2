"""A model that goes on with a chat as its user: the chat as the model's own template writes it, and the user's header.

An aligned model that is given nothing but the header of a user's turn writes what a user would (Magpie's observation).
That needs the raw text of the prompt: the server's completions endpoint, and its chat template. The server is asked to
render a chat that ends with a mark in the user's turn, and the text is cut there: llama.cpp and the embedded engine
have /apply-template, vLLM has /tokenize and /detokenize.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from proutt.errors import ModelError, UserError
from proutt.llm import Message, Reply, Request, neutralise_control_tokens
from proutt.llm.raw_api import ABSENT, Server, posted
from proutt.llm.wire import usage_of

_MARK = "USERTURNMARK"


class Continuing:
    """A `ChatModel` whose reply is the user's next utterance. A request's messages end with the assistant's answer.

    model  its name, as the server knows it
    """

    def __init__(self, server: Server, model: str) -> None:
        self._server, self._model = server, model
        self._renders: Literal["text", "tokens"] | None = None  # how, once that is found out

    @property
    def identity(self) -> str:
        return self._server.identity

    @property
    def context_tokens(self) -> int:
        return self._server.context_tokens

    async def reply(self, request: Request) -> Reply:
        """One call. Raises ModelError; UserError where the server has no raw completions or hides its template."""
        prompt, stop = await self._prompt(request.messages)
        sampling = request.sampling
        body = {
            "model": self._model,
            "prompt": prompt,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
            **({"stop": [stop]} if stop else {}),
            **(
                {"add_special_tokens": False} if self._renders == "tokens" else {}
            ),  # the template's text has them already
        }
        began = time.perf_counter()
        try:
            answer = await posted(self._server, "completions", body)
        except ModelError as error:
            raise self._without("has no /v1/completions") if error.status in {404, 405, 501} else error from None
        text, finish = _completed(answer)
        return Reply(text, finish, usage_of(answer, request, text), time.perf_counter() - began)

    async def _prompt(self, messages: Sequence[Message]) -> tuple[str, str]:
        """The chat up to the header of the user's next turn, and what the template ends that turn with."""
        chat = [{"role": each.role, "content": neutralise_control_tokens(each.content)} for each in messages]
        rendered = await self._rendered([*chat, {"role": "user", "content": _MARK}])
        before, mark, after = rendered.rpartition(_MARK)
        if not mark:
            raise self._without("renders no chat that ends with a user's turn")
        return before, after.strip().partition("\n")[0]

    async def _rendered(self, chat: list[dict[str, str]]) -> str:
        """The chat as the server's own template writes it."""
        if self._renders != "tokens":
            try:
                text = _text_in(await posted(self._server, "../apply-template", {"messages": chat}))
            except ModelError as error:
                if self._renders == "text" or error.status not in ABSENT:
                    raise
            else:
                self._renders = "text"
                return text
        try:
            asked = {"model": self._model, "messages": chat, "add_generation_prompt": False}
            tokens = (await posted(self._server, "../tokenize", asked)).get("tokens")
            text = _text_in(await posted(self._server, "../detokenize", {"model": self._model, "tokens": tokens}))
        except ModelError as error:
            if self._renders is None and error.status in ABSENT:
                raise self._without("does not tell its chat template") from None
            raise
        self._renders = "tokens"
        return text

    def _without(self, what: str) -> UserError:
        return UserError(
            f"{self.identity} {what}, which the method user-header needs.",
            remedy="Use an embedded model, llama.cpp's server or vLLM, or another method: --method socratic.",
        )

    async def close(self) -> None:
        await self._server.close()


def _text_in(answer: Mapping[str, Any]) -> str:
    text = answer.get("prompt")
    if not isinstance(text, str):
        raise ModelError("the rendered chat has no text", kind="bad-body", status=501)
    return text


def _completed(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Text and finish of a completion."""
    try:
        choice = answer["choices"][0]
        return str(choice["text"] or ""), str(choice.get("finish_reason") or "stop")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ModelError("the body has no choices[0].text", kind="bad-body", retryable=True) from None
