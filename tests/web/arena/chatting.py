"""An arena of two chatbots behind a scripted endpoint, and people who chat with them over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from proutt.llm import ModelSpec
from proutt.llm.models import open_transport
from proutt.serving.renewing import Renewing
from proutt.web.arena.bots import Bot, Manner
from proutt.web.arena.desk import Desk, Terms
from proutt.web.arena.server import application
from proutt.web.arena.store import Store, settings_of
from proutt.web.page_server import origins_of
from servers.scripted import ScriptedServer

HOST = "127.0.0.1:8767"
#: What a participant must never learn.
NAMES = {"a": "planted-alpha-7b", "b": "planted-beta-8b"}
MANNER = Manner()
ASPECTS = ("relevance", "interest", "value", "overall")


def echo(body: Mapping[str, Any]) -> str:
    """A chatbot that says how much it has heard, the same way whichever it is."""
    return f"You have said {sum(each['role'] == 'user' for each in body['messages'])} things."


class Arena:
    """An arena that is served, and what its participants do."""

    def __init__(self, client: TestClient, desk: Desk, notes: Sequence[str]) -> None:
        self.client, self.desk, self.notes = client, desk, notes
        self.links = {number: key for key, number in desk.keys.items()}
        self.told: list[str] = []  # every byte that a page got

    async def ask(self, who: int, what: str, /, headers: Mapping[str, str | None] = {}, **body: Any) -> tuple[int, Any]:
        """The status and the answer."""
        proper = {"Host": HOST, "Origin": f"http://{HOST}", "X-Proutt-Key": self.links.get(who, "")} | dict(headers)
        sent = {name: value for name, value in proper.items() if value is not None}
        answer = await self.client.post(f"/api/{what}", headers=sent, data=json.dumps(body))
        text = await answer.text()
        self.told += [text, *answer.headers.values()]
        return answer.status, json.loads(text) if answer.content_type == "application/json" else {"error": text}

    async def chat(self, who: int, bot: int, *said: str) -> Any:
        """Say these, each answered; the visit then."""
        _, visit = await self.ask(who, "reply", bot=bot)
        for text in said:
            at = len(visit["chats"][bot - 1]["said"])
            status, _ = await self.ask(who, "say", bot=bot, at=at, text=text)
            assert status == 200
            _, visit = await self.ask(who, "reply", bot=bot)
        return visit

    async def whole(self, who: int, preferred: str, words: str = "") -> Any:
        """A whole visit: three turns with each, then a verdict, the same of every aspect."""
        for bot in (1, 2):
            await self.chat(who, bot, "I keep bees.", "In Lyon.", "Tell me more.")
        verdict = dict.fromkeys(ASPECTS, preferred)
        status, visit = await self.ask(who, "judge", preferred=verdict, words=words)
        assert (status, visit["judged"]) == (200, True)


@asynccontextmanager
async def arena(
    folder: Path, endpoint: ScriptedServer, *, participants: int = 2, manner: Manner = MANNER, least_s: float = 0
) -> AsyncIterator[Arena]:
    """An arena in this folder, new or gone on with."""
    notes: list[str] = []
    specs = {side: ModelSpec(model=name, base_url=endpoint.url) for side, name in NAMES.items()}
    bots = {side: Bot(NAMES[side], Renewing(open_transport(spec, environ={}))) for side, spec in specs.items()}
    settings = settings_of(NAMES, NAMES, manner, least_turns=3)
    with Store(folder, settings) as store:
        desk = Desk(bots, manner, Terms(3, least_s), store, store.invite(participants), notes.append)
        async with TestClient(TestServer(application(desk, origins_of("127.0.0.1", 8767)))) as client:
            yield Arena(client, desk, notes)
        for bot in bots.values():
            await bot.model.close()
