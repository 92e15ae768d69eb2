"""The service's paths, on FastAPI: `/v1/…` of our own here, those of front ends in `front_end_paths.py`."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from proutt import __version__
from proutt.llm import spoken
from proutt.prediction.workflow import Workflow
from proutt.serving.answering import Emit, events, refused_of, while_there, whole
from proutt.serving.ask_path import add_ask
from proutt.serving.assets import page_files
from proutt.serving.chats import Refused
from proutt.serving.front_end_paths import add_front_ends
from proutt.serving.gate import Gate, failure, refusal_headers
from proutt.serving.service import TOLD, Service, facts_of, milliseconds, out_of
from proutt.serving.shapes import ChatAnswer, ChatAsked, Failure, FeedbackAsked, SuggestionsAnswer, SuggestionsAsked
from proutt.serving.suggesting import Scored
from proutt.serving.talking import asked_of

_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 401, 403, 408, 413, 422, 429, 502, 503)
}


def application(service: Service, hosts: frozenset[str] | None, workflow: Workflow | None = None) -> ASGIApp:
    """The whole service. hosts: as in `Gate`; workflow: of POST /v1/ask, None where there are no tasks."""
    app = FastAPI(title="proutt", version=__version__, docs_url=None, redoc_url=None, responses=_FAILURES)
    _add_errors(app)
    _add_suggestions(app, service)
    _add_chat(app, service)
    add_ask(app, service, workflow)
    _add_feedback(app, service)
    _add_watching(app, service)
    add_front_ends(app, service)
    for path, (content, kind) in page_files().items():
        app.add_api_route(path, _file(content, kind), methods=["GET"], include_in_schema=False)
    settings = service.settings
    gate = Gate(
        app,
        hosts=hosts,
        origins=settings.origins,
        keys=settings.keys,
        limits=settings.limits,
        metrics=service.metrics,
        log=service.log,
    )
    if not settings.origins:
        return gate
    return CORSMiddleware(
        gate,
        allow_origins=settings.origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
        expose_headers=["X-Request-Id", "Retry-After"],
    )


def _add_suggestions(app: FastAPI, service: Service) -> None:
    @app.post("/v1/suggestions", responses={200: {"model": SuggestionsAnswer, "content": {"text/event-stream": {}}}})
    async def suggestions(asked: SuggestionsAsked, request: Request) -> Response:
        """What the user may say next. As events: `suggestion` for each as it is ready, then `done` with the answer."""
        began = time.perf_counter()
        wanted = service.wanted(asked.n, asked.max_chars)

        def answer(context: Any, suggested: Any) -> SuggestionsAnswer:
            return service.answer(context, suggested, began, reasoning=asked.reasoning, tree=asked.tree)

        async def emitted(emit: Emit) -> None:
            def show(index: int, scored: Scored) -> None:
                emit("suggestion", {"index": index, **out_of(scored).model_dump(mode="json")})

            found = await service.suggested(request, asked.messages, wanted, language=asked.language, show=show)
            emit("done", answer(*found))

        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            return await events(request, emitted)
        found = await while_there(request, service.suggested(request, asked.messages, wanted, language=asked.language))
        return whole(answer(*found))


def _add_chat(app: FastAPI, service: Service) -> None:
    @app.post("/v1/chat", responses={200: {"model": ChatAnswer, "content": {"text/event-stream": {}}}})
    async def chat(asked: ChatAsked, request: Request) -> Response:
        """The assistant's answer. As events: `piece` after `piece`, `restart` where all before is void, then `done`."""
        began = time.perf_counter()
        settings, model = service.settings, service.answers
        question = asked_of(asked.messages, model.context_tokens, settings.answer_tokens, settings.seed)

        async def emitted(emit: Emit) -> None:
            text, finish = "", "stop"
            async with service.asking(request):
                async for said in spoken(model, question):
                    if not said.text.startswith(text):
                        emit("restart", {})
                        text = ""
                    if len(said.text) > len(text):
                        emit("piece", {"text": said.text[len(text) :]})
                    text, finish = said.text, said.finish or finish
            emit("done", ChatAnswer(text=text, finish=finish, model=model.identity, took_ms=milliseconds(began)))

        async def in_one() -> ChatAnswer:
            text, finish = "", "stop"
            async with service.asking(request):
                async for said in spoken(model, question):
                    text, finish = said.text, said.finish or finish
            return ChatAnswer(text=text, finish=finish, model=model.identity, took_ms=milliseconds(began))

        return await events(request, emitted) if asked.stream else whole(await while_there(request, in_one()))


def _add_feedback(app: FastAPI, service: Service) -> None:
    @app.post("/v1/feedback", responses={404: {"model": Failure}})
    async def feedback(asked: FeedbackAsked) -> dict[str, str]:
        """What a user did with an answer's suggestions; once for each answer."""
        if service.feedback is None:
            raise Refused(404, "off", "This service keeps no feedback (--feedback FILE).")
        what = await service.feedback.keep(asked)
        service.metrics.feedback.labels(what).inc()
        return {"kept": what}


def _add_watching(app: FastAPI, service: Service) -> None:
    @app.get("/v1/config")
    async def config() -> dict[str, Any]:
        """What this service does, and its limits."""
        return service.config()

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The service is running."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> Response:
        """The service could ask its model now; 503 with the reason where not."""
        why = await service.ready()
        return whole({"status": "ok"} if why is None else {"status": "not ready", "reason": why}, 503 if why else 200)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(service.metrics.page(), media_type=service.metrics.content_type)


def _add_errors(app: FastAPI) -> None:
    """Every error has one shape (`shapes.Failure`), and none quotes what was sent."""

    async def told(request: Request, error: Exception) -> Response:
        refused = refused_of(error)
        facts = facts_of(request)
        facts.said["code"] = refused.code
        body = whole(failure(refused, facts.request_id), refused.status)
        body.headers.update(refusal_headers(refused))
        return body

    async def invalid(request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {}
        place = ".".join(str(part)[:40] for part in first.get("loc", ())[1:])
        message = str(first.get("msg", "It is not what this path takes."))[:200]
        return await told(request, Refused(422, "body", f"{place}: {message}" if place else message))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code, message = _HTTP.get(status, ("request", "This can't be answered."))
        return await told(request, Refused(status, code, message))

    for kind in TOLD:
        app.add_exception_handler(kind, told)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


_HTTP = {
    400: ("body", "The body can't be read: it must be JSON in UTF-8, not nested too deeply."),
    404: ("no-such-path", "There is nothing at this path."),
    405: ("method", "This path does not take this method."),
}


def _file(content: bytes, kind: str) -> Any:
    async def sent() -> Response:
        return Response(content, media_type=kind)

    return sent
