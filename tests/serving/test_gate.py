"""Who gets in, how much and how often; and what nobody learns from an error, a log or a number."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.llm import ModelSpec
from proutt.serving.addresses import hosts_of
from proutt.serving.memory import Memory
from proutt.serving.rate import MOST_CLIENTS, Rate
from proutt.serving.server import checked, models_of
from proutt.serving.settings import Limits, ServeSettings
from servers.scripted import Answer
from serving.service import CHAT, PREDICTED, Client, serving

KEYS = ("canary-key-0123456789abcdef", "another-key-0123456789abcde")
ORIGIN = "https://chat.example.org"
BODY = {"messages": CHAT}


async def raw(client: Client, request: bytes) -> bytes:
    """What comes back for these bytes, until the connection closes."""
    host, port = client.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        return await reader.read()
    except ConnectionResetError:  # it has not even read all of it
        return b""
    finally:
        writer.close()


async def test_loopback_is_open_to_this_machine_and_closed_to_rebound_names(endpoint):
    """Host must be the address itself: a foreign name that resolves to this machine gets nothing, not even health."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        port = client.url.rpartition(":")[2]
        assert (await client.post("/v1/suggestions", BODY, Host=f"localhost:{port}"))[0] == 200
        for host in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}.evil.example", f"127.0.0.1:{port}0", ""):
            for path in ("/v1/config", "/healthz", "/", "/openapi.json", "/metrics"):
                status, body = await client.get(path, Host=host)
                assert (status, body["error"]["code"]) == (403, "host")
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://localhost:1", ORIGIN])
async def test_another_page_may_not_ask(endpoint, origin):
    """A browser says whose page asks: none but our own, unless it is allowed."""
    async with serving(endpoint) as client:
        status, body = await client.post("/v1/suggestions", BODY, Origin=origin)
        assert (status, body["error"]["code"]) == (403, "origin")
        assert endpoint.requests == []


async def test_an_allowed_origin_may_ask_and_read_errors_too(endpoint):
    """--allow-origin lets one page in, preflight included; the others stay out."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, origins=(ORIGIN,), keys=KEYS) as client:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        asked |= {"Access-Control-Request-Headers": "authorization,content-type"}
        async with client.http.options(f"{client.url}/v1/suggestions", headers=asked) as answer:
            assert answer.status == 200
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        for key, status in ((KEYS[0], 200), ("wrong", 401)):
            headers = {"Origin": ORIGIN, "Authorization": f"Bearer {key}"}
            async with client.http.post(f"{client.url}/v1/suggestions", json=BODY, headers=headers) as answer:
                assert answer.status == status
                assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert (await client.post("/v1/suggestions", BODY, Origin="https://evil.example"))[0] == 403


async def test_each_key_opens_and_nothing_else_does(endpoint):
    """Several keys, each whole; what asks a model or tells numbers wants one, health and page do not."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, keys=KEYS) as client:
        for key in KEYS:
            assert (await client.post("/v1/suggestions", BODY, Authorization=f"Bearer {key}"))[0] == 200
        for said in ("", "Bearer", f"Bearer {KEYS[0]}x", f"Bearer {KEYS[0][:-1]}", f"Basic {KEYS[0]}", "Bearer é"):
            for path in ("/v1/config", "/v1/models", "/metrics", "/v1/messages/1/suggested?user=a"):
                status, body = await client.get(path, Authorization=said)
                assert (status, body["error"]["code"]) == (401, "key")
        assert (await client.get("/healthz"))[0] == 200
        assert {line["client"] for line in client.log.of("request") if line["status"] == 200} >= {"key 0", "key 1"}


def test_off_loopback_a_key_is_demanded():
    """A service that others can reach is never open; several addresses for one model are refused."""
    spec = ModelSpec(model="m", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(UserError, match="--client-key-env"):
        checked(ServeSettings(spec, host="0.0.0.0"))
    assert checked(ServeSettings(spec, host="0.0.0.0", keys=KEYS)).keys == KEYS
    with pytest.raises(UserError, match="one address"):
        checked(ServeSettings(spec.model_copy(update={"base_url": "http://a/v1,http://b/v1"})))
    assert hosts_of("::1", 80) >= {"[::1]:80", "localhost", "[::1]"}


async def test_a_taken_port_is_told(endpoint):
    """A port in use is named, with the remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        from proutt.serving.log import silent
        from proutt.serving.server import running

        spec = ModelSpec(model="m", base_url=endpoint.url, api_key_env="")
        settings = ServeSettings(spec, port=taken.getsockname()[1])
        with pytest.raises(UserError, match="--port"):
            async with running(settings, models_of(settings), silent):
                pass


_HOSTILE = {
    "not JSON": (b"{", 422),
    "nothing": (b"", 422),
    "a list": (b"[]", 422),
    "deep": (b'{"messages":' + b"[" * 200_000, 400),
    "deep objects": (b'{"messages":[{"role":"user","content":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}]}", None),
    "bad UTF-8": (b'{"messages":[{"role":"user","content":"\xff\xfe"}]}', 400),
    "NUL": (b'{"messages":[{"role":"user","content":"a\\u0000b"}]}', 422),
    "raw NUL": (b'{"messages":[{"role":"user","content":"a\x00b"}]}', 422),
    "half a character": (b'{"messages":[{"role":"user","content":"\\ud800"}]}', 422),
    "wrong types": (b'{"messages":[{"role":5,"content":true}]}', 422),
    "messages no list": (b'{"messages":"hello"}', 422),
    "unknown speaker": (b'{"messages":[{"role":"wizard","content":"hello"}]}', 422),
    "unknown field": (b'{"messages":[],"temprature":1}', 422),
    "huge n": (b'{"messages":[],"n":1e400}', 422),
    "long number": (b'{"messages":[],"n":' + b"9" * 5000 + b"}", None),
    "bad language": (b'{"messages":[],"language":"../../etc"}', 422),
    "many messages": (json.dumps({"messages": [{"role": "user", "content": "a"}] * 4001}).encode(), 422),
}


@pytest.mark.parametrize("name", _HOSTILE)
async def test_a_hostile_body_is_a_4xx_that_quotes_nothing(endpoint, name):
    """Whatever is sent, the answer is JSON with a code and a sentence; no model is asked, and the service goes on."""
    data, expected = _HOSTILE[name]
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        headers = {"Content-Type": "application/json"}
        async with client.http.post(f"{client.url}/v1/suggestions", data=data, headers=headers) as answer:
            assert 400 <= answer.status < 500
            assert expected in {None, answer.status}
            body = await answer.json()
            assert set(body) == {"error"}
            assert set(body["error"]) == {"code", "message", "request_id"}
            assert "wizard" in str(body) or "hello" not in str(body)
        assert endpoint.requests == []
        assert (await client.suggestions())["suggestions"]


async def test_a_form_of_a_foreign_page_is_no_request(endpoint):
    """Only application/json is read: what a page can send without asking first is refused."""
    async with serving(endpoint) as client:
        data = json.dumps(BODY)
        async with client.http.post(
            f"{client.url}/v1/suggestions", data=data, headers={"Content-Type": "text/plain"}
        ) as answer:
            assert answer.status == 422
        assert endpoint.requests == []


async def test_a_body_may_be_so_large_and_no_larger(endpoint):
    """Told or not, what is longer is refused before it is read; memory stays bounded."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, limits=Limits(body_bytes=2000, per_minute=0)) as client:
        assert (await client.suggestions())["suggestions"]
        status, body = await client.post("/v1/suggestions", {"messages": CHAT, "language": "e" * 3000})
        assert (status, body["error"]["code"]) == (413, "too-large")

        async def endless():
            for _ in range(64):
                yield b" " * 1000

        async with client.http.post(f"{client.url}/v1/suggestions", data=endless()) as answer:
            assert answer.status == 413
        host = client.url.removeprefix("http://").encode()
        head = b"POST /v1/suggestions HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: "
        assert b" 413 " in (await raw(client, head + b"9" * 15 + b"\r\n\r\n")).partition(b"\r\n")[0]


async def test_a_body_that_does_not_come_is_not_waited_for(endpoint):
    """Who sends a byte now and then holds a connection for a while, and no more."""
    async with serving(endpoint, limits=Limits(body_s=0.2, per_minute=0)) as client:
        host = client.url.removeprefix("http://").encode()
        answer = await raw(
            client, b"POST /v1/suggestions HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 10\r\n\r\n{"
        )
        assert b" 408 " in answer.partition(b"\r\n")[0]


async def test_two_hosts_and_broken_http_are_refused(endpoint):
    """Neither a second Host header nor what is no HTTP gets an answer of the service."""
    async with serving(endpoint) as client:
        host = client.url.removeprefix("http://").encode()
        for request in (
            b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            b"\x16\x03\x01\x02\x00\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: " + host + b"\r\nX: " + b"a" * 2**20 + b"\r\n\r\n",
        ):
            assert b" 200 " not in (await raw(client, request)).partition(b"\r\n")[0]
        assert (await client.get("/healthz"))[0] == 200


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/page/__init__.py", "/v1/x"])
async def test_no_path_leads_out(endpoint, path):
    """Files are those of the page, read at the start: a path is only ever compared."""
    async with serving(endpoint) as client:
        host = client.url.removeprefix("http://")
        answer = await raw(client, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 404 " in answer.partition(b"\r\n")[0]


async def test_too_often_is_429_with_a_time(endpoint):
    """Each key has its own share; health is never refused."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, keys=KEYS, limits=Limits(per_minute=2)) as client:
        statuses = [
            (await client.post("/v1/suggestions", BODY, Authorization=f"Bearer {KEYS[0]}"))[0] for _ in range(3)
        ]
        assert statuses == [200, 200, 429]
        async with client.http.get(f"{client.url}/v1/config", headers={"Authorization": f"Bearer {KEYS[0]}"}) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert (await client.post("/v1/suggestions", BODY, Authorization=f"Bearer {KEYS[1]}"))[0] == 200
        guessed = [(await client.get("/v1/config", Authorization=f"Bearer guess-{n}"))[0] for n in range(4)]
        assert guessed == [401, 401, 429, 429]
        assert (await client.get("/healthz"))[0] == 200


async def test_every_answer_has_the_policy_and_its_number(endpoint):
    """Nothing else loads, frames or posts; a request's own number comes back, a strange one is replaced."""
    async with serving(endpoint) as client:
        for path in ("/healthz", "/nowhere", "/v1/config"):
            for given, kept in (("trace-1.a", True), ("x" * 65, False), ("a b", False)):
                async with client.http.get(client.url + path, headers={"X-Request-Id": given}) as answer:
                    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                    assert "unsafe" not in answer.headers["Content-Security-Policy"]
                    assert answer.headers["X-Content-Type-Options"] == "nosniff"
                    assert "Server" not in answer.headers
                    assert (answer.headers["X-Request-Id"] == given) is kept


async def test_no_log_line_and_no_number_holds_a_text_a_key_or_an_address(endpoint):
    """Canaries in everything that is sent, the model's answer and its errors included."""
    endpoint.script(
        Answer("<predict>CANARY-predicted is it?</predict>"), Answer("CANARY-refused", status=500), Answer("no")
    )
    chat = [{"role": "user", "content": "CANARY-user asks"}, {"role": "assistant", "content": "CANARY-answer"}]
    async with serving(endpoint, keys=(KEYS[0],), tries=1) as client:
        auth = {"Authorization": f"Bearer {KEYS[0]}", "User-Agent": "CANARY-agent"}
        for body in ({"messages": chat}, {"messages": chat}, {"messages": chat}, {"messages": "CANARY-wrong"}):
            await client.post("/v1/suggestions", body, **auth)
        await client.get("/CANARY-path", **auth)
        await client.get("/v1/messages/CANARY-id/suggested?user=CANARY-name", **auth)
        page = (await client.get("/metrics", **auth))[1]
        told = json.dumps(client.log.lines) + page
        for canary in ("CANARY", KEYS[0], "127.0.0.1"):
            assert canary not in told
        assert [line["status"] for line in client.log.of("request")] == [200, 502, 200, 422, 404, 404, 200]
        assert 'proutt_requests_total{route="/v1/suggestions",status="200"} 2.0' in page
        assert 'proutt_upstream_failures_total{kind="http-500"} 1.0' in page
        assert 'route="other"' in page


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=60), st.integers(1, 20))
def test_no_client_gets_more_than_its_rate(asked, per_minute):
    """In any time, at most a bucket and what flowed in; clients do not take from each other."""
    clock = [0.0]
    rate = Rate(per_minute, now=lambda: clock[0])
    got = {"a": 0, "b": 0}
    for client, passed in asked:
        clock[0] += passed
        wait_s = rate.wait_s(client)
        assert wait_s >= 0
        got[client] += wait_s == 0
    for count in got.values():
        assert count <= per_minute + clock[0] * per_minute / 60 + 1e-6


def test_clients_and_chats_remembered_are_bounded():
    """Whoever comes with ever new names fills no memory; what is old is forgotten."""
    rate, clock = Rate(1), [0.0]
    for number in range(MOST_CLIENTS + 10):
        rate.wait_s(str(number))
    assert len(rate._buckets) == MOST_CLIENTS
    memory: Memory[int] = Memory(3, 60.0, now=lambda: clock[0])
    for number in range(10):
        memory.keep(str(number), number)
    assert (len(memory), memory.get("9"), memory.get("0")) == (3, 9, None)
    clock[0] = 61.0
    assert memory.get("9") is None


async def test_health_readiness_and_the_contract_are_told(endpoint):
    """Running, able to ask, and what every path takes; without a browser's page that loads from elsewhere."""
    async with serving(endpoint) as client:
        assert await client.get("/healthz") == (200, {"status": "ok"})
        assert (await client.get("/readyz"))[0] == 200
        _, contract = await client.get("/openapi.json")
        paths = set(contract["paths"])
        assert {"/v1/suggestions", "/v1/chat", "/v1/feedback", "/v1/config", "/v1/chat/completions"} <= paths
        fields = contract["components"]["schemas"]["SuggestionsAsked"]["properties"]
        assert set(fields) == {"messages", "n", "language", "reasoning", "tree", "max_chars", "stream"}
        assert (await client.get("/docs"))[0] == 404
        config = (await client.get("/v1/config"))[1]
        assert (config["method"], config["model"], config["timeout_s"]) == ("prompt", "test-model", 3.0)
        assert endpoint.url not in str(config)
        endpoint.models = None  # a server that lists no models may still answer
        assert (await client.get("/readyz"))[0] == 200
    gone = ModelSpec(model="m", base_url="http://127.0.0.1:9/v1", api_key_env="")
    async with serving(endpoint, spec=gone) as client:
        assert await client.get("/readyz") == (503, {"status": "not ready", "reason": "connect"})
