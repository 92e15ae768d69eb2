"""A contract for each front end: what it sends, and what it makes of the answer."""

from __future__ import annotations

import json

import pytest

from proutt.serving.front_ends import quoted_chat
from servers.scripted import Answer, refusal
from serving.service import CHAT, PREDICTED, SAID, serving

#: Laid out as Open WebUI's own template: a task, guidelines, the output's form, the last six messages.
TASK = """### Task:
Propose some things that the user may ask next.
### Output:
JSON format: { "follow_ups": ["Question 1?", "Question 2?"] }
### Chat History:
<chat_history>
USER: I want to visit Lyon in May.
ASSISTANT: Good choice; {two} days are enough for the old town.
See <chat_history> and </chat_history> of the old town:
1. Walk.
</chat_history>"""


def asked(content: str, **more):
    return {"model": "proutt", "messages": [{"role": "user", "content": content}], "stream": False, **more}


def read_by_open_webui(body) -> list[str]:
    """What Open WebUI does with a task's answer: one choice, its content from the first brace to the last, as JSON."""
    assert len(body["choices"]) == 1
    said = body["choices"][0]["message"]["content"]
    return json.loads(said[said.find("{") : said.rfind("}") + 1])["follow_ups"]


async def test_open_webui_follow_up_task(endpoint):
    """The chat is read out of the prompt; the answer's content is JSON with follow_ups; metadata is passed over."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        status, body = await client.post(
            "/v1/chat/completions", asked(TASK, metadata={"task": "follow_up_generation"}, max_tokens=1000)
        )
        assert status == 200
        assert read_by_open_webui(body) == list(SAID)
        assert (body["object"], body["model"]) == ("chat.completion", "proutt")
        prompt = endpoint.bodies[0]["messages"][-1]["content"]
        assert "> I want to visit Lyon in May." in prompt
        assert "> 1. Walk." in prompt
        assert "### Task" not in prompt


@pytest.mark.parametrize("said", [Answer("I can't do that."), Answer("<think>no end")], ids=["refused", "thinks"])
async def test_open_webui_gets_an_empty_list_and_never_a_bare_text(endpoint, said):
    """A task that comes to nothing is {"follow_ups": []}, which it takes for no chips."""
    endpoint.script(said)
    async with serving(endpoint) as client:
        _, body = await client.post("/v1/chat/completions", asked(TASK))
        assert read_by_open_webui(body) == []


async def test_open_webui_finds_the_model(endpoint):
    """/v1/models lists it under the name that the task model is chosen by."""
    async with serving(endpoint) as client:
        _, body = await client.get("/v1/models")
        assert [each["id"] for each in body["data"]] == ["proutt"]


async def test_other_tasks_are_the_assistants(endpoint):
    """One task model serves all: titles and tags are the assistant's, even where the chat itself says follow_ups."""
    endpoint.script('{"title": "Lyon"}')
    task = "### Task:\nA title.\n<chat_history>\nUSER: What are follow_ups?\nASSISTANT: Questions.\n</chat_history>"
    async with serving(endpoint) as client:
        _, body = await client.post("/v1/chat/completions", asked(task))
        assert body["choices"][0]["message"]["content"] == '{"title": "Lyon"}'
        assert endpoint.bodies[0]["messages"] == [{"role": "user", "content": task}]
        assert [line["task"] for line in client.log.of("request")] == ["answer"]


async def test_a_chat_that_ends_with_the_assistant_is_a_context_itself(endpoint):
    """Clients of the protocol need no template."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        _, body = await client.post("/v1/chat/completions", {"model": "x", "messages": CHAT})
        assert read_by_open_webui(body) == list(SAID)


async def test_streamed_completion_has_the_protocols_shape(endpoint):
    """Chunks, then [DONE]; for clients that stream whatever they ask."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        events = await client.events("/v1/chat/completions", asked(TASK, stream=True))
        assert events[-1] == ("", None)
        said = "".join(data["choices"][0]["delta"].get("content", "") for _, data in events[:-1])
        assert json.loads(said) == {"follow_ups": list(SAID)}
        assert events[-2][1]["choices"][0]["finish_reason"] == "stop"


async def test_an_upstream_that_is_gone_has_the_protocols_error(endpoint):
    """`error.message`, as its clients read it."""
    endpoint.script(refusal("down", 500))
    async with serving(endpoint) as client:
        status, body = await client.post("/v1/chat/completions", asked(TASK))
        assert (status, type(body["error"]["message"])) == (502, str)


async def test_dify_asks_by_id_for_a_chat_that_was_told(endpoint):
    """result and data, as its API documents them; of a message nobody told, of another user, it is 404."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        path = "/v1/messages/8c0fbed8-e2f9/suggested"
        assert (await client.get(f"{path}?user=abc-123"))[0] == 404
        told = {"messages": CHAT, "user": "abc-123"}
        assert await client.post("/v1/messages/8c0fbed8-e2f9", told) == (200, {"result": "success"})
        status, body = await client.get(f"{path}?user=abc-123")
        assert (status, body) == (200, {"result": "success", "data": list(SAID)})
        assert (await client.get(f"{path}?user=abc-123&max_chars=20"))[1]["data"] == [
            text for text in SAID if len(text) <= 20
        ]
        assert (await client.get(f"{path}?user=somebody-else"))[0] == 404
        assert (await client.get(path))[0] == 422


async def test_dify_clients_with_another_key_share_nothing(endpoint):
    """A chat belongs to the key that told it."""
    endpoint.script(PREDICTED)
    keys = ("first-key-0123456789", "second-key-0123456789")
    async with serving(endpoint, keys=keys) as client:
        told = {"messages": CHAT, "user": "a"}
        assert (await client.post("/v1/messages/1", told, Authorization=f"Bearer {keys[0]}"))[0] == 200
        path = "/v1/messages/1/suggested?user=a"
        statuses = [(await client.get(path, Authorization=f"Bearer {key}"))[0] for key in keys]
        assert statuses == [200, 404]


async def test_assistant_ui_gets_items_with_a_prompt(endpoint):
    """A thread's messages with content parts in; title, label and prompt out; what else they hold is passed over."""
    from prediction.contexts import SAID as PROUTT_SAID
    from prediction.contexts import completion

    endpoint.script(completion())
    thread = [
        {
            "id": "m1",
            "role": each["role"],
            "content": [{"type": "text", "text": each["content"]}, {"type": "image", "image": "data:..."}],
            "createdAt": "2026-01-01T00:00:00Z",
            "metadata": {"custom": {}},
        }
        for each in CHAT
    ]
    async with serving(endpoint, method="proutt") as client:
        status, items = await client.post("/v1/assistant-ui/suggestions", {"messages": thread})
        assert status == 200
        assert [item["prompt"] for item in items] == list(PROUTT_SAID)
        assert items[0] == {"title": PROUTT_SAID[0], "label": "Trip", "prompt": PROUTT_SAID[0]}
        assert "> I want to visit Lyon in May." in endpoint.bodies[0]["messages"][0]["content"]


def test_a_quoted_chat_keeps_what_stands_on_further_lines():
    """Only a speaker's name at a line's beginning begins a message."""
    chat = quoted_chat("USER: one\ntwo USER: three\n\nASSISTANT: four\n")
    assert [(each.role, each.content) for each in chat] == [("user", "one\ntwo USER: three"), ("assistant", "four")]
    assert quoted_chat("nobody speaks") == []
