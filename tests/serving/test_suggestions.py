"""POST /v1/suggestions over real sockets: what is given, when nothing is, and who is not kept waiting."""

from __future__ import annotations

import asyncio
import math
import socket

import aiohttp
import pytest

from prediction.contexts import SAID as PROUTT_SAID
from prediction.contexts import completion
from proutt.serving.settings import Limits
from servers.scripted import Answer, refusal
from serving.service import CHAT, PREDICTED, SAID, serving


def texts(answer):
    return [each["text"] for each in answer["suggestions"]]


async def test_a_chat_gets_suggestions(endpoint):
    """Messages in; suggestions in rank order, the model and the time it took out."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        answer = await client.suggestions()
        assert texts(answer) == list(SAID)
        assert answer["reason"] is None
        assert answer["model"].startswith("test-model @ ")
        assert answer["took_ms"] > 0
        assert answer["suggestions"][0]["score"] is None


async def test_a_trained_model_brings_perspective_type_path_tree_and_reasoning(endpoint):
    """Tree and reasoning are given where they are asked for, and only there."""
    endpoint.script(completion())
    async with serving(endpoint, method="proutt") as client:
        plain = await client.suggestions()
        assert texts(plain) == list(PROUTT_SAID)
        first = plain["suggestions"][0]
        assert (first["perspective"], first["sentence_type"]) == ("exploitation", "interrogative")
        assert first["path"] == {"topic": "Trip", "attribute": "Hotel", "value": "quiet"}
        assert plain["tree"] is None
        assert plain["reasoning"] is None
        whole = await client.suggestions(tree=True, reasoning=True)
        assert whole["tree"]["Trip"]["City"]["value"] == "Lyon"
        assert "[User Intent Tree]" in whole["reasoning"]


async def test_each_suggestion_is_sent_as_its_tag_closes(endpoint):
    """The second event comes with what is known of it while the model has not ended; leaving then ends the call."""
    cut = completion().index(PROUTT_SAID[2])
    endpoint.script(Answer(pieces=[completion()[:cut]], hold=True))
    async with serving(endpoint, method="proutt", timeout_s=60.0) as client:
        body = {"messages": CHAT, "stream": True}
        async with client.http.post(f"{client.url}/v1/suggestions", json=body) as answer:
            seen = b""
            while seen.count(b"\n\n") < 2:
                seen += await answer.content.readany()
        assert b'"text":"Show me trains from Geneva."' in seen
        assert b'"perspective":"exploitation"' in seen
        assert b"event: done" not in seen
        assert await asyncio.to_thread(endpoint.left.wait, 30)


async def test_stream_ends_with_the_whole_answer(endpoint):
    """The last event is what a request without streaming gets; Accept asks for a stream as well."""
    endpoint.script(completion())
    async with serving(endpoint, method="proutt") as client:
        events = await client.events("/v1/suggestions", {"messages": CHAT, "stream": True, "tree": True})
        assert [name for name, _ in events] == ["suggestion"] * 4 + ["done"]
        assert [data["text"] for _, data in events[:4]] == list(PROUTT_SAID)
        done = events[-1][1]
        assert texts(done) == list(PROUTT_SAID)
        assert done["tree"]
        for early, late in zip(events[:4], done["suggestions"], strict=True):
            assert {name: early[1][name] for name in late} == late
        async with client.http.post(
            f"{client.url}/v1/suggestions", json={"messages": CHAT}, headers={"Accept": "text/event-stream"}
        ) as answer:
            assert answer.content_type == "text/event-stream"


async def test_a_client_that_leaves_ends_the_call_upstream(endpoint):
    """Nobody computes for somebody who has gone: the model's server sees the connection close."""
    endpoint.script(Answer(pieces=["<predict>Which"], hold=True))
    async with serving(endpoint, timeout_s=60.0) as client:
        leaving = asyncio.ensure_future(client.suggestions())
        while not endpoint.requests:
            await asyncio.wait({leaving}, timeout=0.01)
        leaving.cancel()
        assert await asyncio.to_thread(endpoint.left.wait, 30)
        while "proutt_clients_gone_total 1.0" not in await client.metrics():
            pass
        assert "proutt_in_flight 0.0" in await client.metrics()


async def test_time_that_is_up_gives_what_has_come_and_says_so(endpoint):
    """A slow model never keeps the user waiting; its call is ended."""
    endpoint.script(Answer(pieces=[f"<predict>{SAID[0]}</predict>\n<predict>Show"], hold=True))
    async with serving(endpoint, timeout_s=0.5) as client:
        answer = await client.suggestions()
        assert texts(answer) == [SAID[0]]
        assert answer["reason"] == "timeout"
        assert await asyncio.to_thread(endpoint.left.wait, 30)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Answer(pieces=["Hm"], hold=True), "timeout"),
        (Answer("I'm sorry, but I can't help with that."), "refused"),
        (Answer("<think>For ever and ever", finish="length"), "cut-off"),
        (Answer("<think>No end"), "unclosed-reasoning"),
        (Answer(""), "empty"),
        (Answer("Nice weather."), "no-suggestions"),
        (Answer("<predict>I want to visit Lyon in May!</predict>"), "left-out"),
        (refusal("This model's maximum context length is 100 tokens"), "context-too-long"),
    ],
    ids=["timeout", "refused", "cut-off", "unclosed", "empty", "none", "left-out", "context"],
)
async def test_an_empty_list_has_its_reason(endpoint, said, reason):
    """A model's fault is 200 with an empty list and why, and is counted by that."""
    endpoint.script(said)
    async with serving(endpoint, timeout_s=0.5) as client:
        answer = await client.suggestions()
        assert answer["suggestions"] == []
        assert answer["reason"] == reason
        assert f'proutt_empty_total{{reason="{reason}"}} 1.0' in await client.metrics()


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        ([], "no-round"),
        (CHAT[1:], "no-round"),
        (CHAT[:1], "no-answer-yet"),
        ([*CHAT, {"role": "user", "content": "And in June?"}], "no-answer-yet"),
    ],
    ids=["empty", "opening", "unanswered", "second"],
)
async def test_no_model_is_asked_where_there_is_nothing_to_foresee(endpoint, chat, reason):
    """Suggestions follow an answer: before the first one, and while one is awaited, there are none."""
    async with serving(endpoint) as client:
        assert (await client.suggestions(chat))["reason"] == reason
        assert endpoint.requests == []


async def test_scores_are_the_models_and_an_unsure_model_is_silent(endpoint):
    """The geometric mean of the tokens' probabilities; below --min-score nothing is shown, and that is the reason."""
    endpoint.script(Answer(PREDICTED, logprob=math.log(0.4)))
    async with serving(endpoint) as client:
        answer = await client.suggestions()
        assert [each["score"] for each in answer["suggestions"]] == [pytest.approx(0.4)] * 4
        assert endpoint.bodies[0]["logprobs"] is True
    async with serving(endpoint, min_score=0.5) as client:
        answer = await client.suggestions()
        assert (answer["suggestions"], answer["reason"], answer["left_out"]) == ([], "unsure", {"unsure": 4})


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (refusal("down", 500), 502, "upstream-gone"),
        (refusal("bad key canary-key", 401), 502, "upstream-refused"),
        (refusal("slow down", 429, Retry_After="7"), 503, "upstream-busy"),
        (Answer(drop=True), 502, "upstream-gone"),
        (Answer("<think>It broke off in here, before", cut=True), 502, "upstream-gone"),
    ],
    ids=["500", "401", "429", "dropped", "cut"],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_server_that_is_gone_is_a_502(endpoint, said, status, code, stream):
    """Neither the client's fault nor an empty list; the client learns nothing of the server's address or words."""
    endpoint.script(said)
    async with serving(endpoint) as client:
        async with client.http.post(
            f"{client.url}/v1/suggestions", json={"messages": CHAT, "stream": stream}
        ) as answer:
            body = await answer.json()
            assert (answer.status, body["error"]["code"]) == (status, code)
            assert "canary-key" not in str(body)
            assert endpoint.url not in str(body)
            assert answer.headers.get("Retry-After") == ("7" if status == 503 else None)
        endpoint.script(PREDICTED)  # and it comes back
        assert texts(await client.suggestions()) == list(SAID)


async def test_a_connection_that_was_closed_while_idle_is_no_failure(endpoint):
    """The server ends an idle connection whenever it likes; the call that finds out is made once more, and no other."""
    endpoint.script(Answer(drop=True), PREDICTED)
    async with serving(endpoint) as client:
        assert texts(await client.suggestions()) == list(SAID)
        endpoint.script(refusal("down", 500), PREDICTED)
        assert (await client.post("/v1/suggestions", {"messages": CHAT}))[0] == 502
        assert len(endpoint.requests) == 3


async def test_a_server_that_breaks_off_late_is_an_event(endpoint):
    """What was streamed stays; the last event is the error, for the status has gone out already."""
    endpoint.script(Answer(cut=True, pieces=[f"<predict>{SAID[0]}</predict>", "\n", "<predict>", "x", "y"]))
    async with serving(endpoint) as client:
        events = await client.events("/v1/suggestions", {"messages": CHAT, "stream": True})
        assert [name for name, _ in events] == ["suggestion", "error"]
        assert events[1][1]["code"] == "upstream-gone"


async def test_language_and_number_are_the_requests(endpoint):
    """n bounds the list and the prompt asks for as many; a language that is named is not guessed."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        answer = await client.suggestions(n=2, language="en-GB")
        assert texts(answer) == list(SAID[:2])
        assert answer["language"] == "en"
        assert " 2 " in endpoint.bodies[0]["messages"][-1]["content"]
        chinese = await client.suggestions(language="zh")
        assert chinese["left_out"] == {"language": 4}


async def test_slow_client_holds_nobody_up(endpoint):
    """While one client reads nothing of its stream, 64 others are answered, and none of their places is its."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, limits=Limits(per_minute=0, in_flight=64)) as client:
        host, port = client.url.removeprefix("http://").split(":")
        slow = socket.create_connection((host, int(port)))
        slow.sendall(f"POST /v1/suggestions HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 500\r\n\r\n{{".encode())
        answers = await asyncio.gather(*(client.suggestions() for _ in range(64)))
        assert all(texts(answer) == list(SAID) for answer in answers)
        slow.close()


async def test_one_more_than_fits_is_told_when_to_come_back(endpoint):
    """503 with Retry-After, while those in flight go on."""
    endpoint.script(Answer(pieces=["<predict>"], hold=True))
    async with serving(endpoint, limits=Limits(per_minute=0, in_flight=1), timeout_s=60.0) as client:
        held = asyncio.ensure_future(client.suggestions())
        while not endpoint.requests:
            await asyncio.wait({held}, timeout=0.01)
        async with client.http.post(f"{client.url}/v1/suggestions", json={"messages": CHAT}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            assert (await answer.json())["error"]["code"] == "busy"
        held.cancel()


async def test_requests_in_flight_end_well_when_the_service_stops(endpoint):
    """A request that has begun is answered; later ones find nobody."""
    endpoint.script(Answer(pieces=[f"<predict>{SAID[0]}</predict>"], hold=True))
    async with serving(endpoint, timeout_s=1.0) as client:
        begun = asyncio.ensure_future(client.suggestions())
        while not endpoint.requests:
            await asyncio.wait({begun}, timeout=0.01)
        client.service.stop()
        assert texts(await begun) == [SAID[0]]
        await client.service.ended()
        with pytest.raises(aiohttp.ClientError):
            await client.get("/healthz")
