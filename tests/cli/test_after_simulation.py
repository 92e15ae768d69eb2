"""What becomes of a run of `proutt simulate synpt`: the verbs that follow take what the run wrote."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli import cli
from proutt.export.reading.dialogues import dialogues_in
from proutt.methods.synpt.wording import Thought, parted, read_thinking
from runs.command import at, written
from runs.here import proutt
from servers.synpt_answers import synpt_answer

TASKS = """
language: en
tasks:
- name: Table
  turns: 5
  intentions:
  - {key: city, name: City, description: where it is}
  - {key: cuisine, name: Cuisine, description: kind of food}
  - {key: price, name: Budget, description: price level}
"""


@pytest.fixture
def run(tmp_path, endpoint):
    """A run over six seeds, made by the real command."""
    endpoint.answer = synpt_answer
    (tmp_path / "tasks.yaml").write_text(TASKS, encoding="utf-8")
    values = [{"city": f"Lyon {n}", "cuisine": "Thai curry", "price": "any"} for n in range(6)]
    rows = [{"id": f"s{n}", "task": "Table", **each} for n, each in enumerate(values)]
    seeds, out = written(tmp_path / "seeds.jsonl", rows), tmp_path / "run"
    done = proutt("simulate", "synpt", seeds, "--tasks", tmp_path / "tasks.yaml", "--out", out, *at(endpoint))
    assert done.returncode == 0, done.stderr
    return out


def test_a_run_is_measured_audited_reported_and_exported(run):
    """Each verb knows the run by what it holds, and what is exported is what was thought and said."""

    def told(*words):
        done = CliRunner().invoke(cli, [*map(str, words)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    made = {row.dialogue.seed_id: row.dialogue for row in dialogues_in(run)}
    stats = json.loads(told("stats", run, "--json"))["groups"]["all"]
    assert (stats["dialogues"], stats["flagged"]) == (6, 0)
    assert stats["usage"]["tokens"] == sum(each["tokens"] for each in stats["usage_by_module"].values()) > 0
    audit = json.loads(told("audit", run, "--json"))
    assert (audit["rows"], audit["passed"]) == (6, True)
    assert all(check["verdict"] != "n/a" for check in audit["checks"])
    assert "report.html: 6 dialogues" in told("report", run)
    manifest = json.loads(told("export", run, "--to", "trl-sft", "--json"))
    assert manifest["synpt"]["exported"] == 6
    folder = run / "export" / "trl-sft"
    meta = [json.loads(line) for line in (folder / "train.meta.jsonl").read_text().splitlines()]
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    assert len(rows) == sum(len(each.turns) for each in made.values())
    for row, about in zip(rows, meta, strict=True):
        dialogue = made[about["dialogue_id"]]
        answer = dialogue.turns[about["k"] - 1].assistant
        thinking, reply = parted(row["completion"][0]["content"])
        assert read_thinking(thinking, dialogue.names) == Thought.of(answer)
        assert reply == answer.reply
