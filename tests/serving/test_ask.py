"""POST /v1/ask: what is known is answered, one missing intention is asked for, and a summary is executed."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proutt.prediction.workflow import Memory
from proutt.serving.asking import AskState, memory_of, state_of
from proutt.serving.chats import Refused
from servers.scripted import Answer
from serving.mining import DONE, HOTEL, KNOWN, OPTIONS, PLAIN, TASKS, Miner
from serving.service import UNLIMITED, Client, serving

FIRST = "A hotel in Suzhou, please. canary-7391"


class Talk:
    """A client that keeps the chat and hands the state back."""

    def __init__(self, client: Client) -> None:
        self.client, self.messages, self.state = client, [], None  # type: ignore[var-annotated]

    async def say(self, words: str) -> dict[str, Any]:
        self.messages.append({"role": "user", "content": words})
        return await self._asked({})

    async def execute(self) -> dict[str, Any]:
        return await self._asked({"execute": True})

    async def _asked(self, more: dict[str, Any]) -> dict[str, Any]:
        status, body = await self.client.post("/v1/ask", {"messages": self.messages, "state": self.state, **more})
        assert status == 200, body
        self.messages.append({"role": "assistant", "content": body["text"]})
        self.state = body["state"]
        found: dict[str, Any] = body
        return found


async def test_a_task_from_the_first_words_to_its_execution(endpoint):
    """Answer and question with options, round by round; then the summary, which is put right, and done when asked."""
    endpoint.answer = miner = Miner()
    async with serving(endpoint, tasks=TASKS) as client:
        talk = Talk(client)
        first = await talk.say(FIRST)
        assert (first["kind"], first["answer"], first["ask"]) == ("asking", KNOWN, "stars")
        assert first["options"] == list(OPTIONS["stars"])
        assert first["text"] == f"{KNOWN}\n\n{first['question']}"
        assert first["state"]["given"] == {"city": "Suzhou"}
        assert first["state"]["missing"] == ["stars", "budget"]
        second = await talk.say("four stars")
        assert (second["kind"], second["ask"]) == ("asking", "budget")
        third = await talk.say("100 euros")
        assert (third["kind"], third["question"], third["options"]) == ("complete", None, [])
        assert third["summary"] == {"city": "Suzhou", "stars": "four stars", "budget": "100 euros"}
        assert third["text"].splitlines()[0] == "Task: Book a hotel"
        assert "execute" not in miner.bodies
        mended = await talk.say("No, in Hangzhou")
        assert mended["summary"]["city"] == "Hangzhou"
        done = await talk.execute()
        assert (done["kind"], done["text"], done["state"]["since"]) == ("done", DONE, 4)
        assert "> City: Hangzhou" in miner.bodies["execute"][0]["messages"][0]["content"]
        other = await talk.say("Where can I eat fish?")
        assert (other["kind"], other["summary"]) == ("complete", {"dish": "fish"})


async def test_the_dialogue_is_not_read_again_where_the_state_comes_back(endpoint):
    """With the state, thinking sees the last exchange alone (equation 14); without it, the whole chat (equation 12)."""
    endpoint.answer = miner = Miner()
    async with serving(endpoint, tasks=TASKS) as client:
        talk = Talk(client)
        await talk.say(FIRST)
        await talk.say("four stars")
        assert "canary-7391" not in json.dumps(miner.bodies["think"][1])
        talk.state = None
        await talk.say("100 euros, the hotel")
        assert "canary-7391" in json.dumps(miner.bodies["think"][2])


async def test_who_has_enough_gets_the_summary_of_what_is_known(endpoint):
    """And may have it done."""
    endpoint.answer = Miner()
    async with serving(endpoint, tasks=TASKS) as client:
        talk = Talk(client)
        await talk.say(FIRST)
        tired = await talk.say("that is enough")
        assert (tired["kind"], tired["summary"]) == ("unwilling", {"city": "Suzhou"})
        assert (await talk.execute())["text"] == DONE


async def test_a_chat_about_nothing_known_is_answered_plainly(endpoint):
    """The larger model's answer; no question, no state."""
    endpoint.answer = Miner()
    async with serving(endpoint, tasks=TASKS) as client:
        plain = await Talk(client).say("What is a lake?")
        assert (plain["kind"], plain["text"], plain["question"], plain["options"]) == ("plain", PLAIN, None, [])
        assert plain["state"]["task"] is None


async def test_events_bring_what_is_understood_first(endpoint):
    """`understood`, pieces of the answer, and the whole as `done`."""
    endpoint.answer = Miner({"known": Answer(pieces=["<think>hm</think>Su", "zhou", " it is."])})
    async with serving(endpoint, tasks=TASKS) as client:
        body = {"messages": [{"role": "user", "content": FIRST}], "stream": True}
        events = await client.events("/v1/ask", body)
        assert events[0][0] == "understood"
        assert events[0][1]["given"] == {"city": "Suzhou"}
        assert events[0][1]["ask"] == "stars"
        assert "".join(data["text"] for name, data in events if name == "piece") == "Suzhou it is."
        assert events[-1][0] == "done"
        assert events[-1][1]["answer"] == "Suzhou it is."


SUMMED = {"task": "Book a hotel", "given": {"city": "a", "stars": "b", "budget": "c"}}
ASKED = {
    "task": "Book a hotel",
    "given": {"city": "a"},
    "missing": ["stars", "budget"],
    "ask": "stars",
    "question": "?",
}


@pytest.mark.parametrize(
    "state",
    [
        {"since": 2},
        {"since": -1},
        {"task": "Rob a bank"},
        {"given": {"city": "a"}},
        {**SUMMED, "ask": "city"},
        {**SUMMED, "question": "Which?"},
        {**SUMMED, "given": {"city": "a", "wings": "b"}},
        {**SUMMED, "given": {"city": "a\x00", "stars": "b", "budget": "c"}},
        {**SUMMED, "given": {"city": "a" * 10_001, "stars": "b", "budget": "c"}},
        {**ASKED, "missing": []},
        {**ASKED, "ask": None},
        {**ASKED, "ask": "city"},
        {**ASKED, "question": ""},
        {**ASKED, "more": 1},
        [],
    ],
)
def test_a_state_that_cannot_be_is_refused(state):
    """It is held to its task and to its chat."""
    with pytest.raises((Refused, ValueError)):
        memory_of(AskState.model_validate(state), TASKS, 1)


async def test_a_refused_state_is_not_quoted(endpoint):
    """422 before a model is asked, whichever rule refuses it."""
    chat = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    async with serving(endpoint, tasks=TASKS) as client:
        for state, code in (({"task": "Rob a bank"}, "state"), ({**SUMMED, "given": {"Rob": "\x00"}}, "body")):
            status, body = await client.post("/v1/ask", {"messages": chat, "state": state})
            assert (status, body["error"]["code"]) == (422, code)
            assert "a bank" not in body["error"]["message"]
        assert endpoint.requests == []


@settings(max_examples=20, deadline=None)
@given(values=st.dictionaries(st.sampled_from(HOTEL.keys), st.text(max_size=20)), since=st.integers(0, 9))
def test_a_state_comes_back_as_it_went(values, since):
    """What the client hands back unchanged is what was carried; a longer chat never makes it another."""
    body = {"task": HOTEL.name, "given": values, "since": since, "willing": False}
    body["missing"] = missing = [key for key in HOTEL.keys if key not in values]
    body["ask"] = missing[0] if missing else None
    try:
        state = AskState.model_validate_json(json.dumps(body))
    except ValueError:
        assert any("\x00" in each or not each.isascii() for each in values.values())
        return
    memory = memory_of(state, TASKS, since)
    assert memory is not None
    assert state_of(memory) == state
    with pytest.raises(Refused):
        memory_of(state, TASKS, since - 1)
    assert memory_of(state_of(Memory(since)), TASKS, since) == Memory(since)


async def test_what_cannot_be_answered_is_told(endpoint):
    """No tasks: 404. Nothing said, nothing summed up: 422. An answer of no use: 502, and the log has no text."""
    body = {"messages": [{"role": "user", "content": FIRST}]}
    async with serving(endpoint) as client:
        assert (await client.post("/v1/ask", body))[0] == 404
    endpoint.answer = Miner({"think": "no JSON at all canary-7391"})
    async with serving(endpoint, tasks=TASKS, limits=UNLIMITED) as client:
        status, told = await client.post("/v1/ask", {"messages": []})
        assert (status, told["error"]["code"]) == (422, "no-question")
        status, told = await client.post("/v1/ask", {**body, "execute": True})
        assert (status, told["error"]["code"]) == (422, "not-summed-up")
        status, told = await client.post("/v1/ask", body)
        assert (status, told["error"]["code"]) == (502, "answer")
        assert [line["step"] for line in client.log.of("answer-unusable")] == ["think"]
        assert "canary" not in json.dumps(client.log.lines) + json.dumps(told)


async def test_who_leaves_ends_the_calls(endpoint):
    """Stop on the page is stop at both models."""
    endpoint.answer = Miner({"known": Answer(pieces=["Suzhou "], hold=True)})
    async with serving(endpoint, tasks=TASKS) as client:
        body = {"messages": [{"role": "user", "content": FIRST}], "stream": True}
        async with client.http.post(f"{client.url}/v1/ask", json=body) as answer:
            async for line in answer.content:
                if line == b'data: {"text":"Suzhou"}\n':
                    break
        assert await asyncio.to_thread(endpoint.left.wait, 30)


async def test_a_task_may_take_longer_than_suggestions(endpoint, monkeypatch):
    """--timeout-s is for suggestions: what the workflow asks of the same model is waited for."""
    monkeypatch.setattr("proutt.serving.server._MARGIN_S", 0.05)
    late = threading.Event()
    endpoint.answer = Miner({"known": Answer("Suzhou.", wait_for=late)})
    async with serving(endpoint, tasks=TASKS, timeout_s=0.05) as client:
        threading.Timer(0.5, late.set).start()  # longer than the time for suggestions with its margin
        assert (await Talk(client).say(FIRST))["answer"] == "Suzhou."


async def test_the_path_is_described(endpoint):
    """In OpenAPI, with its shapes; /v1/config names tasks and intentions for a page."""
    async with serving(endpoint, tasks=TASKS) as client:
        described = (await client.get("/openapi.json"))[1]
        assert "AskAnswer" in json.dumps(described["paths"]["/v1/ask"])
        config = (await client.get("/v1/config"))[1]
        assert [each["name"] for each in config["tasks"]] == [task.name for task in TASKS]
        assert config["tasks"][0]["intentions"][0]["name"] == "City"
