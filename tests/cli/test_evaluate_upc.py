"""`proutt evaluate upc` from the outside: the real command against a server that plays chatbot, user and critic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result

from proutt.cli import cli, evaluate_upc
from proutt.evaluation.upc.record import Baseline, Failed, UPCEvaluated
from runs.command import paid_twice, written
from servers.scripted import Answer, ScriptedServer
from servers.upc_answers import evaluating_answer

CANARIES = ("Ljubljana", "harpsichord", "falconry")


def persona(number: int) -> dict[str, Any]:
    background = f"Person{number} mends a harpsichord near Ljubljana and loves falconry. Blunt, and often broke."
    return {"id": f"p{number}", "name": f"Person{number}", "background": background, "group": f"{number % 3}1"}


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = evaluating_answer
    return endpoint


@pytest.fixture
def personas(tmp_path: Path) -> Path:
    return written(tmp_path / "personas.jsonl", [persona(number) for number in range(6)])


def evaluate(server: ScriptedServer, personas: Path, out: Path, *more: object) -> Result:
    """The command in this process."""
    order = ["evaluate", "upc", personas, "--out", out, "--model", "m", "--base-url", server.url]
    return CliRunner().invoke(cli, [str(each) for each in (*order, "--user-model", "u", "--quiet", *more)])


def records(out: Path) -> list[UPCEvaluated]:
    text = (out / "evaluated.jsonl").read_text(encoding="utf-8")
    return [UPCEvaluated.model_validate_json(line) for line in text.splitlines()]


def summary_in(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return found


def test_every_response_is_scored_once_and_the_counts_add_up(server, personas, tmp_path):
    """Two repeats of six personas; no call is paid twice, the chatbot hears no word of a background, and the same
    command again does nothing."""
    out = tmp_path / "out"
    more = ("--repeats", 2, "--critic-model", "c", "--turns", 3)
    done = evaluate(server, personas, out, *more)
    assert done.exit_code == 0, done.output
    summary, made = summary_in(out), records(out)
    assert summary["dialogues"] == {"in": 12, "evaluated": 12, "failed": 0, "undecided": 0}
    assert len(made) == 12
    for each in made:
        assert [len(turn.attempts) for turn in each.dialogue.turns] == [1, 1]
        assert all(turn.scores is not None and turn.user for turn in each.dialogue.turns)
        assert each.dialogue.models == {"assistant-agent": made[0].dialogue.models["assistant-agent"]} | {
            "user-agent": made[0].dialogue.models["user-agent"], "critic": made[0].critic}  # fmt: skip
    assert 1 < summary["scores"]["mean"]["mean"] < 5
    asked = [body for body in server.bodies if body["model"] == "m"]
    assert len(asked) == 12 * 3
    assert not any(canary in json.dumps(body) for body in asked for canary in CANARIES)
    assert not any("advice" in json.dumps(body.get("response_format")) for body in server.bodies)
    before = len(server.requests)
    assert evaluate(server, personas, out, *more).exit_code == 0
    assert len(server.requests) == before
    assert paid_twice(server) == 0


def test_a_second_critic_scores_the_same_dialogues(server, personas, tmp_path):
    """With --reuse chatbot and users are paid nothing; side by side there is a row for each critic."""
    one, two = tmp_path / "one", tmp_path / "two"
    assert evaluate(server, personas, one, "--critic-model", "c").exit_code == 0
    before = len(server.bodies)
    assert evaluate(server, personas, two, "--critic-model", "d", "--reuse", one).exit_code == 0
    assert {body["model"] for body in server.bodies[before:]} == {"d"}
    assert [each.dialogue.utterances for each in records(one)] == [each.dialogue.utterances for each in records(two)]
    done = CliRunner().invoke(cli, ["evaluate", "upc-compare", str(one), str(two), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output.splitlines()[-1])
    assert len({each["critic"] for each in found["systems"]}) == 2
    assert found["comparisons"] == []


@pytest.mark.parametrize("baseline", ["procot", "target-oriented"])
def test_a_baseline_is_asked_by_its_own_prompt(server, personas, tmp_path, baseline):
    """And is another system in the tables, compared on the same personas."""
    plain, other, both = tmp_path / "plain", tmp_path / "other", tmp_path / "both"
    assert evaluate(server, personas, plain, "--turns", 3).exit_code == 0
    done = evaluate(server, personas, other, "--turns", 3, "--baseline", baseline)
    assert done.exit_code == 0, done.output
    made = records(other)
    assert {each.system for each in made} == {f"{baseline} (m)"}
    assert all((each.target is not None) == (baseline == "target-oriented") for each in made)
    assert not any("Tired, it seems." in text for each in made for text in each.dialogue.utterances)
    done = CliRunner().invoke(cli, ["evaluate", "upc-compare", str(plain), str(other), "--out", str(both), "--quiet"])
    assert done.exit_code == 0, done.output
    results = json.loads((both / "results.json").read_text(encoding="utf-8"))
    assert {each["n"] for each in results["comparisons"]} == {6}
    assert f"{baseline} (m)" in (both / "tables.md").read_text(encoding="utf-8")


def test_a_chatbot_that_falls_silent_is_a_result(server, personas, tmp_path):
    """It counts the lowest score where it should have spoken, or nothing; the run has not failed."""
    out = tmp_path / "out"
    silent = lambda body: "" if body["model"] == "m" and len(body["messages"]) > 4 else evaluating_answer(body)  # noqa: E731
    server.answer = silent
    done = evaluate(server, personas, out, "--turns", 3)
    assert done.exit_code == 0, done.output
    made, summary = records(out), summary_in(out)
    assert all(each.failure is not None and each.failure.turn == 3 for each in made)
    first = made[0].dialogue.turns[0].scores
    assert first is not None
    assert summary["scores"]["value"]["mean"] == (first.value.score + 1) / 2
    assert summary["results"]["systems"][0]["chatbot_failed"] == {"empty": 6}
    more = ("evaluate", "upc-compare", str(out), "--failed", "left-out", "--json")
    found = json.loads(CliRunner().invoke(cli, more).output.splitlines()[-1])
    assert found["systems"][0]["scores"]["value"]["mean"] == first.value.score


def test_a_critic_that_cannot_be_read_fails_the_dialogue_alone(server, personas, tmp_path):
    """That is no score: the item fails, names its persona, and is taken up again."""
    out = tmp_path / "out"
    broken = lambda body: "well" if body["model"] == "c" and "Person3" in str(body) else evaluating_answer(body)  # noqa: E731
    server.answer = broken
    assert evaluate(server, personas, out, "--critic-model", "c").exit_code == 1
    assert summary_in(out)["dialogues"] == {"in": 6, "evaluated": 5, "failed": 1, "undecided": 0}
    assert json.loads((out / "failures.jsonl").read_text(encoding="utf-8"))["persona_id"] == "p3"
    server.answer = evaluating_answer
    assert evaluate(server, personas, out, "--critic-model", "c", "--retry-failed", "not-json").exit_code == 0
    assert summary_in(out)["dialogues"]["evaluated"] == 6


def test_a_ceiling_stops_within_dialogues_and_nothing_is_paid_twice(server, personas, tmp_path):
    """What was said before the stop is not asked again, and the end is that of a run without a stop."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    cut = evaluate(server, personas, out, "--max-tokens", 300, "--concurrency", 2)
    assert cut.exit_code == 3
    assert summary_in(out)["dialogues"]["undecided"] > 0
    assert evaluate(server, personas, out, "--max-tokens", 100000, "--concurrency", 2).exit_code == 0
    assert paid_twice(server) == 0
    assert evaluate(server, personas, whole).exit_code == 0
    assert (out / "evaluated.jsonl").read_text() == (whole / "evaluated.jsonl").read_text()


def test_perplexity_is_measured_by_a_model_of_its_own(server, personas, tmp_path):
    """Each response once, given what was said before it; what it takes is counted with the rest."""
    out = tmp_path / "out"

    def answer(body: dict[str, Any]) -> Answer | str:
        if "echo" not in body:
            return evaluating_answer(body) if "messages" in body else Answer("no", status=404)
        said = body["prompt"]
        told = {"text_offset": list(range(len(said))), "token_logprobs": [None, *[-0.5] * (len(said) - 1)]}
        usage = {"prompt_tokens": 20, "completion_tokens": 1}
        return Answer(raw=json.dumps({"choices": [{"logprobs": told}], "usage": usage}).encode())

    server.answer = answer
    done = evaluate(server, personas, out, "--turns", 3, "--perplexity-model", "p")
    assert done.exit_code == 0, done.output
    summary = summary_in(out)
    assert summary["perplexity"]["value"] == pytest.approx(1.6487, abs=1e-3)
    assert summary["perplexity"]["responses"] == 12
    assert summary["calls"]["by_role"]["likelihood"]["calls"] == 12
    asked = [body["prompt"] for body in server.bodies if "echo" in body]
    assert all(text.startswith("Chatbot: ") and "\nUser: " in text for text in asked)
    assert not any(canary in text for text in asked for canary in CANARIES)


def test_nobody_is_tested_on_who_was_trained_with(server, personas, tmp_path):
    """A persona of the training run, by its background, is an error before any call; a group is told."""
    same = written(tmp_path / "train.jsonl", [{**persona(2), "id": "elsewhere"}])
    done = evaluate(server, personas, tmp_path / "out", "--unseen-from", same)
    assert "persona p2 of the test set was trained with" in str(done.exception)
    assert server.requests == []
    trained = tmp_path / "trained"
    other = written(tmp_path / "other.jsonl", [{**persona(8), "id": "x"}])
    order = ["simulate", "upc", other, "--out", trained, "--model", "m", "--base-url", server.url, "--quiet"]
    assert CliRunner().invoke(cli, [str(each) for each in order], standalone_mode=False).exit_code == 0
    done = evaluate(server, personas, tmp_path / "out", "--unseen-from", trained, "--limit", 3)
    assert done.exit_code == 0, done.output
    assert summary_in(tmp_path / "out")["seen_groups"] == ["21"]


def test_a_dry_run_tells_what_a_run_takes_and_calls_nobody(server, personas, tmp_path):
    """As many calls as the run then makes; a finished run's own measures count where they are there."""
    out = tmp_path / "out"
    more = ("--turns", 3, "--repeats", 2, "--dry-run", "--json")
    told = evaluate(server, personas, out, *more)
    assert told.exit_code == 0, told.output
    assert server.requests == []
    found = json.loads(told.output)["total"]
    assert evaluate(server, personas, out, "--turns", 3, "--repeats", 2).exit_code == 0
    assert found["calls"]["low"] <= len(server.requests) == 12 * 8 <= found["calls"]["high"]
    again = json.loads(evaluate(server, personas, out, *more).output)["total"]
    assert again["calls"]["expected"] == 12 * 8


def test_what_is_wrong_is_named_before_anything_is_asked(server, personas, tmp_path):
    """No personas, nobody to play the users, no folder, no evaluation: each says so."""
    order = ["evaluate", "upc", str(personas), "--base-url", server.url]
    for given, said in (
        (["evaluate", "upc"], "no personas named"),
        ([*order, "--user-model", "u"], "no run directory named"),
        ([*order, "--out", str(tmp_path / "x")], "no model plays the users"),
        (["evaluate", "upc-compare", str(tmp_path)], "can't be read"),
    ):
        assert said in str(CliRunner().invoke(cli, given).exception), given
    assert server.requests == []


def test_help_names_the_kinds_that_there_are():
    """Its choices are those of the record, which it does not load."""
    assert get_args(Baseline) == evaluate_upc.BASELINES
    assert get_args(Failed) == evaluate_upc.FAILED
