"""`proutt simulate synpt-tasks` and `synpt-seeds` from the outside."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.simulate import command
from proutt.errors import UserError
from proutt.simulation.synpt.tasks import read_tasks, shipped_tasks
from servers.scripted import ScriptedServer


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_task_file_is_printed_to_start_from(language, tmp_path):
    """What is printed reads back as what ships."""
    shown = CliRunner().invoke(command, ["synpt-tasks", "--language", language], standalone_mode=False)
    (tmp_path / "tasks.yaml").write_text(shown.stdout, encoding="utf-8")
    assert read_tasks(tmp_path / "tasks.yaml") == shipped_tasks(language)


def test_seeds_are_grown_and_the_rest_is_said(endpoint: ScriptedServer, tmp_path):
    """The summary names what was left out; fewer seeds than wanted is exit code 1."""
    endpoint.answer = lambda body: json.dumps(
        {"seeds": [{"destination": "Lima", "location": "any", "type": "museums"}]}
    )
    out = tmp_path / "it"
    order = ["synpt-seeds", "--task", "Attraction recommendation", "--count", "2", "--out", str(out), "--model", "m"]
    shown = CliRunner().invoke(command, [*order, "--base-url", endpoint.url], standalone_mode=False)
    assert shown.return_value == 1
    assert "1 of 2 seeds" in shown.output
    assert "Attraction recommendation: 1 of 2 in 4 rounds; left out: duplicate 3" in shown.output
    assert json.loads((out / "seeds.jsonl").read_text(encoding="utf-8"))["destination"] == "Lima"


def test_a_run_needs_a_directory():
    """Nothing is asked of a model before it is named."""
    with pytest.raises(UserError, match="no run directory named"):
        CliRunner().invoke(command, ["synpt-seeds"], standalone_mode=False, catch_exceptions=False)
