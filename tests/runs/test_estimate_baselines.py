"""What a baseline's run will take: the estimate against real runs of the same dialogues."""

from __future__ import annotations

import json

import pytest

from proutt.runs.estimate_large import LARGE
from runs.command import at, chinese, english, written
from runs.here import proutt
from servers.baseline_answers import baseline_answer


@pytest.fixture
def server(endpoint):
    endpoint.answer = baseline_answer
    return endpoint


@pytest.fixture
def chats(tmp_path):
    return written(tmp_path / "chats.jsonl", [english("d0", 5), chinese("d1", 4)])


def estimated(chats, server, *options: str):
    """What --dry-run says."""
    done = proutt("synthesize", chats, "--dry-run", "--json", *at(server), *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("method", "step"), [("magpie", "foresee"), ("baize", "write-knowing"), ("usp", "profile")])
def test_calls_and_prompts_are_those_of_the_run(server, chats, tmp_path, method, step):
    """Where nothing hangs on what a model says, they are known before it: to the call, and to the token."""
    found = estimated(chats, server, "--method", method)
    assert server.requests == []
    assert proutt("synthesize", chats, "--method", method, "--out", tmp_path / "run", *at(server)).returncode == 0
    assert found["total"]["calls"]["low"] == len(server.bodies)
    said = found["by_step"][step]
    real = [text for body in server.bodies if (text := prompt(body)) and not judged(body)]
    assert said["calls"]["low"] == len(real)
    assert said["prompt_tokens"]["low"] == pytest.approx(sum(map(LARGE.prompt_tokens, real)) + 13 * len(real), rel=0.01)


def prompt(body) -> str:
    return "\n".join(each["content"] for each in body["messages"])


def judged(body) -> bool:
    return "verdicts" in json.dumps(body["response_format"])


def test_what_spar_refines_lies_between_none_and_all(server, chats, tmp_path):
    """Low asks twice a turn, high as often as refinements may be made; a real run is in between."""
    found = estimated(chats, server, "--method", "spar", "--verify-tries", "2")
    assert found["total"]["calls"]["low"] == 2 * 7
    assert found["total"]["calls"]["high"] >= (2 + 2 * 2) * 7
    order = ("synthesize", chats, "--method", "spar", "--verify-tries", "2", "--out", tmp_path / "run")
    assert proutt(*order, *at(server)).returncode == 0
    for name, real in (("calls", len(server.bodies)), ("prompt_tokens", sum(map(tokens, server.bodies)))):
        assert found["total"][name]["low"] <= real <= found["total"][name]["high"]


def tokens(body) -> float:
    return LARGE.prompt_tokens(prompt(body)) + 13


def test_a_method_that_asks_nobody_costs_nothing(server, chats):
    """No call, no token, no money, and that is said."""
    found = estimated(chats, server, "--method", "socratic")
    assert (found["turns"], found["total"]["calls"]["high"], found["money"]["high"]) == (7, 0, 0)
    assert found["rests_on"] == ["The method asks no model."]


def test_measures_of_another_method_are_refused(server, chats, tmp_path):
    """A ProUtt estimate does not rest on a baseline's run, nor a baseline's on any; each in one line."""
    run = tmp_path / "run"
    assert proutt("synthesize", chats, "--method", "usp", "--out", run, *at(server)).returncode == 0
    order = ("synthesize", chats, "--dry-run", *at(server), "--like", run)
    refused = proutt(*order)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "this run was made by usp" in refused.stderr
    other = proutt(*order, "--method", "magpie")
    assert (other.returncode, len(other.stderr.splitlines())) == (2, 1)
    assert "an estimate of magpie takes no measures of a run" in other.stderr
