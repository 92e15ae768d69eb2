"""How likely a given text is to a model, after another: log-probabilities of tokens that it did not write itself.

Two ways, found out at the first call:

    llama.cpp's server, the embedded engine   /tokenize, then token by token: the next one is forced by a bias, and its
                                              probability is told as it was before the bias. The cache of the prompt
                                              makes that one token's work each.
    vLLM and other servers of completions     one call that echoes the prompt with its log-probabilities

A server that has neither can't say it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, Literal

from proutt.errors import ModelError, UserError
from proutt.llm.chat import Message, Reply, Request, Sampling, Usage
from proutt.llm.control_tokens import neutralise_control_tokens
from proutt.llm.raw_api import ABSENT, Server, posted

#: Added to a token's logit so that it is the likeliest, whatever the model thinks.
_FORCED = 1000.0


def likelihood_request(before: str, text: str) -> Request:
    """The question how likely a text is after another; the answer's text is read by `likelihood_in`."""
    sampling = Sampling(max_tokens=1, temperature=0.0)
    return Request(
        (Message("user", before), Message("assistant", text)), sampling, step="likelihood", role="likelihood"
    )


def likelihood_in(reply: Reply) -> tuple[int, float]:
    """Tokens of the text, and its negative log likelihood in nats."""
    found = json.loads(reply.text)
    return int(found["tokens"]), float(found["nll"])


class Likelihoods:
    """A `ChatModel` that says how likely the last message is after the one before it.

    model  its name, as the server knows it
    """

    def __init__(self, server: Server, model: str) -> None:
        self._server, self._model = server, model
        self._way: Literal["forced", "echoed"] | None = None

    @property
    def identity(self) -> str:
        return self._server.identity

    @property
    def context_tokens(self) -> int:
        return self._server.context_tokens

    async def reply(self, request: Request) -> Reply:
        """One question. Raises ModelError; UserError where the server tells no likelihood of given texts."""
        before, text = (neutralise_control_tokens(each.content) for each in request.messages)
        began = time.perf_counter()
        logprobs, usage = await self._logprobs(before, text)
        if not logprobs:
            raise ModelError(f"{self.identity} sees no token in a text", kind="bad-body")
        found = {"tokens": len(logprobs), "nll": max(0.0, -math.fsum(logprobs))}
        return Reply(json.dumps(found), "stop", usage, time.perf_counter() - began)

    async def _logprobs(self, before: str, text: str) -> tuple[list[float], Usage]:
        if self._way is None:
            self._way = "forced" if await self._tokens("") is not None else "echoed"
        return await (self._forced(before, text) if self._way == "forced" else self._echoed(before, text))

    async def _forced(self, before: str, text: str) -> tuple[list[float], Usage]:
        known, full = await self._tokens(before), await self._tokens(before + text)
        if known is None or full is None:
            raise ModelError(f"{self.identity} told no tokens", kind="bad-body", retryable=True)
        if len(full) >= self.context_tokens:
            raise ModelError(f"the text is too long for {self.identity}", kind="context-too-long")
        begin = max(1, len(list(takewhile(lambda pair: pair[0] == pair[1], zip(known, full, strict=False)))))
        found = [await self._forced_next(full[:at], full[at]) for at in range(begin, len(full))]
        return found, Usage(prompt_tokens=len(full), completion_tokens=len(found))

    async def _forced_next(self, prompt: Sequence[int], token: int) -> float:
        body = {
            "prompt": prompt,
            "n_predict": 1,
            "temperature": 0,
            "n_probs": 1,
            "post_sampling_probs": False,
            "cache_prompt": True,
            "logit_bias": [[token, _FORCED]],
        }
        answer = await posted(self._server, "../completion", body)
        try:
            (told,) = answer["completion_probabilities"]
            if told["id"] == token:
                return float(told["logprob"])
        except (KeyError, TypeError, ValueError):
            pass
        raise ModelError(f"{self.identity} did not tell how likely a token is", kind="bad-body")

    async def _tokens(self, text: str) -> list[int] | None:
        """A text's tokens as llama.cpp's server tells them, or None of another server."""
        body = {"content": text, "add_special": True, "parse_special": False}
        try:
            tokens = (await posted(self._server, "../tokenize", body)).get("tokens")
        except ModelError as error:
            if error.status not in ABSENT:
                raise
            return None
        return tokens if isinstance(tokens, list) and all(type(each) is int for each in tokens) else None

    async def _echoed(self, before: str, text: str) -> tuple[list[float], Usage]:
        body = {"model": self._model, "prompt": before + text, "max_tokens": 1, "temperature": 0, "echo": True}
        try:
            answer = await posted(self._server, "completions", body | {"logprobs": 1})
        except ModelError as error:
            if error.status in ABSENT and error.kind != "context-too-long":
                raise self._without(str(error)) from None
            raise
        try:
            told = answer["choices"][0]["logprobs"]
            tokens = list(zip(told["text_offset"], told["token_logprobs"], strict=True))
        except (KeyError, IndexError, TypeError, ValueError):
            raise self._without("it does not echo a prompt with log-probabilities") from None
        if not tokens or tokens[0][0] != 0:  # what was written, and not what was given
            raise self._without("it does not echo a prompt with log-probabilities")
        end = len(before) + len(text)
        found = [float(value) for offset, value in tokens if len(before) <= offset < end and value is not None]
        return found, _usage(answer)

    def _without(self, why: str) -> UserError:
        return UserError(
            f"{self.identity} can't tell how likely a given text is ({why}).",
            remedy="Use an embedded model, llama.cpp's server or vLLM for perplexity.",
        )

    async def close(self) -> None:
        await self._server.close()


def _usage(answer: Mapping[str, Any]) -> Usage:
    told = answer.get("usage")
    counts = told if isinstance(told, Mapping) else {}
    return Usage(int(counts.get("prompt_tokens") or 0), int(counts.get("completion_tokens") or 0))
