"""Experiments on SynPT: from seeds to the paper's tables, without training, against a scripted endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from experiments.synpt_loop import answer, synpt_experiment, synpt_training
from proutt.cli import cli
from proutt.cli.experiment_session import _WORDS
from proutt.errors import UserError
from proutt.evaluation.cases import digest_of
from proutt.evaluation.synpt import inquiring
from proutt.evaluation.synpt import run as evaluating
from proutt.evaluation.synpt.stored import evaluation_in
from proutt.evaluation.upc import run as evaluating_upc
from proutt.experiments.people_results import judged_in
from proutt.simulation.synpt import run as simulating
from proutt.simulation.upc import run as simulating_upc
from proutt.web.claims import planned_claims
from proutt.web.desk import Desk
from proutt.web.files import write_claims
from proutt.web.store import Store
from runs.command import lines, paid_twice
from servers.mining import seeds_at
from servers.scripted import ScriptedServer


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = answer
    return endpoint


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without figures, which take most of a small experiment's time."""
    monkeypatch.setattr("proutt.experiments.reporting.draw", lambda *_: [])


def worked(file: Path, out: Path, *more: str) -> list[str]:
    """Run the experiment in this process; the kinds of the stages that it began."""
    done = CliRunner().invoke(cli, ["experiment", str(file), "--out", str(out), "--json", *more])
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event": "stage"')]
    return [each["kind"] for each in events if each["said"] in ("begins", "goes on")]


def results_in(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return found


def test_from_seeds_to_the_table_and_then_all_is_kept(server, tmp_path):
    """Dialogues are made and audited, first words written once, two models measured on them, no question paid twice."""
    file, out = synpt_experiment(tmp_path, server.url), tmp_path / "out"
    begun = worked(file, out)
    assert begun == [*["simulate"] * 2, *["audit"] * 2, "inquiries", *["mining"] * 2]
    assert paid_twice(server) == 0
    results = results_in(out)
    assert results["complete"]
    every, some = results["simulated"]
    assert (every["paper"], every["dialogues"]) == ("8017.00", 8)
    assert 0 < some["dialogues"] < 8
    assert 0 < some["tokens"] < every["tokens"]
    shown = {(each["metric"], each["arm"]): each for each in results["mining"] if each["task"] is None}
    assert shown["vagueness", "one"]["measured"] == shown["summary", "other"]["measured"] == 100
    assert shown["vagueness", "one"]["paper"] == "84.17"
    (of,) = results["mined"].values()
    assert [each["system"] for each in of["systems"]] == ["one", "other"]
    first = [
        [each["turns"][0]["user"] for each in lines(run)] for run in out.glob("stages/mining-*/run/evaluated.jsonl")
    ]
    assert first[0] == first[1]
    assert {each.name for each in out.glob("*.svg")} == {"figure-synpt-3.svg", "figure-synpt-4.svg"}
    assert "84.17" in (out / "table.md").read_text(encoding="utf-8")
    calls = len(server.requests)
    assert shown["summary-human", "one"]["measured"] is None
    (run,) = [
        folder for folder in out.glob("stages/mining-*/run") if lines(folder / "evaluated.jsonl")[0]["system"] == "one"
    ]
    people = judged_by_two(run, tmp_path / "people", wrong="s1")
    assert worked(file, out, "--set", f"data.people={people}") == []
    assert len(server.requests) == calls
    shown = {(each["metric"], each["arm"]): each for each in results_in(out)["mining"] if each["task"] is None}
    assert (shown["summary-human", "one"]["measured"], shown["summary-human", "one"]["paper"]) == (80, "93.33")
    assert shown["mining-human", "one"]["measured"] == 100
    assert shown["summary-human", "other"]["measured"] is None


def test_what_people_said_of_something_else_is_refused(tmp_path):
    """One line that names the folder."""
    with pytest.raises(UserError, match="nothing that people said of dialogues"):
        judged_in(tmp_path)


def judged_by_two(run: Path, out: Path, *, wrong: str) -> Path:
    """The folder in which two people have said yes to everything but one dialogue's summary."""
    evaluations = [evaluation_in(run)]
    plan = planned_claims(evaluations, seed=0, size=100, limit=None)
    with Store(out, {"seed": 0}) as store:
        desk = Desk(plan, store, 0, 0.75)
        for name in ("Ann", "Ben"):
            while "rest" not in (shown := desk.next(name)):
                claim = plan.items[shown["item"]]
                no = (claim.case.context.dialogue_id, claim.criterion) == (wrong, "summary")
                desk.answer(name, shown["item"], "no" if no else "yes", 1.0)
        write_claims(out, evaluations, plan, 0.75, desk.snapshot(), digest_of([run / "evaluated.jsonl"]))
    return out


@pytest.mark.usefixtures("undrawn")
def test_a_change_runs_again_what_depends_on_it_and_nothing_else(server, tmp_path):
    """Of an arm its share; of the measures one model's; of the test set all that is measured on it."""
    file, out = synpt_experiment(tmp_path, server.url), tmp_path / "out"
    worked(file, out)
    assert worked(file, out, "--set", "arms.half.simulate.share=0.7") == ["simulate", "audit"]
    assert worked(file, out, "--set", "arms.other.mining.repeats=2") == ["mining"]
    seeds_at(tmp_path / "test.jsonl", 6)
    assert worked(file, out) == ["inquiries", "mining", "mining"]
    seeds_at(tmp_path / "test.jsonl", 5)
    assert worked(file, out) == []


@pytest.mark.usefixtures("undrawn")
def test_trained_models_are_measured_on_the_same_first_words(server, tmp_path, tiny_base):
    """Two seeds of training are two runs of one arm, over one set of dialogues and rows; then all is kept."""
    file, out = synpt_training(tmp_path, server.url, tiny_base), tmp_path / "out"
    assert worked(file, out) == ["simulate", "export", *["sft"] * 2, *["serve"] * 2, "inquiries", *["mining"] * 2]
    results = results_in(out)
    (of,) = results["mined"].values()
    assert [(each["system"], each["subject"], each["repeats"]) for each in of["systems"]] == [("SynPT", "plain", 2)]
    shown = {each["metric"]: each for each in results["mining"] if each["task"] is None}
    assert (shown["summary"]["measured"], shown["summary"]["error"]) == (100, 0)
    asked = {body["model"] for body in server.bodies} - {"maker", "user", "judge"}
    assert asked == {folder.name for folder in out.glob("stages/serve-*")}
    assert [each["rows"] for each in results["training"]] == [results["training"][0]["rows"]] * 2


@pytest.mark.usefixtures("undrawn")
def test_the_papers_numbers_by_task_stand_there_before_anything_is_measured(server, tmp_path):
    """Of Table IV: a task that only the paper has, and none of what was not asked for."""
    paper = {"where": "Table 0", "numbers": {"one": {"emotion": 91.54, "emotion Book a train": 75.0}}}
    file, out = synpt_experiment(tmp_path, server.url, paper=paper), tmp_path / "out"
    assert worked(file, out, "--only", "inquiries") == ["inquiries"]
    by_task = [each for each in results_in(out)["mining"] if each["task"] is not None]
    assert [(each["title"], each["task"], each["paper"], each["measured"]) for each in by_task] == [
        ("Emotion Acc.", "Book a train", "75.00", None)
    ]


def test_the_display_has_the_words_of_the_runs():
    """The words are written out where they are shown."""
    of_upc = (simulating_upc.WORDS, evaluating_upc.WORDS)
    words = (simulating.WORDS, inquiring.WORDS, evaluating.WORDS, *of_upc)
    assert {(each.made, each.items) for each in words} == set(_WORDS)
