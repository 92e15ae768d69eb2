"""What a run of predictions will take: the estimate against real runs of the same test cases."""

from __future__ import annotations

from typing import Any

import pytest

from proutt.dialogue import ReadingReport
from proutt.prediction.config import predict_config_of
from proutt.prediction.estimate import estimate
from proutt.prediction.methods import METHODS
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_large import LARGE
from runs.command import at, chinese, english, proutt, written


def utterances(body: dict[str, Any]) -> str:
    """Four predictions, or one, that the request decides."""
    number = sum(map(ord, body["messages"][-1]["content"])) * 1000 + body["seed"] % 1000
    return "\n".join(f"<predict>What about point {number + at * 7}?</predict>" for at in range(4))


@pytest.fixture
def chats(tmp_path):
    """Two dialogues of 7 test cases, one of them Chinese."""
    return written(tmp_path / "chats.jsonl", [english("a", 5), chinese("b", 4)])


def estimated(chats, **settings: Any) -> Estimate:
    config = predict_config_of({"model": "m", "base_url": "http://localhost:9/v1", "inputs": [str(chats)], **settings})
    return estimate(config, config.dialogues(ReadingReport()))


@pytest.mark.parametrize("method", ["proutt", "follow-up", "socratic"])
def test_calls_and_prompts_are_those_of_the_run(endpoint, chats, tmp_path, method):
    """Where the first draws are enough: to the call and the token, by the same count."""
    endpoint.answer = utterances
    found = estimated(chats, method=method)
    assert found.turns == 7
    done = proutt("predict", chats, "--out", tmp_path / "run", "--method", method, *at(endpoint))
    assert done.returncode == 0, done.stderr
    assert found.total.calls.expected == found.total.calls.low == len(endpoint.bodies)
    prompts = [[each["content"] for each in body["messages"]] for body in endpoint.bodies]
    real = sum(LARGE.prompt_tokens("\n".join(each)) + 5 * len(each) + 3 for each in prompts)
    assert found.total.prompt_tokens.expected == pytest.approx(real, rel=0.001)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_rehearsed(chats, method):
    """Each quantity is in order, and high is as much as --tries and the requests' room allow."""
    found = estimated(chats, method=method, turns="last", tries=2)
    assert found.turns == 2
    for name in ("calls", "prompt_tokens", "prompt_tokens_computed", "completion_tokens"):
        each = getattr(found.total, name)
        assert 0 < each.low <= each.expected <= each.high
    if method != "proutt-pipeline":
        again = 1 if method == "usp" else 0  # the profile, which one draw makes
        assert found.total.calls.high - 2 * again == 2 * (found.total.calls.low - 2 * again)


def test_no_run_takes_more_than_high(endpoint, chats, tmp_path):
    """A model that fills all its room with one suggestion, draw by draw, takes just that."""
    endpoint.answer = lambda body: "<predict>What next?</predict>"
    found = estimated(chats, method="prompt")
    assert proutt("predict", chats, "--out", tmp_path / "run", "--method", "prompt", *at(endpoint)).returncode == 0
    assert found.total.calls.high == len(endpoint.bodies)
    assert found.total.completion_tokens.high == sum(body["max_tokens"] for body in endpoint.bodies)


def test_it_says_what_it_rests_on(endpoint, chats, tmp_path):
    """On screen: test cases, the table, money by the user's price, and that nothing was measured of the method."""
    prices = tmp_path / "prices.yaml"
    prices.write_text("m: {input: 1000, output: 2000}\n")
    order = ("predict", chats, "--dry-run", *at(endpoint))
    done = proutt(*order, PROUTT_PRICES=str(prices))
    assert done.returncode == 0, done.stderr
    assert "2 dialogues, 7 test cases to predict. Nothing was called." in done.stdout
    assert "money, USD" in done.stdout
    assert "Nothing was measured of proutt as a method of predicting" in done.stdout
    assert endpoint.requests == []
