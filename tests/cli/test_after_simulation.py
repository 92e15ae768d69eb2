"""What becomes of a run of `proutt simulate synpt`: the verbs that follow take what the run wrote."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli import cli
from proutt.export.reading.dialogues import dialogues_in
from proutt.methods.synpt.reading import parted, read_thinking
from proutt.methods.synpt.wording import Thought
from runs.command import at, written
from runs.here import proutt
from servers.synpt_answers import synpt_answer
from servers.upc_answers import upc_answer
from upc_records import a_chat

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


@pytest.fixture
def chats(tmp_path, endpoint):
    """A run of `proutt simulate upc` over four personas, made by the real command."""
    endpoint.answer = upc_answer
    background = "mends a harpsichord near Ljubljana and loves falconry. Blunt, and often broke."
    rows = [
        {"id": f"p{n}", "name": f"Person{n}", "background": f"Person{n} {background}", "group": "61"} for n in range(4)
    ]
    out = tmp_path / "chats"
    done = proutt("simulate", "upc", written(tmp_path / "personas.jsonl", rows), "--out", out, *at(endpoint))
    assert done.returncode == 0, done.stderr
    return out


def test_conversations_with_personas_are_exported(chats):
    """As SFT rows and as pairs, checked as any other export is; what was left out is said, and no row holds whom the
    chatbot talked to."""

    def told(*words, code=0):
        done = proutt("export", chats, *words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    flagged = "--include-flagged"  # the scripted chatbot and user say much the same in every turn
    said = told("--to", "messages-sft", "--to", "trl-preference", flagged)
    assert "4 of 4 dialogues (4 rows) as messages-sft" in said
    (pairs,) = [line for line in said.splitlines() if "as trl-preference" in line]
    written_out = "".join(each.read_text() for each in (chats / "export").rglob("*") if each.is_file())
    assert not [word for word in ("Ljubljana", "harpsichord", "falconry", "So it seems to me") if word in written_out]
    manifest = json.loads((chats / "export" / "trl-preference" / "manifest.json").read_text())
    assert f"({manifest['pairs']['exported']} rows)" in pairs
    summary = json.loads((chats / "summary.json").read_text())
    assert manifest["pairs"]["exported"] == sum(summary["regenerations"]["counts"].values()) - int(
        summary["regenerations"]["counts"]["0"]
    )
    by_letter = told("--to", "messages-sft", flagged, "--untouched", "letter", code=2)
    assert "4 difficult" in by_letter


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--to", "trl-sft", "--whole-dialogues"], "trl-sft learns one reply a row"),
        (["--to", "proutt"], "UPC's dialogues have none"),
        (["--to", "trl-sft", "--instruction", "task"], "--instruction task is not for UPC's dialogues"),
        (["--to", "trl-sft", "--no-thinking"], "--no-thinking is not for UPC's dialogues"),
        (["--to", "trl-sft", "--apart", "group"], "--apart says how --split deals"),
        (["--to", "trl-sft", "--split", "0.5/0.5", "--apart", "city"], "kept apart by group alone"),
        (["--to", "trl-sft", "--difficulty", "all", "--alpha", "2"], "all dialogues are taken"),
    ],
)
def test_options_that_conversations_cannot_have_are_refused(tmp_path, options, says):
    """Before anything is written."""
    from proutt.errors import UserError

    file = tmp_path / "dialogues.jsonl"
    file.write_text(a_chat().model_dump_json() + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=says):
        CliRunner().invoke(cli, ["export", str(file), *options], catch_exceptions=False)
    assert not (tmp_path / "export").exists()


def test_options_of_conversations_are_not_for_pairs_or_inquiries(tmp_path, run):
    """They are named, and so is what the run holds."""
    from proutt.errors import UserError

    with pytest.raises(UserError, match=r"--alpha is not for SynPT's dialogues"):
        CliRunner().invoke(cli, ["export", str(run), "--to", "trl-sft", "--alpha", "3"], catch_exceptions=False)
    pairs = written(tmp_path / "rows.jsonl", [{"prompt": "a", "chosen": "b", "rejected": "c"}])
    with pytest.raises(UserError, match=r"--difficulty is not for pairs"):
        CliRunner().invoke(
            cli, ["export", str(pairs), "--to", "trl-sft", "--difficulty", "all"], catch_exceptions=False
        )
