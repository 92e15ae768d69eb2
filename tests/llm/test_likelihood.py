"""How likely a given text is: token by token where the next one can be forced, echoed elsewhere; on the wire."""

from __future__ import annotations

import json
import math

import pytest

from proutt.errors import ModelError, UserError
from proutt.llm.endpoint import Endpoint
from proutt.llm.likelihood import Likelihoods, likelihood_in, likelihood_request
from servers.scripted import Answer

BEFORE, TEXT = "User: Hi\nChatbot:", " Bees!"
REQUEST = likelihood_request(BEFORE, TEXT)


def json_answer(body: dict) -> Answer:
    return Answer(raw=json.dumps(body).encode())


def logprob(token: int) -> float:
    """What the scripted model thinks of a token, whatever came before it."""
    return -token / 100


class Server:
    """The scripted server as llama.cpp's ("forced"), as vLLM ("echoed"), or as one that does neither; a token is a
    character, after one that begins every text."""

    def __init__(self, endpoint, kind: str) -> None:
        self.kind, self.asked = kind, endpoint.requests
        endpoint.answer_to = self.answer

    def answer(self, received) -> Answer:
        path, body = received.path, received.body
        self.asked.append(received)
        if path == "/tokenize" and self.kind == "forced":
            assert not body["parse_special"]
            return json_answer({"tokens": [1, *map(ord, body["content"])]})
        if path == "/completion" and self.kind == "forced":
            ((token, bias),) = body["logit_bias"]
            assert bias > 100
            told = {"id": token, "logprob": logprob(token), "top_logprobs": [{"id": 7, "logprob": -0.1}]}
            return json_answer({"completion_probabilities": [told]})
        if path == "/v1/completions" and self.kind in ("echoed", "written"):
            text = body["prompt"] + "!" if self.kind == "echoed" else "!"
            values = [None, *(logprob(ord(each)) for each in text[1:])] if self.kind == "echoed" else [-0.5]
            first = 0 if self.kind == "echoed" else len(body["prompt"])
            told = {"text_offset": list(range(first, first + len(text))), "token_logprobs": values}
            return json_answer({"choices": [{"logprobs": told}], "usage": {"prompt_tokens": 9, "completion_tokens": 1}})
        return Answer("no such thing", status=404)


@pytest.fixture
def model(endpoint):
    return Likelihoods(Endpoint(endpoint.url, "m", context_tokens=256), "m")


@pytest.mark.parametrize("kind", ["forced", "echoed"])
async def test_only_the_text_counts_and_all_of_it(endpoint, model, kind):
    """Neither what stood before it, nor what the model would write next."""
    server = Server(endpoint, kind)
    reply = await model.reply(REQUEST)
    tokens, nll = likelihood_in(reply)
    assert tokens == len(TEXT)
    assert math.isclose(nll, -sum(logprob(ord(each)) for each in TEXT))
    assert reply.usage.prompt_tokens > 0
    if kind == "forced":
        prompts = [each.body["prompt"] for each in server.asked if each.path == "/completion"]
        assert [len(each) for each in prompts] == [len(BEFORE) + 1 + at for at in range(len(TEXT))]
    before = len(server.asked)
    await model.reply(REQUEST)
    assert len(server.asked) - before == (2 + len(TEXT) if kind == "forced" else 1)  # the way is found out once
    await model.close()


@pytest.mark.parametrize("kind", ["neither", "written"])
async def test_a_server_that_cannot_say_it_is_named(endpoint, model, kind):
    """One without completions, and one that tells log-probabilities of its own words only."""
    Server(endpoint, kind)
    with pytest.raises(UserError, match=r"can't tell how likely a given text is .* llama.cpp's server or vLLM"):
        await model.reply(REQUEST)
    await model.close()


async def test_a_text_beyond_the_context_says_so(endpoint, model):
    """Before a token of it is asked for."""
    server = Server(endpoint, "forced")
    with pytest.raises(ModelError) as error:
        await model.reply(likelihood_request("x" * 300, TEXT))
    assert error.value.kind == "context-too-long"
    assert not [each for each in server.asked if each.path == "/completion"]
    await model.close()
