"""The shapes in which existing front ends ask for suggestions and take them. Pure.

Open WebUI   its follow-up task: a chat completion whose prompt quotes the last messages; JSON in the answer's text
Dify         GET /messages/{id}/suggested: texts; it tells an id only, so the chat must have been told before
assistant-ui items of title, label and prompt
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from proutt.serving.shapes import Asked, ChatMessage, Messages
from proutt.serving.suggesting import Scored

#: What Open WebUI's template, and those that administrators write after it, ask for and how they quote the chat.
_FOLLOW_UPS = re.compile(r"\bfollow_ups\b")
_HISTORY = re.compile(r"<chat_history>\n?(.*)\n?</chat_history>", re.DOTALL)
_SPEAKER = re.compile(r"^(USER|ASSISTANT|SYSTEM|TOOL): ?", re.MULTILINE)


class Completion(BaseModel):
    """A request of the chat-completions protocol; of its many fields those that mean something here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model: Annotated[str, Field(max_length=200)] = ""
    messages: Messages
    stream: bool = False


class DifyChat(Asked):
    """The chat that a message ends."""

    messages: Messages
    user: Annotated[str, Field(min_length=1, max_length=200)]


class AssistantUiAsked(BaseModel):
    """What assistant-ui's `generate` is given: its thread's messages."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    messages: Messages
    n: int | None = Field(None, ge=1, le=16)
    max_chars: int | None = Field(None, ge=1, le=10_000)


def follow_up_chat(messages: Sequence[ChatMessage]) -> list[ChatMessage] | None:
    """The chat that a follow-up task asks about; None where the request is another one.

    A conversation that ends with the assistant is itself one: there is nothing in it to answer.
    """
    spoken = [each for each in messages if each.role in {"user", "assistant"}]
    if not spoken:
        return None
    last = spoken[-1]
    if last.role == "assistant":
        return list(messages)
    text = _text(last)
    history = _HISTORY.search(text)
    if history is None or not _FOLLOW_UPS.search(text[: history.start()] + text[history.end() :]):
        return None
    return quoted_chat(history[1])


def quoted_chat(text: str) -> list[ChatMessage]:
    """The messages of a chat that is written as `USER: …` and `ASSISTANT: …`, each at a line's beginning.

    The layout quotes nothing: a line of a message that begins so reads as a message of its own.
    """
    marks = list(_SPEAKER.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)][: len(marks)]
    return [
        ChatMessage(role=mark[1].lower(), content=text[mark.end() : end].strip("\n"))
        for mark, end in zip(marks, ends, strict=True)
    ]


def _text(message: ChatMessage) -> str:
    if isinstance(message.content, list):
        return "\n".join(part.text for part in message.content if part.text)
    return message.content or ""


def follow_ups(shown: Sequence[Scored]) -> str:
    """What Open WebUI reads in the answer's text."""
    return json.dumps({"follow_ups": _texts(shown)}, ensure_ascii=False)


def completion(text: str, *, id: str, model: str, finish: str = "stop") -> dict[str, Any]:
    """A whole chat completion. Tokens are not counted: whoever bills has the model's server for that."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": id, "object": "chat.completion", "created": int(time.time()), "model": model, "choices": [choice]}


def completion_chunk(text: str | None, *, id: str, model: str, finish: str | None = None) -> dict[str, Any]:
    """A piece of a chat completion."""
    delta = {} if text is None else {"role": "assistant", "content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    created = int(time.time())
    return {"id": id, "object": "chat.completion.chunk", "created": created, "model": model, "choices": [choice]}


def models(name: str) -> dict[str, Any]:
    """What /v1/models lists."""
    return {"object": "list", "data": [{"id": name, "object": "model", "created": 0, "owned_by": "proutt"}]}


def dify(shown: Sequence[Scored]) -> dict[str, Any]:
    """Dify's suggested questions."""
    return {"result": "success", "data": _texts(shown)}


def assistant_ui(shown: Sequence[Scored]) -> list[dict[str, str]]:
    """assistant-ui's suggestions: the prompt is the title, too; the label is the topic, where the method has one."""
    return [
        {"title": each.suggestion.text}
        | ({} if each.suggestion.path is None else {"label": each.suggestion.path.topic})
        | {"prompt": each.suggestion.text}
        for each in shown
    ]


def _texts(shown: Sequence[Scored]) -> list[str]:
    return [each.suggestion.text for each in shown]
