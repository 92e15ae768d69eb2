"""`proutt evaluate synpt` from the outside: the real command against a server that plays model and user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from proutt.cli import cli
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.methods.synpt.record import SynPTDialogue
from runs.command import lines, paid_twice
from servers.mining import TASKS, agent_answer, mining_answer, seeds_at
from servers.scripted import ScriptedServer
from synpt_records import a_dialogue


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = mining_answer
    return endpoint


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.yaml"
    path.write_text(TASKS, encoding="utf-8")
    return path


def evaluate(server: ScriptedServer, tasks: Path, seeds: Path, out: Path, *more: str) -> Result:
    """The command in this process."""
    order = ["evaluate", "synpt", seeds, "--tasks", tasks, "--out", out, "--model", "m", "--base-url", server.url]
    return CliRunner().invoke(cli, [str(each) for each in (*order, "--user-model", "u", "--quiet", *more)])


def records(out: Path) -> list[EvaluatedDialogue]:
    text = (out / "evaluated.jsonl").read_text(encoding="utf-8")
    return [EvaluatedDialogue.model_validate_json(line) for line in text.splitlines()]


def summary_in(out: Path) -> dict[str, Any]:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def test_an_evaluation_measures_all_and_adds_up(server, tasks, tmp_path):
    """Every dialogue of every repeat is there, judged by all criteria; a model that mines well gets full marks."""
    out = tmp_path / "out"
    more = ("--repeats", "2", "--emotions", "--options")
    done = evaluate(server, tasks, seeds_at(tmp_path / "seeds.jsonl", 10), out, *more)
    assert done.exit_code == 0, done.output
    summary, made = summary_in(out), records(out)
    assert summary["dialogues"] == {"in": 20, "evaluated": 20, "failed": 0, "undecided": 0}
    assert summary["parts"] == {"none": 2, "all": 2, "some": 6} | summary["parts"]
    assert len(lines(out / "inquiries.jsonl")) == 10
    (system,) = summary["results"]["systems"]
    for name in ("vagueness", "mining", "summary", "emotion", "goes-on"):
        assert system["metrics"][name]["mean"] == 1, name
    assert system["metrics"]["options"]["mean"] == 2
    assert system["metrics"]["turns-a"]["over_repeats"]["error"] == 0
    assert {each.decided_by for each in made if each.vague} >= {"judge"}
    assert all(each.turns[-1].reply.summary == each.values for each in made)
    assert not any("<think>" in turn.reply.text for each in made for turn in each.turns)
    again = evaluate(server, tasks, tmp_path / "seeds.jsonl", out, *more)
    assert again.exit_code == 0
    assert paid_twice(server) == 0


def test_models_share_inquiries_and_are_compared_on_them(server, tasks, tmp_path):
    """The second model gets the first one's test cases and words, so that no user's mood decides; then side by side."""
    seeds = seeds_at(tmp_path / "seeds.jsonl", 10)
    one, two, both = (tmp_path / name for name in ("one", "two", "both"))
    assert evaluate(server, tasks, seeds, one, "--per-task", "5").exit_code == 0
    before = len(server.requests)
    more = ("--inquiries", str(one), "--subject", "prompted", "--judge", "none", "--seed", "9")
    assert evaluate(server, tasks, seeds, two, *more).exit_code == 0
    asked = {body["messages"][0]["content"][:30] for body in server.bodies[before:]}
    assert not any("inquire" in text for text in asked)
    first, second = ({each.seed_id: each.turns[0].user for each in records(out)} for out in (one, two))
    assert first == second
    assert len(first) == 5
    more = ("--out", str(both), "--figures", "svg")
    done = CliRunner().invoke(cli, ["evaluate", "synpt-compare", str(one), str(two), *more])
    assert (both / "figure-synpt-3.svg").read_text(encoding="utf-8").count("prompted (m)") == 1
    assert done.exit_code == 0, done.output
    assert "prompted (m)" in (both / "tables.md").read_text(encoding="utf-8")
    (row,) = [each for each in json.loads((both / "results.json").read_text())["comparisons"]
              if each["metric"] == "summary"]  # fmt: skip
    assert row["clusters"] == 5


def test_the_assistant_agent_is_measured_through_its_fields(server, tasks, tmp_path):
    """What it asks for is known without a judge."""
    server.answer = agent_answer
    done = evaluate(
        server, tasks, seeds_at(tmp_path / "seeds.jsonl", 5), tmp_path / "out", "--subject", "assistant-agent"
    )
    assert done.exit_code == 0, done.output
    made = records(tmp_path / "out")
    assert all(each.all_right for each in made)
    assert {each.decided_by for each in made if each.vague} == {"fields"}
    assert all(turn.reply.options for each in made for turn in each.turns[:-1])


def test_what_is_wrong_is_named_before_anything_is_asked(server, tasks, tmp_path):
    """No seeds, nobody to play the user, a seed that is none, inquiries of other seeds: each says so."""
    seeds = seeds_at(tmp_path / "seeds.jsonl", 3)
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"task": "Book a table", "city": "Town"}\n', encoding="utf-8")
    order = ["evaluate", "synpt", str(seeds), "--tasks", str(tasks), "--out", str(tmp_path / "x")]
    for given, said in (
        ([*order], "no model plays the user"),
        ([*order, "--user-model", "u", "--inquiries", str(tmp_path)], "can't be read"),
        ([str(bad) if each == str(seeds) else each for each in order] + ["--user-model", "u"], "bad.jsonl:1"),
        ([each for each in order if each != str(seeds)], "no seeds named"),
    ):
        error = CliRunner().invoke(cli, given).exception
        assert said in str(error), (given, error)
    assert server.requests == []


def test_a_model_that_never_answers_usably_fails_alone(server, tasks, tmp_path):
    """A judge that writes no JSON fails the dialogues that need it; the others are evaluated, and it is told."""
    server.answer = lambda body: "well" if "asked" in str(body.get("response_format")) else mining_answer(body)
    seeds = seeds_at(tmp_path / "seeds.jsonl", 10)
    done = evaluate(server, tasks, seeds, tmp_path / "out")
    assert done.exit_code == 1
    counts = summary_in(tmp_path / "out")["dialogues"]
    assert counts["failed"] > 0
    assert counts["evaluated"] + counts["failed"] == 10
    server.answer = mining_answer
    assert evaluate(server, tasks, seeds, tmp_path / "out", "--retry-failed", "not-json").exit_code == 0
    assert summary_in(tmp_path / "out")["dialogues"]["evaluated"] == 10


def test_a_model_under_test_that_fails_is_wrong_or_left_out(server, tasks, tmp_path):
    """Its failures are no failures of the run; the same command with --failed left-out counts anew, without a call."""

    def answer(body: dict[str, Any]) -> str:
        asked = str(body.get("response_format"))
        return "well" if "'given'" in asked and "Town3" in str(body["messages"]) else agent_answer(body)

    server.answer = answer
    seeds, out = seeds_at(tmp_path / "seeds.jsonl", 5), tmp_path / "out"
    assert evaluate(server, tasks, seeds, out, "--subject", "assistant-agent").exit_code == 0
    asked = len(server.requests)
    (failed,) = [each for each in records(out) if each.end == "failed"]
    assert (failed.seed_id, failed.failure, failed.vagueness_right) == ("s3", "not-json", False)
    assert summary_in(out)["results"]["systems"][0]["metrics"]["summary"]["mean"] == 0.8
    assert evaluate(server, tasks, seeds, out, "--subject", "assistant-agent", "--failed", "left-out").exit_code == 0
    results = summary_in(out)["results"]
    assert (results["failed"]["counted"], results["systems"][0]["metrics"]["summary"]["mean"]) == ("left-out", 1.0)
    assert len(server.requests) == asked


def inquired(text: str) -> SynPTDialogue:
    """A simulated dialogue that begins so."""
    made = a_dialogue()
    first = made.turns[0]
    user = first.user.model_copy(update={"utterance": text})
    return made.model_copy(update={"turns": [first.model_copy(update={"user": user}), *made.turns[1:]]})


def test_lengths_of_inquiries_are_shown_and_drawn(tmp_path):
    """Words, and characters where there are no spaces; a violin a run, even of one that never varies (figure 4)."""
    texts = {"with": ["hi", "a table for two, please", "帮我订位"], "without": ["I want a table in Lyon"] * 2}
    for name, said in texts.items():
        (tmp_path / name).mkdir()
        lines = [inquired(text).model_dump_json() + "\n" for text in said]
        (tmp_path / name / "dialogues.jsonl").write_text("".join(lines), encoding="utf-8")
    order = ["evaluate", "synpt-lengths", str(tmp_path / "with"), str(tmp_path / "without"), "--json"]
    more = ("--out", str(tmp_path / "out"), "--figures", "svg")
    done = CliRunner().invoke(cli, [*order, *more], catch_exceptions=False)
    spreads = json.loads(done.output)["lengths"]
    assert [(each["n"], each["mean"]) for each in spreads.values()] == [(3, 10 / 3), (2, 6)]
    assert (tmp_path / "out" / "figure-synpt-4.svg").is_file()
    assert "needs a folder" in str(CliRunner().invoke(cli, [*order, "--figures", "svg"]).exception)
