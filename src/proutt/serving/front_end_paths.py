"""The paths of existing front ends; their shapes are in `front_ends.py`."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Response

from proutt.llm import spoken
from proutt.serving.answering import Emit, events, while_there, whole
from proutt.serving.chats import Refused
from proutt.serving.front_ends import (
    AssistantUiAsked,
    Completion,
    DifyChat,
    assistant_ui,
    completion,
    completion_chunk,
    dify,
    follow_up_chat,
    follow_ups,
    models,
)
from proutt.serving.service import Service, facts_of
from proutt.serving.shapes import ChatMessage
from proutt.serving.talking import asked_of

#: What the service's model is called in /v1/models.
MODEL = "proutt"


def add_front_ends(app: FastAPI, service: Service) -> None:
    """Open WebUI's follow-up task and its like, Dify's suggested questions, assistant-ui's suggestions."""
    _add_completions(app, service)
    _add_dify(app, service)

    @app.post("/v1/assistant-ui/suggestions")
    async def for_assistant_ui(asked: AssistantUiAsked, request: Request) -> Response:
        """Items of title, label and prompt for a thread's messages."""
        wanted = service.wanted(asked.n, asked.max_chars)
        _, suggested = await while_there(request, service.suggested(request, asked.messages, wanted))
        return whole(assistant_ui(suggested.shown))


def _add_completions(app: FastAPI, service: Service) -> None:
    @app.get("/v1/models")
    async def listed() -> dict[str, Any]:
        """The one model that this service offers."""
        return models(MODEL)

    @app.post("/v1/chat/completions")
    async def completions(asked: Completion, request: Request) -> Response:
        """A follow-up task, or a chat that ends with the assistant: suggestions as JSON in the answer's text.

        Any other chat is the assistant's to answer, so that a front end can have one model for all of its tasks.
        """
        id, about = f"chatcmpl-{secrets.token_hex(12)}", follow_up_chat(asked.messages)
        facts_of(request).said["task"] = "answer" if about is None else "follow-up"

        async def text() -> tuple[str, str]:
            return await (
                _answer(service, request, asked.messages) if about is None else _tasks(service, request, about)
            )

        async def emitted(emit: Emit) -> None:
            said, finish = await text()
            emit("", completion_chunk(said, id=id, model=MODEL))
            emit("", completion_chunk(None, id=id, model=MODEL, finish=finish))
            emit("", None)

        if asked.stream:
            return await events(request, emitted)
        said, finish = await while_there(request, text())
        return whole(completion(said, id=id, model=MODEL, finish=finish))


async def _tasks(service: Service, request: Request, about: list[ChatMessage]) -> tuple[str, str]:
    _, suggested = await service.suggested(request, about, service.wanted(None))
    return follow_ups(suggested.shown), "stop"


async def _answer(service: Service, request: Request, messages: list[ChatMessage]) -> tuple[str, str]:
    settings, model = service.settings, service.answers
    question = asked_of(messages, model.context_tokens, settings.answer_tokens, settings.seed)
    text, finish = "", "stop"
    async with service.asking(request):
        async for said in spoken(model, question):
            text, finish = said.text, said.finish or finish
    return text, finish


def _add_dify(app: FastAPI, service: Service) -> None:
    @app.post("/v1/messages/{message_id}")
    async def told(message_id: _Id, asked: DifyChat, request: Request) -> dict[str, str]:
        """Tell the chat that a message ends; it is kept in memory for an hour at most."""
        service.chats.keep(_key(request, asked.user, message_id), list(asked.messages))
        return {"result": "success"}

    @app.get("/v1/messages/{message_id}/suggested")
    async def suggested(message_id: _Id, user: _User, request: Request, max_chars: _Chars = None) -> Response:
        """Dify's suggested questions, for a chat that was told before."""
        messages = service.chats.get(_key(request, user, message_id))
        if messages is None:
            raise Refused(404, "not_found", "No chat of this message was told: POST /v1/messages/{id} first.")
        wanted = service.wanted(None, max_chars)
        _, found = await while_there(request, service.suggested(request, messages, wanted))
        return whole(dify(found.shown))


_Id = Annotated[str, Path(max_length=200)]
_User = Annotated[str, Query(min_length=1, max_length=200)]
_Chars = Annotated[int | None, Query(ge=1, le=10_000)]


def _key(request: Request, user: str, message_id: str) -> str:
    """Whose chat it is: of one key and one user; nobody else can ask for it."""
    return "\x1f".join((facts_of(request).client, user, message_id))
