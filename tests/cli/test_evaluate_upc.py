"""`proutt evaluate upc` from the outside: the real command against a server that plays chatbot, user and critic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result

from proutt.cli import cli, evaluate_upc
from proutt.evaluation.upc.record import Baseline, Failed, UPCEvaluated
from runs.command import lines, paid_twice, written
from servers.scripted import ScriptedServer
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
