"""`proutt predict` from the outside: the real command against a server that answers as it is told."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from proutt.prediction.record import PredictionRecord
from runs.command import at, chinese, command, english, environment, lines, paid_twice, started, written
from runs.here import proutt
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, ScriptedServer


def prediction_answer(body: dict[str, Any]) -> str:
    """Four predictions that the request decides, in the canonical layout; to a step of ProUtt, its answer."""
    if "response_format" not in body:
        number = sum(map(ord, body["messages"][-1]["content"])) * 1000 + body["seed"] % 1000
        said = "\n".join(f"<predict>What about point {number + at * 7}?</predict>" for at in range(4))
        return f"<think>\nThe user goes on.\n</think>\n\nNext:\n{said}"
    if "sentence_type" in body["response_format"]["json_schema"]["schema"]["properties"]:
        return json.dumps({"reasoning": "Much is open, so a question is near.", "sentence_type": "interrogative"})
    return proutt_answer(body)


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = prediction_answer
    return endpoint


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """Three dialogues of 7 test cases, one of them Chinese, one of a single turn."""
    return written(tmp_path / "chats.jsonl", [english("a", 5), chinese("b", 4), english("c", 1)])


def summary_in(run: Path) -> dict[str, Any]:
    return json.loads((run / "summary.json").read_text(encoding="utf-8"))


def records(run: Path) -> list[PredictionRecord]:
    text = (run / "predictions.jsonl").read_text(encoding="utf-8")
    return [PredictionRecord.model_validate_json(line) for line in text.splitlines()]


# What a run makes.


def test_every_case_is_predicted_or_failed(server, chats, run):
    """The counts add up on screen, in summary.json and in the file; records are in the order of the input."""
    done = proutt("predict", chats, "--out", run, *at(server))
    assert done.returncode == 0, done.stderr
    summary, made = summary_in(run), records(run)
    assert summary["cases"] == {"in": 7, "predicted": 7, "failed": 0, "undecided": 0, "with_truth": 7}
    assert summary["suggestions"] == {"4": 7}
    assert summary["problems"] == {}
    assert [(each.dialogue_id, each.k) for each in made] == [("a", k) for k in range(1, 5)] + [
        ("b", k) for k in (1, 2, 3)
    ]
    assert all(len(each.context.turns) == each.k for each in made)
    assert made[0].truth == "Please help me with part 1 of a, would you?"
    assert (made[0].system, made[0].method) == ("proutt (m)", "proutt")
    assert made[0].reasoning == "The user goes on."
    assert "7 test cases: 7 predicted + 0 failed" in done.stdout
    assert "without a test case: 1 dialogues" in done.stdout
    assert summary["calls"]["calls"] == len(server.requests) == 7
    names = {path.name for path in run.iterdir()}
    assert names == {"run.yaml", "journal.sqlite", "predictions.jsonl", "failures.jsonl", "summary.json", "lock"}


@pytest.mark.parametrize(
    ("method", "calls"), [("prompt", 1), ("follow-up", 1), ("socratic", 4), ("usp", 5), ("proutt-pipeline", 3)]
)
def test_every_method_makes_the_same_records(server, tmp_path, run, method, calls):
    """Four suggestions a case, with the system's name and what was used."""
    chats = written(tmp_path / "one.jsonl", [english("a", 2)])
    done = proutt("predict", chats, "--out", run, *at(server), "--method", method, "--system", "mine")
    assert done.returncode == 0, done.stderr + done.stdout
    (made,) = records(run)
    assert (made.system, made.method, len(made.suggestions)) == ("mine", method, 4)
    assert made.usage.calls == calls == len(server.requests)
    assert (made.tree is not None) is (method == "proutt-pipeline")


def test_next_predicts_after_the_whole_dialogue(server, chats, run):
    """Of standard input too: what an application asks for; nobody knows the truth."""
    order = command("predict", "-", "--out", run, *at(server), "--turns", "next", "--json", "--quiet")
    done = subprocess.run(order, input=chats.read_bytes(), env=environment(), capture_output=True, check=True)
    assert json.loads(done.stdout)["cases"] == {"in": 3, "predicted": 3, "failed": 0, "undecided": 0, "with_truth": 0}
    assert [(each.dialogue_id, each.k, each.truth) for each in records(run)] == [
        ("a", 5, None),
        ("b", 4, None),
        ("c", 1, None),
    ]


# Failures.


def test_empty_lists_are_failures_by_reason(server, chats, run):
    """They are counted, told with the model's words, and taken up again on demand; the rest is predicted."""

    def answer(body):
        return "<think>The user may" if "of a, would" in body["messages"][-1]["content"] else prediction_answer(body)

    server.answer = answer
    done = proutt("predict", chats, "--out", run, *at(server))
    assert done.returncode == 1, done.stderr
    assert summary_in(run)["failed"] == {"unclosed-reasoning": 4}
    assert {each["raw"] for each in lines(run / "failures.jsonl")} == {"<think>The user may"}
    assert "failed: unclosed-reasoning 4" in done.stdout
    assert len(server.requests) == 3 + 4 * 3
    server.answer = prediction_answer
    again = proutt("predict", chats, "--out", run, *at(server), "--retry-failed=unclosed-reasoning")
    assert again.returncode == 0, again.stderr
    assert len(records(run)) == 7
    assert len(server.requests) == 3 + 4 * 3 + 4  # the useless answers are known, and asked for no more
    assert paid_twice(server) == 0


def test_repairs_are_counted(server, chats, run):
    """On screen and in the summary."""
    server.answer = lambda body: prediction_answer(body).replace("</predict>", "")
    done = proutt("predict", chats, "--out", run, *at(server))
    assert summary_in(run)["problems"] == {"unclosed-prediction": 7}
    assert "repaired or missing: unclosed-prediction 7" in done.stdout


def test_a_server_without_completions_is_named(server, chats, run):
    """The method user-header says what it needs, in one line; nothing was paid."""
    server.answer = lambda _: Answer("no such path", status=404)
    done = proutt("predict", chats, "--out", run, *at(server), "--method", "user-header")
    assert done.returncode == 2
    assert "which the method user-header needs" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unreadable_input_fails_before_anything_is_asked(server, chats, run, tmp_path):
    """Also where it is the second file."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text("no dialogue\n")
    done = proutt("predict", chats, broken, "--out", run, *at(server))
    assert done.returncode == 2
    assert str(broken) in done.stderr
    assert server.requests == []
    assert not run.exists()


# Stopped, killed, resumed.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
@pytest.mark.parametrize("call", [5])
def test_killed_and_resumed_it_pays_nothing_twice(server, chats, tmp_path, run, number, call):
    """And the file has the bytes that it has when nothing happens."""
    options = (*at(server), "--method", "socratic", "--concurrency", "1")
    whole = tmp_path / "whole"
    assert proutt("predict", chats, "--out", whole, *options).returncode == 0
    asked = len(server.requests)
    server.requests.clear()
    process: list[subprocess.Popen[str]] = []
    count = 0

    def answer(body):
        nonlocal count
        count += 1
        if count == call:
            process[0].send_signal(number)
        return prediction_answer(body)

    server.answer = answer
    process.append(started("predict", chats, "--out", run, *options))
    process[0].communicate(timeout=60)
    assert process[0].returncode == (130 if number is signal.SIGINT else -signal.SIGKILL)
    server.answer = prediction_answer
    again = proutt("predict", chats, "--out", run, *options)
    assert again.returncode == 0, again.stderr
    assert (run / "predictions.jsonl").read_bytes() == (whole / "predictions.jsonl").read_bytes()
    lost = 1 if number is signal.SIGKILL else 0  # the call whose answer nobody could write down
    assert len(server.requests) <= asked + lost
    assert paid_twice(server) <= lost


def test_a_ceiling_stops_it_and_more_lets_it_go_on(server, chats, run):
    """Exit code 3, and the same command with a higher one ends it."""
    done = proutt("predict", chats, "--out", run, *at(server), "--max-tokens", "25", "--concurrency", "1")
    assert done.returncode == 3, done.stderr
    assert "--max-tokens 25 is reached" in done.stdout
    assert proutt("predict", chats, "--out", run, *at(server), "--max-tokens", "9999").returncode == 0
    assert len(records(run)) == 7
    assert paid_twice(server) == 0


def test_other_settings_are_refused_and_their_answers_reused(server, chats, run, tmp_path):
    """A run is of one method; a new one takes from an older run what stays the same."""
    assert proutt("predict", chats, "--out", run, *at(server)).returncode == 0
    done = proutt("predict", chats, "--out", run, *at(server), "--method", "prompt")
    assert done.returncode == 2
    assert "method: 'proutt' → 'prompt'" in done.stderr
    asked = len(server.requests)
    named = proutt("predict", chats, "--out", tmp_path / "new", *at(server), "--system", "ours", "--reuse", run)
    assert named.returncode == 0, named.stderr
    assert len(server.requests) == asked
    assert {each.system for each in records(tmp_path / "new")} == {"ours"}


# What can be set.


def test_a_configuration_file_will_do(server, chats, run, tmp_path):
    """Flags go first; a mistake is named with its line and the nearest key."""
    config = tmp_path / "predict.yaml"
    config.write_text(f"inputs: [{chats}]\nmethod: prompt\nq: 1\nturns: last\nbase_url: {server.url}\nmodel: file\n")
    done = proutt("predict", "--config", config, "--out", run, "--model", "flag")
    assert done.returncode == 0, done.stderr
    assert {each["model"] for each in server.bodies} == {"flag"}
    assert {len(each.suggestions) for each in records(run)} == {2}
    config.write_text("method: prompt\nturn: last\n")
    wrong = proutt("predict", chats, "--config", config, "--out", run)
    assert wrong.stderr == f"Error: {config}:2: unknown key 'turn'. Did you mean 'turns'?\n"
    assert wrong.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((), "no dialogues named"),
        (("x.jsonl",), "no run directory named"),
        (("x.jsonl", "--chat"), "--chat takes no dialogues"),
    ],
)
def test_what_is_missing_is_said(arguments, what):
    """In one line, with exit code 2."""
    done = proutt("predict", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert what in done.stderr


# Talking.


def talk(server: ScriptedServer, said: str, *options: str) -> subprocess.CompletedProcess[str]:
    order = command("predict", "--chat", *at(server), *options)
    return subprocess.run(order, input=said, env=environment(), capture_output=True, text=True, timeout=60, check=False)


def test_a_suggestion_is_picked_by_its_number(server):
    """Answer, numbered suggestions, and the picked one is what the user says next; an empty line ends it."""

    def answer(body):
        return "Sure, Lyon." if len(body["messages"]) % 2 and body["max_tokens"] == 512 else prediction_answer(body)

    server.answer = answer
    done = talk(server, "Plan a trip.\n2\n\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Sure, Lyon.") == 2
    shown = next(line for line in done.stdout.splitlines() if line.startswith("  2  ")).removeprefix("  2  ")
    talked = [body["messages"] for body in server.bodies if body["max_tokens"] == 512]
    assert [each["content"] for each in talked[1]] == ["Plan a trip.", "Sure, Lyon.", shown]


def test_what_a_model_says_is_shown_and_never_obeyed(server):
    """Control characters reach no terminal, neither from answers nor from suggestions."""
    server.answer = lambda body: (
        "Hello \x1b[2J there"
        if body["max_tokens"] == 512
        else "<think>x</think>\n<predict>Why \x1b]0;owned\x07?</predict>"
    )
    done = talk(server, "Hi there.\n")
    assert "\x1b" not in done.stdout
    assert "\\u001b[2J" in done.stdout


def test_a_chat_outlives_a_missing_suggestion(server):
    """One line says why there is none; the user goes on."""
    server.answer = lambda body: "Sure." if body["max_tokens"] == 512 else ""
    done = talk(server, "Hi there.\nAnd now?\n")
    assert done.returncode == 0
    assert done.stdout.count("Sure.") == 2
    assert "No suggestions: proutt: the answer was empty" in done.stderr
