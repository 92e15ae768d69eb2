"""From a chat to the suggestions that its user is shown: one method, asked once, within a time.

The model is listened to while it writes: what has come is used when time is up, and whoever leaves ends the call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Protocol

from proutt.dialogue import Context
from proutt.errors import AnswerError, ModelError
from proutt.intent import IntentTree
from proutt.llm import ChatModel, Piece, Reply, Request, Token, Usage, streamed
from proutt.prediction.asking import ModelAsking
from proutt.prediction.methods import METHODS
from proutt.prediction.prediction import Prediction, Predictor, Suggestion
from proutt.serving.filters import Sieve, Wanted
from proutt.serving.heard import Closing, Heard, score_of
from proutt.serving.settings import ServeSettings

#: Methods whose answers are read tag by tag, and whether reasoning comes before the tags.
_TAGGED = {"proutt": True, "prompt": False}


@dataclass(frozen=True, slots=True)
class Scored:
    """A suggestion that may be shown, and its score (`heard.score_of`)."""

    suggestion: Suggestion
    score: float | None


@dataclass(frozen=True)
class Suggested:
    """What came of one request.

    shown     in rank order
    reason    why it is empty; "timeout" where it is not all that could have come
    left_out  rule → how many it kept back
    """

    shown: tuple[Scored, ...]
    reason: str | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    reasoning: str | None = None
    tree: IntentTree | None = None


class Shower(Protocol):
    """Is shown each suggestion as its tag closes: (index among those shown, from 0; the suggestion)."""

    def __call__(self, index: int, scored: Scored, /) -> None: ...


class Suggester:
    """Suggestions by one method and model. Belongs to the event loop of its first call."""

    def __init__(self, model: ChatModel, settings: ServeSettings) -> None:
        self._model, self._settings = model, settings
        self._predictor = lru_cache(maxsize=32)(self._made)

    @property
    def model(self) -> str:
        """The model's identity."""
        return self._model.identity

    def _made(self, n: int) -> Predictor:
        return METHODS[self._settings.method](self._settings.setting(self._model.context_tokens, n))

    async def suggest(self, context: Context, wanted: Wanted, show: Shower | None = None) -> Suggested:
        """What the user may say next, after the rules of `filters`; empty with a reason, never with none.

        Raises ModelError where the model's server is gone or turns us away; a model that says nothing that can be
        suggested is no error here.
        """
        attempt = _Attempt(self._settings, context, wanted, show)
        listening = _Listening(self._model, attempt)
        ask = ModelAsking(lambda _: listening, seed=self._settings.seed)
        seed = self._settings.seed
        try:
            async with asyncio.timeout(self._settings.timeout):
                prediction = await self._predictor(wanted.n)(context, ask, lambda what: Random(f"{seed}/{what}"))
        except TimeoutError:
            return attempt.so_far("timeout")
        except AnswerError as error:
            return attempt.so_far(error.kind)
        except ModelError as error:
            if error.kind in {"timeout", "context-too-long"}:
                return attempt.so_far(error.kind)
            raise
        return attempt.ended(prediction)


class _Attempt:
    """One request under way: what was heard, and what of it was shown."""

    def __init__(self, settings: ServeSettings, context: Context, wanted: Wanted, show: Shower | None) -> None:
        self._context, self._wanted, self._show = context, wanted, show
        self._reasons = _TAGGED.get(settings.method)
        self._count = 2 * ((wanted.n + 1) // 2)
        self._sieve = Sieve(context, wanted)
        self._shown: list[Scored] = []
        self.replies: list[Heard] = []
        self.began()

    def began(self) -> None:
        """A draw begins: what the one before has said is only in its reply."""
        self._closing = None if self._reasons is None else Closing(reasons=self._reasons, count=self._count)
        self._unread = ""
        self._tokens: list[Token] = []

    def hear(self, piece: Piece) -> None:
        """A piece of the reply has come; it is read at once where somebody is to be shown what it brings."""
        self._unread += piece.text
        self._tokens += piece.tokens
        if self._show is not None:
            self._read()

    def _read(self) -> None:
        unread, self._unread = self._unread, ""
        for suggestion in [] if self._closing is None else self._closing.feed(unread):
            score = score_of(suggestion.text, [Heard(tuple(self._tokens))])
            if self._sieve.passes(suggestion.text, score):
                self._shown.append(Scored(suggestion, score))
                if self._show is not None:
                    self._show(len(self._shown) - 1, self._shown[-1])

    def so_far(self, reason: str) -> Suggested:
        """What was heard before it broke off."""
        self._read()
        shown = tuple(self._shown)
        if reason != "timeout":
            reason = _why_none(self._sieve.left_out) or reason
        return Suggested(shown, reason if not shown or reason == "timeout" else None, self._sieve.left_out)

    def ended(self, prediction: Prediction) -> Suggested:
        """The whole prediction, sifted anew: repairs and ranks are known only now."""
        sieve = Sieve(self._context, self._wanted)
        scores = [score_of(each.text, self.replies) for each in prediction.suggestions]
        pairs = zip(prediction.suggestions, scores, strict=True)
        shown = tuple(Scored(each, score) for each, score in pairs if sieve.passes(each.text, score))
        reason = None if shown else _why_none(sieve.left_out) or "no-suggestions"
        return Suggested(shown, reason, sieve.left_out, prediction.reasoning, prediction.tree)


def _why_none(left_out: dict[str, int]) -> str | None:
    """ "unsure" where the score alone kept all back, "left-out" where the other rules did."""
    if not left_out:
        return None
    return "unsure" if set(left_out) == {"unsure"} else "left-out"


class _Listening:
    """The model, listened to: a `ChatModel` whose plain texts are asked for piece by piece."""

    def __init__(self, model: ChatModel, attempt: _Attempt) -> None:
        self._model, self._attempt = model, attempt

    @property
    def identity(self) -> str:
        return self._model.identity

    @property
    def context_tokens(self) -> int:
        return self._model.context_tokens

    async def reply(self, request: Request) -> Reply:
        if request.schema is not None:  # its text is a form, not something to show
            return await self._model.reply(request)
        began = time.perf_counter()
        texts: list[str] = []
        tokens: list[Token] = []
        finish, usage = "stop", Usage()
        self._attempt.began()
        async with aclosing(streamed(self._model, request, logprobs=True)) as pieces:
            async for piece in pieces:
                texts.append(piece.text)
                tokens += piece.tokens
                finish, usage = piece.finish or finish, piece.usage or usage
                self._attempt.hear(piece)
        self._attempt.replies.append(Heard(tuple(tokens)))
        return Reply("".join(texts), finish, usage, time.perf_counter() - began)

    async def close(self) -> None:
        """The model is its owner's to close."""


#: What opens a model for the service; tests give their own.
Opener = Callable[[ServeSettings], ChatModel]
