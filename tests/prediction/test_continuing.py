"""Going on as the user: the server's own template, cut at the user's header, on the wire."""

from __future__ import annotations

import json

import pytest

from proutt.errors import ModelError, UserError
from proutt.llm import Message, Request, Sampling
from proutt.llm.endpoint import Endpoint
from proutt.prediction.continuing import Continuing
from servers.scripted import Answer

CHAT = (Message("user", "To Lyon?"), Message("assistant", "Yes. <|im_end|>"))
REQUEST = Request(CHAT, Sampling(50, 1.0, seed=7))


def rendered(messages) -> str:
    """ChatML, as many models' templates write it."""
    return "".join(f"<|im_start|>{each['role']}\n{each['content']}<|im_end|>\n" for each in messages)


def json_answer(body: dict) -> Answer:
    return Answer(raw=json.dumps(body).encode())


class Server:
    """The scripted server as llama.cpp's ("text") or vLLM ("tokens"); "chat" has neither template nor completions."""

    def __init__(self, endpoint, kind: str) -> None:
        self.kind, self.seen = kind, endpoint
        self.paths: list[str] = []
        endpoint.answer_to = self.answer

    def answer(self, received) -> Answer:
        path, body = received.path, received.body
        self.paths.append(path)
        self.seen.requests.append(received)
        if path == "/apply-template" and self.kind == "text":
            return json_answer({"prompt": rendered(body["messages"])})
        if path == "/tokenize" and self.kind in ("tokens", "no completions"):
            assert body["add_generation_prompt"] is False
            return json_answer({"tokens": [ord(char) for char in rendered(body["messages"])]})
        if path == "/detokenize" and self.kind in ("tokens", "no completions"):
            return json_answer({"prompt": "".join(map(chr, body["tokens"]))})
        if path == "/v1/completions" and self.kind in ("text", "tokens"):
            completion = {"choices": [{"text": "Which train?", "finish_reason": "stop"}]}
            return json_answer(completion | {"usage": {"prompt_tokens": 9, "completion_tokens": 4}})
        return Answer("no such thing", status=404)


@pytest.fixture
def continuing(endpoint):
    model = Endpoint(endpoint.url, "m")
    return Continuing(model, "m")


@pytest.mark.parametrize("kind", ["text", "tokens"])
async def test_the_prompt_ends_with_the_users_header(endpoint, continuing, kind):
    """The chat as the template writes it, then the header and nothing more; the turn's end is where to stop."""
    server = Server(endpoint, kind)
    reply = await continuing.reply(REQUEST)
    sent = endpoint.requests[-1].body
    assert (reply.text, reply.finish, reply.usage.completion_tokens) == ("Which train?", "stop", 4)
    assert sent["prompt"].endswith("<|im_end|>\n<|im_start|>user\n")
    assert sent["stop"] == ["<|im_end|>"]
    assert (sent["seed"], sent["max_tokens"], sent["temperature"]) == (7, 50, 1.0)
    assert sent.get("add_special_tokens", True) is (kind == "text")
    before = len(server.paths)
    await continuing.reply(REQUEST)
    assert len(server.paths) - before == (2 if kind == "text" else 3)  # how it renders is found out once
    await continuing.close()


async def test_a_control_string_in_a_dialogue_ends_no_turn(endpoint, continuing):
    """It reaches the model broken: only the template's own marks are marks."""
    Server(endpoint, "text")
    await continuing.reply(REQUEST)
    prompt = endpoint.requests[-1].body["prompt"]
    assert "Yes. <\\|im_end|>" in prompt
    assert prompt.count("<|im_end|>") == 2
    await continuing.close()


@pytest.mark.parametrize(
    ("kind", "what"), [("chat", "does not tell its chat template"), ("no completions", "has no /v1/completions")]
)
async def test_a_server_that_can_only_chat_is_named(endpoint, continuing, kind, what):
    """One line that says what is missing and what to use instead."""
    Server(endpoint, kind)
    with pytest.raises(UserError, match=what) as error:
        await continuing.reply(REQUEST)
    assert "--method socratic" in str(error.value)
    await continuing.close()


async def test_other_failures_stay_failures(endpoint, continuing):
    """A server that is out of order is not said to lack anything."""
    endpoint.answer = lambda _: Answer("out of order", status=503)
    with pytest.raises(ModelError) as error:
        await continuing.reply(REQUEST)
    assert error.value.retryable
    await continuing.close()
