"""`proutt evaluate synpt` from the outside: the real command against a server that plays model and user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from proutt.cli import cli
from proutt.evaluation.synpt.record import EvaluatedDialogue
from runs.command import lines, paid_twice
from servers.mining import TASKS, mining_answer, seeds_at
from servers.scripted import ScriptedServer


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
