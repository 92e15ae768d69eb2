"""POST /v1/chat: the assistant's answer as it comes, and what of the chat it is shown."""

from __future__ import annotations

import asyncio

import pytest

from proutt.llm import Message, ModelSpec, Request, Sampling, ScriptedModel, spoken
from proutt.serving.chats import Refused
from proutt.serving.shapes import ChatMessage
from proutt.serving.talking import asked_of
from servers.scripted import Answer, ScriptedServer
from serving.service import CHAT, serving

TALK = [{"role": "system", "content": "Be brief."}, *CHAT, {"role": "user", "content": "And in June?"}]


async def test_the_answer_comes_in_pieces(endpoint):
    """Pieces, then the whole with how it ended; the assistant is shown system, rounds and question."""
    endpoint.script(Answer(pieces=["June ", "is ", "warm."], finish="length"))
    async with serving(endpoint) as client:
        events = await client.events("/v1/chat", {"messages": TALK})
        assert "".join(data["text"] for name, data in events if name == "piece") == "June is warm."
        assert events[-1][0] == "done"
        assert (events[-1][1]["text"], events[-1][1]["finish"]) == ("June is warm.", "length")
        assert [each["role"] for each in endpoint.bodies[0]["messages"]] == ["system", "user", "assistant", "user"]


async def test_without_streaming_it_is_one_answer(endpoint):
    """The same in one body."""
    endpoint.script("June is warm.")
    async with serving(endpoint) as client:
        status, body = await client.post("/v1/chat", {"messages": TALK, "stream": False})
        assert (status, body["text"], body["finish"]) == (200, "June is warm.", "stop")


async def test_the_assistant_may_be_another_model(endpoint):
    """It answers; the first one foresees."""
    with ScriptedServer() as other:
        other.script("June is warm.")
        assistant = ModelSpec(model="other-model", base_url=other.url, api_key_env="")
        async with serving(endpoint, assistant=assistant) as client:
            _, body = await client.post("/v1/chat", {"messages": TALK, "stream": False})
            assert body["model"].startswith("other-model @ ")
            assert (len(other.requests), len(endpoint.requests)) == (1, 0)
            assert (await client.get("/v1/config"))[1]["assistant"] == "other-model"


async def test_who_stops_reading_ends_the_call(endpoint):
    """Stop on the page is stop at the model."""
    endpoint.script(Answer(pieces=["June "], hold=True))
    async with serving(endpoint) as client:
        async with client.http.post(f"{client.url}/v1/chat", json={"messages": TALK}) as answer:
            assert b"June" in await answer.content.readany()
        assert await asyncio.to_thread(endpoint.left.wait, 30)


async def test_nothing_to_answer_is_told(endpoint):
    """A chat that does not end with the user is a 422."""
    async with serving(endpoint) as client:
        status, body = await client.post("/v1/chat", {"messages": CHAT})
        assert (status, body["error"]["code"]) == (422, "no-question")


@pytest.mark.parametrize("cut", range(0, 40, 3))
async def test_thinking_is_never_shown(cut):
    """However the answer is cut into pieces, no tag and no thought is in what is shown."""
    text = "<think>secret plan</think>June is <b>warm</b>."

    class Pieces(ScriptedModel):
        async def stream(self, request, *, logprobs=False):
            from proutt.llm import Piece

            for part in (text[:cut], text[cut : cut + 3], text[cut + 3 :]):
                yield Piece(part)
            yield Piece("", finish="stop")

    request = Request((Message("user", "?"),), Sampling(10), step="chat")
    said = [each async for each in spoken(Pieces({}), request)]
    assert said[-1].text == "June is <b>warm</b>."
    assert not any("secret" in each.text or "think" in each.text for each in said)
    assert all(said[-1].text.startswith(each.text) for each in said)


def test_a_long_chat_loses_its_oldest_rounds():
    """What is asked stays whole; the rounds just before it stay as well."""
    rounds = [
        ChatMessage(role=role, content=f"{role} {number} " + "word " * 50)
        for number in range(60)
        for role in ("user", "assistant")
    ]
    request = asked_of([*rounds, ChatMessage(role="user", content="And now?")], 2048, 512, 0)
    assert request.messages[-1] == Message("user", "And now?")
    assert "assistant 59" in request.messages[-2].content
    assert "user 0 " not in request.messages[0].content
    with pytest.raises(Refused):
        asked_of([], 2048, 512, 0)
