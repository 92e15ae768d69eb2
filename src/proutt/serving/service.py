"""One running service: its models, what it counts, and what every path does around its own work."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request

from proutt.dialogue import Context
from proutt.errors import ModelError, ProuttError, UserError
from proutt.intent.rendering import to_json
from proutt.intent.task import Task
from proutt.methods.record import LeafRecord, PathRecord
from proutt.serving.chats import Nothing, Refused, context_of
from proutt.serving.feedback import Feedback
from proutt.serving.filters import Wanted
from proutt.serving.gate import Facts
from proutt.serving.log import Log
from proutt.serving.memory import Memory
from proutt.serving.metrics import Metrics
from proutt.serving.renewing import Renewing
from proutt.serving.settings import ServeSettings
from proutt.serving.shapes import ChatMessage, SuggestionOut, SuggestionsAnswer
from proutt.serving.suggesting import Scored, Shower, Suggested, Suggester

#: Chats that Dify's path may ask for: so many, for so long, in memory only.
_MOST_CHATS, _CHAT_S = 1000, 3600.0


class Service:
    """What the handlers share. foresees, answers: the two models, which may be one."""

    def __init__(self, settings: ServeSettings, foresees: Renewing, answers: Renewing, log: Log) -> None:
        self.settings, self.foresees, self.answers, self.log = settings, foresees, answers, log
        self.suggester = Suggester(foresees, settings)
        self.metrics = Metrics()
        self.chats: Memory[list[ChatMessage]] = Memory(_MOST_CHATS, _CHAT_S)
        self.feedback = (
            None
            if settings.feedback is None
            else Feedback(settings.feedback, method=settings.method, model=foresees.identity)
        )
        self._in_flight = 0

    def wanted(self, n: int | None, max_chars: int | None = None) -> Wanted:
        """What a request wants, with the service's defaults."""
        return Wanted(n or self.settings.n, max_chars, self.settings.min_score)

    @asynccontextmanager
    async def asking(self, request: Request) -> AsyncIterator[None]:
        """A place among the requests that ask a model. Raises Refused where none is free; counts what fails."""
        if self._in_flight >= self.settings.limits.in_flight:
            raise Refused(503, "busy", "The service has as many requests as it takes.", retry_after_s=1.0)
        self._in_flight += 1
        self.metrics.in_flight.inc()
        try:
            yield
        except (ModelError, UserError) as error:
            kind = error.kind if isinstance(error, ModelError) else "model"
            self.metrics.upstream.labels(kind).inc()
            # A ModelError may quote what its server said, and that what it was sent.
            why = str(error) if isinstance(error, UserError) else None
            self.log("upstream-failed", request_id=facts_of(request).request_id, kind=kind, why=why)
            raise
        except asyncio.CancelledError:
            self.metrics.gone.inc()
            raise
        finally:
            self._in_flight -= 1
            self.metrics.in_flight.dec()

    async def suggested(
        self,
        request: Request,
        messages: Sequence[ChatMessage],
        wanted: Wanted,
        *,
        language: str | None = None,
        show: Shower | None = None,
    ) -> tuple[Context | None, Suggested]:
        """The suggestions for a chat, and its context where it has one. Raises Refused, ModelError, UserError."""
        began = time.perf_counter()
        context = context_of(messages, language)
        if isinstance(context, Nothing):
            suggested = Suggested((), context.reason)
            self._count(request, suggested)
            return None, suggested
        first: list[float] = []

        def shown(index: int, scored: Scored) -> None:
            first.append(time.perf_counter())
            if show is not None:
                show(index, scored)

        async with self.asking(request):
            suggested = await self.suggester.suggest(context, wanted, None if show is None else shown)
        if suggested.shown:
            self.metrics.first.observe((first[0] if first else time.perf_counter()) - began)
        self._count(request, suggested)
        return context, suggested

    def _count(self, request: Request, suggested: Suggested) -> None:
        count = len(suggested.shown)
        self.metrics.suggestions.inc(count)
        if not count:
            self.metrics.empty.labels(suggested.reason or "none").inc()
        for rule, times in suggested.left_out.items():
            self.metrics.left_out.labels(rule).inc(times)
        facts_of(request).said |= {"suggestions": count, "reason": suggested.reason}

    def answer(
        self,
        context: Context | None,
        suggested: Suggested,
        began: float,
        *,
        reasoning: bool = False,
        tree: bool = False,
    ) -> SuggestionsAnswer:
        """The answer of our own path; feedback may come for it from now on."""
        id = secrets.token_urlsafe(16)
        if self.feedback is not None and context is not None and suggested.shown:
            self.feedback.gave(id, context, suggested.shown)
        laid_out = to_json(suggested.tree) if tree and suggested.tree is not None else None
        return SuggestionsAnswer(
            id=id,
            suggestions=[out_of(each) for each in suggested.shown],
            reason=suggested.reason,
            left_out=suggested.left_out,
            reasoning=suggested.reasoning if reasoning else None,
            tree=None
            if laid_out is None
            else {
                topic: {name: LeafRecord(**leaf) for name, leaf in leaves.items()} for topic, leaves in laid_out.items()
            },
            language="und" if context is None else context.language,
            model=self.suggester.model,
            took_ms=milliseconds(began),
        )

    async def ready(self) -> str | None:
        """Why the service could not ask its model now; None where it could."""
        exchange = getattr(self.foresees.model, "exchange", None)
        if exchange is None or self.settings.spec.embedded:
            return None
        try:
            async with asyncio.timeout(5):
                await exchange("GET", "models")
        except TimeoutError:
            return "timeout"
        except ModelError as error:
            return None if error.kind == "not-found" else error.kind  # not every server lists its models
        return None

    def config(self) -> dict[str, Any]:
        """What the page and other clients may know: no address, no key."""
        settings, limits = self.settings, self.settings.limits
        return {
            "method": settings.method,
            "model": settings.spec.model,
            "assistant": (settings.assistant or settings.spec).model,
            "n": settings.n,
            "tasks": [_told(task) for task in settings.tasks],
            "timeout_s": settings.timeout,
            "min_score": settings.min_score,
            "feedback": self.feedback is not None,
            "needs_key": bool(settings.keys),
            "limits": {
                "body_bytes": limits.body_bytes,
                "per_minute": limits.per_minute,
                "in_flight": limits.in_flight,
                "context_tokens": self.foresees.context_tokens,
            },
        }


def _told(task: Task) -> dict[str, Any]:
    """A task as the page shows it."""
    intentions = [{"key": each.key, "name": each.name, "description": each.description} for each in task.intentions]
    return {"name": task.name, "language": task.language, "intentions": intentions}


def facts_of(request: Request) -> Facts:
    """The request's line in the log."""
    facts: Facts = request.scope["state"]["facts"]
    return facts


def out_of(scored: Scored) -> SuggestionOut:
    """A suggestion as our own paths give it."""
    suggestion = scored.suggestion
    return SuggestionOut(
        text=suggestion.text,
        perspective=suggestion.perspective,
        sentence_type=suggestion.sentence_type,
        score=None if scored.score is None else round(scored.score, 4),
        path=None if suggestion.path is None else PathRecord.of(suggestion.path),
    )


def milliseconds(began: float) -> float:
    """Since then, to a tenth."""
    return round((time.perf_counter() - began) * 1000, 1)


#: What a handler may raise and `answering.refused_of` has an answer to.
TOLD = (ProuttError,)
