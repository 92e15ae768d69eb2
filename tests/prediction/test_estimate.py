"""What a run of predictions will take: the estimate against real runs of the same test cases."""

from __future__ import annotations

from typing import Any

import pytest

from proutt.dialogue import ReadingReport
from proutt.prediction.config import predict_config_of
from proutt.prediction.estimate import estimate
from proutt.prediction.estimate_like import journal_at
from proutt.prediction.methods import METHODS
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_large import LARGE
from runs.command import at, chinese, english, written
from runs.here import proutt
from servers.scripted import Answer


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


# With the measures of a run.


def terse(body: dict[str, Any]) -> Answer:
    """As `utterances`, but nothing at the first draw of a longer context; tokens are a fifth of the bytes."""
    prompt = "".join(each["content"] for each in body["messages"])
    text = "" if len(prompt) > 2100 and body["seed"] % 3 else utterances(body)
    return Answer(text, usage={"prompt_tokens": len(prompt.encode()) // 5, "completion_tokens": len(text) // 5 + 7})


@pytest.fixture
def pilot(endpoint, tmp_path):
    """A run over other dialogues."""
    endpoint.answer = terse
    others = written(tmp_path / "others.jsonl", [english(f"o{n}", 6) for n in range(6)])
    done = proutt("predict", others, "--out", tmp_path / "pilot", "--tries", "6", *at(endpoint))
    assert done.returncode == 0, done.stderr
    endpoint.requests.clear()
    return tmp_path / "pilot"


def test_a_run_of_the_model_tells_of_the_next(endpoint, tmp_path, pilot):
    """Calls, tokens as the server counts them, and time at that run's pace: within 15 % of what is then taken."""
    chats = written(tmp_path / "chats.jsonl", [english(f"a{n}", 6) for n in range(6)])
    journal = journal_at(pilot)
    config = predict_config_of({"model": "m", "base_url": endpoint.url, "inputs": [str(chats)], "tries": 6})
    found = estimate(config, config.dialogues(ReadingReport()), like=journal)
    pace = float(journal.meta("seconds")) / len(journal.rows("SELECT 1 FROM calls"))
    journal.close()
    assert found.seconds.expected == pytest.approx(found.total.calls.expected * pace)
    assert proutt("predict", chats, "--out", tmp_path / "run", "--tries", "6", *at(endpoint)).returncode == 0
    run = journal_at(tmp_path / "run")
    ((calls, prompt, answer),) = run.rows("SELECT COUNT(*), SUM(prompt_tokens), SUM(completion_tokens) FROM calls")
    run.close()
    assert calls > 30  # some were drawn again
    assert found.total.calls.expected == pytest.approx(calls, rel=0.15)
    assert found.total.prompt_tokens.expected == pytest.approx(prompt, rel=0.15)
    assert found.total.completion_tokens.expected == pytest.approx(answer, rel=0.15)
    assert found.total.calls.low <= calls <= found.total.calls.high


@pytest.mark.parametrize(
    ("verb", "options", "said"),
    [
        ("predict", ("--method", "prompt"), "this run was made with other settings (method: 'proutt' → 'prompt')"),
        ("synthesize", (), "this run was made by proutt predict"),
    ],
)
def test_a_run_that_can_not_tell_is_refused(endpoint, chats, pilot, verb, options, said):
    """In one line that says why."""
    refused = proutt(verb, chats, "--dry-run", "--like", pilot, *at(endpoint), *options)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert said in refused.stderr


def test_a_run_that_has_begun_is_its_own_measure(endpoint, pilot, tmp_path):
    """Without --like, as soon as it has predictions; the table has a row for the time."""
    done = proutt("predict", tmp_path / "others.jsonl", "--dry-run", "--out", pilot, "--tries", "6", *at(endpoint))
    assert done.returncode == 0, done.stderr
    assert "as in a run of 30 cases with m @" in done.stdout
    assert any(line.startswith("minutes") for line in done.stdout.splitlines())
