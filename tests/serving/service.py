"""A running service for tests: a real socket, a scripted endpoint behind it, a client before it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from proutt.llm import ModelSpec
from proutt.serving.server import Running, models_of, running
from proutt.serving.settings import Limits, ServeSettings
from servers.scripted import ScriptedServer

CHAT = [
    {"role": "user", "content": "I want to visit Lyon in May."},
    {"role": "assistant", "content": "Good choice; two days are enough for the old town."},
]
SAID = ("Which hotel is quiet?", "Show me trains from Geneva.", "I would eat fish.", "Who can mind my dog?")
PREDICTED = "\n".join(f"<predict>{each}</predict>" for each in SAID)


UNLIMITED = Limits(per_minute=0)


class Log:
    """A log to look at."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def __call__(self, event: str, **facts: Any) -> None:
        self.lines.append({"event": event, **facts})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


class Client:
    """A client of one service."""

    def __init__(self, http: aiohttp.ClientSession, service: Running, log: Log) -> None:
        self.http, self.service, self.log, self.url = http, service, log, service.url

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer. Header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.post(self.url + path, json=body, headers=named) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(self.url + path, headers=named) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" else text

    async def suggestions(self, chat: Any = CHAT, **more: Any) -> dict[str, Any]:
        """The body of a good answer."""
        status, body = await self.post("/v1/suggestions", {"messages": chat, **more})
        assert status == 200, body
        found: dict[str, Any] = body
        return found

    async def events(self, path: str, body: Any) -> list[tuple[str, Any]]:
        """The events of a streamed answer: (name, data)."""
        async with self.http.post(self.url + path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            return [event_of(text) for text in (await answer.text()).split("\n\n") if text]

    async def metrics(self) -> str:
        return str((await self.get("/metrics"))[1])


def event_of(text: str) -> tuple[str, Any]:
    fields = dict(line.split(": ", 1) for line in text.split("\n"))
    data = fields["data"]
    return fields.get("event", ""), None if data == "[DONE]" else json.loads(data)


@asynccontextmanager
async def serving(endpoint: ScriptedServer, *, limits: Limits = UNLIMITED, **settings: Any) -> AsyncIterator[Client]:
    """A service with that endpoint, by method `prompt` unless told otherwise, and a client."""
    spec = ModelSpec(model="test-model", base_url=endpoint.url, api_key_env="")
    told = ServeSettings(**{"spec": spec, "limits": limits, "port": 0, "method": "prompt", **settings})
    log = Log()
    async with running(told, models_of(told), log) as service, aiohttp.ClientSession() as http:
        yield Client(http, service, log)
