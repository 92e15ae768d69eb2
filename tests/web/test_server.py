"""Who gets in: only this page, at this address, with the printed link's key."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from proutt.errors import UserError
from proutt.evaluation.cases import bench
from proutt.web.desk import Desk
from proutt.web.items import planned
from proutt.web.page_server import origins_of
from proutt.web.server import application, serve
from proutt.web.store import FILE, Store
from web.suggested import suggested

HOST = "127.0.0.1:8765"


@pytest.fixture
def desk(tmp_path) -> Desk:
    plan = planned(bench(suggested(tmp_path, 2)), pointwise=False, seed=0, size=100)
    return Desk(plan, Store(tmp_path / "people", {"seed": 0}), 0, 0.75)


@pytest.fixture
async def client(desk) -> AsyncIterator[TestClient]:
    app = application(desk, origins_of("127.0.0.1", 8765), finished=lambda batches: None)
    async with TestClient(TestServer(app)) as client:
        yield client


def proper(desk: Desk) -> dict[str, str]:
    return {"Host": HOST, "Origin": f"http://{HOST}", "X-Proutt-Key": desk.store.key}


def asked(client: TestClient, path: str, headers: dict[str, str], body: Any = None) -> Any:
    return client.post(path, headers=headers, data=json.dumps({"name": "Ann"} if body is None else body))


async def test_page_with_key_gets_an_item(client, desk):
    """The right Host, Origin and key, and only then, get data."""
    answer: ClientResponse = await asked(client, "/api/next", proper(desk))
    assert answer.status == 200
    assert (await answer.json())["item"] == 0


@pytest.mark.parametrize("path", ["next", "back", "answer", "agreement"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"Host": "evil.example:8765"},
        {"Host": "evil.example:8765", "Origin": "http://evil.example:8765"},  # a name that was bound anew
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:8765.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8765"},
        {"Origin": "http://localhost:8765"},
        {"Origin": None},
        {"X-Proutt-Key": None},
        {"X-Proutt-Key": "guessed"},
        {"X-Proutt-Key": "\udcff"},
    ],
    ids=str,
)
async def test_any_wrong_header_is_refused(client, desk, path, wrong):
    """A foreign name for this machine, another page, a request without the key: 403, and nothing is told or kept."""
    headers = {name: value for name, value in (proper(desk) | wrong).items() if value is not None}
    body = {"name": "Ann"} | ({"item": 0, "said": "first", "seconds": 1} if path == "answer" else {})
    answer = await asked(client, f"/api/{path}", headers, body)
    assert answer.status == 403
    assert set(await answer.json()) == {"error"}
    assert desk.store.answers() == []


@pytest.mark.parametrize("path", ["/", "/annotate.js", "/text.js", "/annotate.css", "/api/next", "/nowhere"])
async def test_policy_is_on_every_answer(client, desk, path):
    """Nothing else loads, frames or posts, and text can't become markup; on errors, too."""
    answer = await client.get(path, headers={"Host": HOST})
    assert answer.status == (405 if path == "/api/next" else 404 if path == "/nowhere" else 200)
    policy = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_page_itself_is_refused_to_a_foreign_host(client):
    """DNS rebinding gets not even the page."""
    assert (await client.get("/", headers={"Host": "evil.example:8765"})).status == 403
    assert (await client.get("/", headers={"Host": HOST, "Origin": "http://evil.example"})).status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": ""}, 409),
        ({"name": "x" * 41}, 409),
        ({"name": "a\u202eb"}, 409),
        ({"name": 5}, 400),
        ({"name": "Ann", "more": 1}, 400),
        ([], 400),
        ({"name": "x" * 5000}, 413),
    ],
    ids=str,
)
async def test_a_bad_name_or_body_is_told(client, desk, body, status):
    """What is no request of the page is answered as such, never by a crash."""
    answer = await asked(client, "/api/next", proper(desk), body)
    assert answer.status == status


@pytest.mark.parametrize(
    "given",
    [
        {"said": "a"},
        {"said": 0.5},
        {"item": 99},
        {"item": -1},
        {"seconds": math.nan},
        {"seconds": math.inf},
        {"item": "0"},
    ],
    ids=str,
)
async def test_an_answer_that_is_none_is_not_kept(client, desk, given):
    """Only first, second or tie, of an item that is there."""
    body = {"name": "Ann", "item": 0, "said": "first", "seconds": 1.5} | given
    answer = await asked(client, "/api/answer", proper(desk), body)
    assert answer.status in (400, 409)
    assert desk.store.answers() == []


async def test_nobody_comes_late_to_a_settled_item(client, desk):
    """A fourth voice, or a third on an item that the two agree on, is refused: the page goes on to the next item."""
    for name in ("Ann", "Ben"):
        for item in range(4):
            body = {"name": name, "item": item, "said": "tie", "seconds": 1}
            assert (await asked(client, "/api/answer", proper(desk), body)).status == 200
    for name in ("Cy", "Ann"):
        body = {"name": name, "item": 0, "said": "first", "seconds": 1}
        late = await asked(client, "/api/answer", proper(desk), body)
        assert late.status == 409
    assert len(desk.store.answers()) == 8


def test_every_address_at_once_is_not_served(desk):
    """0.0.0.0 has no one name to check requests against."""
    with pytest.raises(UserError, match="every address"):
        serve(desk, host="0.0.0.0", port=0, ready=print, finished=print)


def test_taken_port_is_told(desk):
    """A port in use is named, with the remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="--port"):
        serve(desk, host="127.0.0.1", port=taken.getsockname()[1], ready=print, finished=print)


def test_the_folder_is_one_process_alone(desk, tmp_path):
    """A second server over the same answers is refused, and says why."""
    with pytest.raises(UserError, match="another proutt annotate"):
        Store(tmp_path / "people", {"seed": 0})


def test_other_settings_are_another_annotation(desk, tmp_path):
    """Numbers of items would mean other items: it names what differs."""
    desk.store.close()
    with pytest.raises(UserError, match="other seed"):
        Store(tmp_path / "people", {"seed": 1})
    Store(tmp_path / "people", {"seed": 0}).close()


def test_file_with_the_key_is_the_owners(desk, tmp_path):
    """Nobody else on the machine can read the key out of the folder."""
    assert (tmp_path / "people" / FILE).stat().st_mode & 0o077 == 0


def test_damaged_file_is_told(tmp_path):
    """A file that is no database is named, not overwritten."""
    (tmp_path / FILE).write_bytes(b"no database " * 200)
    with pytest.raises(UserError, match="damaged"):
        Store(tmp_path, {})
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


def test_abandoned_batch_is_given_to_others(desk):
    """Who does not come back is released from what they left unfinished: somebody else takes the place."""
    for item in range(4):
        desk.answer("Ann", item, "tie", 1.0)
    desk.answer("Ben", 0, "tie", 1.0)
    assert desk.next("Cy") == {"rest": "wait"}
    assert desk.release("Ann") == 0  # what is finished stays
    assert desk.release("ben") == 1
    assert desk.next("Cy")["item"] == 0
    assert [answer.annotator for answer in desk.store.answers()] == ["Ann"] * 4
    with pytest.raises(UserError, match="nobody"):
        desk.release("Dan")


async def test_finished_batch_is_told_with_its_answers(desk):
    """When the second annotator is done, the files can be written: once, with what was said."""
    told: list[Any] = []
    app = application(desk, origins_of("127.0.0.1", 8765), finished=told.append)
    async with TestClient(TestServer(app)) as client:
        for name in ("Ann", "Ben"):
            for item in range(4):
                body = {"name": name, "item": item, "said": "tie", "seconds": 1}
                await asked(client, "/api/answer", proper(desk), body)
            assert len(told) == (0 if name == "Ann" else 1)
    assert [len(said) for said in told[0][0].said.values()] == [4, 4]
