"""Baselines as runs, with the real command: killed and resumed like ProUtt's, and exported for the same trainers."""

from __future__ import annotations

import signal
from concurrent.futures import Future

import pytest
import yaml

from proutt.dialogue import Context, Turn
from proutt.export.simulation import simulating, swapped
from runs.command import PATIENCE_S, at, chinese, english, lines, paid_twice, started, written
from runs.here import proutt
from servers.baseline_answers import baseline_answer

METHODS = ("magpie", "baize", "spar", "socratic", "usp")
FOR_SFT = ("baize", "socratic", "usp")


class KilledAt:
    """Answers every question of a baseline, and kills the process at its n-th call."""

    def __init__(self, call: int) -> None:
        self.process, self._call, self._count = Future(), call, 0

    def __call__(self, body):
        self._count += 1
        if self._count == self._call:
            self.process.result(PATIENCE_S).kill()
        return baseline_answer(body)


@pytest.fixture
def server(endpoint):
    endpoint.answer = baseline_answer
    return endpoint


@pytest.fixture
def chats(tmp_path):
    return written(tmp_path / "chats.jsonl", [english("d0", 5), chinese("d1", 4)])


@pytest.mark.parametrize("method", METHODS)
def test_a_baseline_is_a_run_like_any_other(server, chats, tmp_path, method):
    """It ends with pairs that `show`, `stats` and `audit` take, and that train as what they are."""
    run = tmp_path / "run"
    done = proutt("synthesize", chats, "--method", method, "--out", run, *at(server))
    assert done.returncode == 0, done.stderr
    to = "trl-sft" if method in FOR_SFT else "trl-preference"
    assert f"--to {to}" in done.stdout
    pairs = lines(run / "pairs.jsonl")
    assert pairs
    assert {pair["method"] for pair in pairs} == {method}
    for verb in ("show", "stats"):
        assert proutt(verb, run).returncode == 0
    assert proutt("audit", run, "--quiet").returncode in {0, 1}
    exported = proutt("export", run, "--to", to, "--out", tmp_path / "export", "--include-unverified")
    assert exported.returncode == 0, exported.stderr
    assert len(lines(tmp_path / "export" / "train.jsonl")) == len(pairs)


def test_data_for_sft_makes_no_preference_file(server, chats, tmp_path):
    """It is refused in one line that says what is missing."""
    proutt("synthesize", chats, "--method", "baize", "--out", tmp_path / "run", *at(server))
    refused = proutt("export", tmp_path / "run", "--to", "trl-preference", "--out", tmp_path / "export")
    assert refused.returncode == 2
    assert "7 no rejected side" in refused.stderr
    assert "for SFT only: --to trl-sft" in refused.stderr


@pytest.mark.parametrize(
    ("method", "steps"),
    [
        ("magpie", "--whole-steps"),
        ("magpie", "--small-steps"),
        ("baize", "--small-steps"),
        ("spar", "--whole-steps"),
        ("spar", "--small-steps"),
    ],
)
def test_killed_and_resumed_as_if_nothing_had_been(server, chats, tmp_path, method, steps):
    """After SIGKILL the same command makes the same bytes, and pays at most the calls in flight again."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    order = ("synthesize", chats, "--method", method, steps, *at(server), "--concurrency", "4", "--out")
    assert proutt(*order, whole).returncode == 0
    server.requests.clear()
    server.answer = interruption = KilledAt(12)
    process = started(*order, broken)
    interruption.process.set_result(process)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    server.answer = baseline_answer
    resumed = proutt(*order, broken)
    assert resumed.returncode == 0, resumed.stderr
    assert (broken / "pairs.jsonl").read_bytes() == (whole / "pairs.jsonl").read_bytes()
    assert paid_twice(server) <= 4


def test_socratic_needs_no_model(chats, tmp_path):
    """Without an endpoint no weights are brought, since nobody is asked."""
    done = proutt("synthesize", chats, "--method", "socratic", "--out", tmp_path / "run", PROUTT_CACHE=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(lines(tmp_path / "run" / "pairs.jsonl")) == 7


@pytest.mark.parametrize("method", ["socratic", "usp"])
def test_a_simulator_is_trained_on_what_it_is_asked(server, chats, tmp_path, method):
    """A row's prompt is the swapped chat that `proutt predict` puts to a model; what the user said is to be learnt."""
    proutt("synthesize", chats, "--method", method, "--out", tmp_path / "run", *at(server))
    proutt("export", tmp_path / "run", "--to", "trl-sft", "--out", tmp_path / "export")
    for pair, row in zip(
        lines(tmp_path / "run" / "pairs.jsonl"), lines(tmp_path / "export" / "train.jsonl"), strict=True
    ):
        context = _context(pair)
        asked = swapped(context, simulating(pair["language"], pair["profile"]))
        assert [(each["role"], each["content"]) for each in row["prompt"]] == list(asked)
        assert row["completion"][0]["content"] == pair["truth"]["utterance"]
        assert pair["truth"]["utterance"] not in str(row["prompt"])


def _context(pair) -> Context:
    turns = tuple(Turn(turn["user"], turn["assistant"]) for turn in pair["context"]["turns"])
    return Context(pair["dialogue_id"], pair["language"], turns)


def test_a_small_model_is_asked_for_one_prediction_a_call(server, chats, tmp_path):
    """Baize's 2Q predictions are as many calls, and one of the judge; the record says how it was asked."""
    run = tmp_path / "run"
    done = proutt("synthesize", chats, "--method", "baize", "--small-steps", "--out", run, *at(server))
    assert done.returncode == 0, done.stderr
    pairs = lines(run / "pairs.jsonl")
    assert [pair["usage"]["calls"] for pair in pairs] == [5] * 7
    assert all(pair["settings"]["small_steps"] for pair in pairs)


@pytest.mark.parametrize(
    ("method", "option", "said"),
    [
        ("magpie", ("--ablate", "intent-tree"), "ablate: magpie has no such steps"),
        ("magpie", ("--annotator", "rules"), "--annotator: magpie has no such steps"),
        ("usp", ("--small-steps",), "--small-steps: usp has no such steps"),
        ("magpie", ("--dry-run", "--like", "run"), "--like: an estimate of magpie takes no measures of a run"),
    ],
)
def test_what_a_baseline_has_not_is_refused(chats, tmp_path, method, option, said):
    """In one line that says what to leave out."""
    refused = proutt("synthesize", chats, "--method", method, *option, "--out", tmp_path / "run")
    assert refused.returncode == 2
    assert said in refused.stderr


def test_another_method_is_another_run(server, chats, tmp_path):
    """A run goes on with the method that it was begun with."""
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server), "--method")
    assert proutt(*order, "usp").returncode == 0
    refused = proutt(*order, "magpie")
    assert refused.returncode == 2
    assert "method: 'usp' → 'magpie'" in refused.stderr


def test_a_run_of_before_there_was_a_method_goes_on_as_proutt(server, chats, tmp_path):
    """Its run.yaml has no such key: the same command takes it up again, and a baseline's does not."""
    run = tmp_path / "run"
    order = ("synthesize", chats, "--turns", "last", "--out", run, *at(server))
    assert proutt(*order, "--max-tokens", "1").returncode == 3
    settings = yaml.safe_load((run / "run.yaml").read_text(encoding="utf-8"))
    assert settings.pop("method") == "proutt"
    (run / "run.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    refused = proutt(*order, "--method", "magpie")
    assert refused.returncode == 2
    assert "method: 'proutt' → 'magpie'" in refused.stderr
    resumed = proutt(*order)
    assert resumed.returncode == 0, resumed.stderr
    assert {pair["method"] for pair in lines(run / "pairs.jsonl")} == {"proutt"}
