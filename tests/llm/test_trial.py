"""What `proutt models check` concludes."""

import pytest

from proutt.llm import Reply, Usage
from proutt.llm.endpoint import Endpoint
from proutt.llm.trial import caching_seen, thinking_seen, try_model
from servers.scripted import Answer, refusal


@pytest.mark.parametrize(
    ("cold", "warm", "seen"),
    [
        ((0, 1.0), (500, 1.0), "seen"),
        ((0, 1.0), (0, 0.3), "likely"),
        ((0, 1.0), (0, 0.9), "not seen"),
        ((0, 0.02), (0, 0.001), "not seen"),  # too quick to tell
    ],
)
def test_caching_is_seen_in_counts_or_guessed_from_time(cold, warm, seen):
    """Counts are proof, time is a hint."""
    first, second = (Reply("", "stop", Usage(600, 1, cached), seconds) for cached, seconds in (cold, warm))
    assert caching_seen(first, second) == seen


@pytest.mark.parametrize(
    ("text", "tokens", "thinking"),
    [
        ('{"colours": ["red"]}', 9, 0),
        ('{"colours": ["red"]}', 30, 0),  # servers count a little differently
        ('<think>Red, blue or green?</think>{"colours": ["red"]}', 405, 400),
        ("", 2000, 2000),  # it thought until its room was over
    ],
)
def test_thinking_shows_in_tokens_that_no_answer_has(text, tokens, thinking):
    """Whether the server hands the thinking out or keeps it."""
    assert thinking_seen(Reply(text, "stop", Usage(10, tokens), 1.0)) == thinking


async def test_a_trial_tells_what_the_server_can_do(endpoint):
    """Structured-output mode, validity, context and caching are found with five answers."""
    endpoint.models = [{"id": "m", "max_model_len": 8192}]
    met = set()

    def answer(body):
        if body.get("response_format", {}).get("type") == "json_schema":
            return refusal("json_schema is not supported")
        prompt = body["messages"][-1]["content"][:40]
        cached = 500 if prompt in met else 0
        met.add(prompt)
        usage = {"prompt_tokens": 600, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": cached}}
        return Answer('{"colours": ["red"]}', usage=usage)

    endpoint.answer = answer
    model = Endpoint(endpoint.url, "m")
    trial = await try_model(model)
    await model.close()
    assert (trial.structured_output, trial.structured_valid) == ("json_object", True)
    assert (trial.prefix_caching, trial.server_context_tokens) == ("seen", 8192)
    assert len(endpoint.requests) == 6
