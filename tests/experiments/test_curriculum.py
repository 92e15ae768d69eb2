"""UPC's curriculum against a scripted endpoint and a scripted training command: every branch of Algorithm 2."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from experiments.upc_loop import answer, asked, curriculum, personas, trainings, upc_training
from proutt.cli import cli
from proutt.cli.experiment_session import Display, _audited
from proutt.cli.progress import Shown
from proutt.experiments.planning import planned
from proutt.experiments.reading import read_experiment
from proutt.experiments.running import run
from runs.command import Interruption, lines, paid_twice, proutt, started, written
from servers.scripted import ScriptedServer


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = answer
    return endpoint


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without figures, which take most of a small experiment's time."""
    monkeypatch.setattr("proutt.experiments.reporting.draw_figure_5", lambda *_: [])


def done(file: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["experiment", str(file), "--out", str(out), "--json", *more])


def result_in(out: Path) -> Path:
    (found,) = out.glob("stages/curriculum-*/run/curriculum.json")
    return found


def account(file: Path, out: Path, *more: str) -> dict[str, Any]:
    """Run the experiment; what `curriculum.json` says."""
    said = done(file, out, *more)
    assert said.exit_code == 0, f"{said.output}{said.exception}"
    made: dict[str, Any] = json.loads(result_in(out).read_text(encoding="utf-8"))
    return made


def chatbots(server: ScriptedServer) -> set[str]:
    """The models that made corpora."""
    return {body["model"] for body in server.bodies if asked(body) == "respond"}


@pytest.mark.parametrize(
    ("switches", "strategy", "asked_of", "rows", "critic"),
    [
        ({"critic": False, "iterative": False, "easy": False}, "SFT", {"base"}, [8, 8], False),
        ({"iterative": False, "easy": False}, "SFT+CDC", {"base"}, [8, 8], True),
        ({"easy": False}, "CDC+IFT", {"base", "trained-1"}, [8, 8], True),
        ({}, "CDC+IFT+CL", {"base", "trained-1"}, [2, 4], True),
    ],
)
def test_the_strategies_of_table_2(server, tmp_path, switches, strategy, asked_of, rows, critic):
    """Who makes the corpora, whether a critic reads them, what is trained on; each training goes on from the last."""
    found = account(curriculum(tmp_path, server.url, **switches), tmp_path / "out")
    assert (found["strategy"], found["ended"], found["chosen"]) == (strategy, "iterations", 2)
    assert chatbots(server) == asked_of
    assert any(asked(body) == "criticise" for body in server.bodies) is critic
    assert trainings(tmp_path) == [(1, "base", rows[0]), (2, "iteration-1", rows[1])]
    assert [each["rows"] for each in found["iterations"]] == rows
    greetings = [json.dumps(body) for body in server.bodies if asked(body) == "greet"]
    assert len(greetings) == len(set(greetings)) == 8  # each corpus is another draw


def test_a_training_can_begin_anew_each_time(server, tmp_path):
    """`start: base`."""
    account(curriculum(tmp_path, server.url, start="base"), tmp_path / "out")
    assert [before for _, before, _ in trainings(tmp_path)] == ["base", "base"]


def test_what_is_counted_of_an_iteration(server, tmp_path):
    """Table 3's two numbers, the easy share by both readings, and who is left."""
    first, second = account(curriculum(tmp_path, server.url), tmp_path / "out")["iterations"]
    assert (first["regeneration_rate"], first["mean_regenerations"]) == (0.75, 0.75)
    assert (second["regeneration_rate"], second["mean_regenerations"]) == (0.5, 0.5)
    assert first["selection"]["easy_by_reading"] == {"letter": 0, "pass": 1}
    assert (first["selection"]["easy_share"], second["selection"]["easy_share"]) == (0.25, 0.5)
    assert (first["validation"], first["loss"]) == (None, None)


@pytest.mark.usefixtures("undrawn")
def test_it_ends_where_validation_is_no_better_and_the_best_iteration_is_the_result(server, tmp_path):
    """All three validation users are reached after the second iteration, so the third is no better and the last."""
    file = curriculum(tmp_path, server.url, validation=["validation"], iterations=6)
    found = account(file, tmp_path / "out")
    assert [each["validation"]["mean"]["mean"] for each in found["iterations"]] == [4, 5, 5]
    assert (found["ended"], found["chosen"]) == ("early-stop", 2)
    told = json.loads(result_in(tmp_path / "out").with_name("chatbot.json").read_text(encoding="utf-8"))
    assert (told["folder"], told["is"]) == ("iteration-2/training/run", "trained-2")


@pytest.mark.usefixtures("undrawn")
def test_without_patience_all_iterations_are_made(server, tmp_path):
    """And of equally good ones the earliest is the result."""
    file = curriculum(tmp_path, server.url, validation=["validation"], iterations=4, patience=None)
    found = account(file, tmp_path / "out")
    assert (len(found["iterations"]), found["ended"], found["chosen"]) == (4, "iterations", 2)


def test_difficult_users_come_back_until_none_is_left(server, tmp_path):
    """Whose dialogue was trained on is not asked again, and its dialogue is trained on with those that follow."""
    found = account(curriculum(tmp_path, server.url, users="difficult", iterations=9), tmp_path / "out")
    assert found["ended"] == "no-users-left"
    assert [each["personas"]["in"] for each in found["iterations"]] == [4, 3, 2, 1]
    assert [rows for _, _, rows in trainings(tmp_path)] == [2, 4, 6, 8]
    (second,) = tmp_path.glob("out/stages/*/run/iteration-2/corpus/run/dialogues.jsonl")
    assert [each["persona_id"] for each in lines(second)] == ["p1", "p2", "p3"]


@pytest.mark.usefixtures("undrawn")
def test_an_iteration_that_finds_nothing_easy_trains_nothing_and_the_next_one_is_another_draw(server, tmp_path):
    """The chatbot stays; only what was trained is validated."""
    file = curriculum(tmp_path, server.url, users="difficult", iterations=3, validation=["validation"], patience=None)
    written(tmp_path / "train.jsonl", [*personas(1), *personas(1, 3)])  # one user of the base's, one of the third level
    found = account(file, tmp_path / "out")
    assert [each["trained"] for each in found["iterations"]] == [True, False, False]
    assert [each["validation"] is None for each in found["iterations"]] == [False, True, True]
    assert found["chosen"] == 1
    assert len(trainings(tmp_path)) == 1


def test_where_nobody_is_easy_at_first_it_says_what_helps_and_takes_the_answers_again(server, tmp_path):
    """An error with a remedy; by a lower alpha and beta all are easy, and the first corpus is not paid again."""
    file = curriculum(tmp_path, server.url)
    written(tmp_path / "train.jsonl", personas(3, 5))
    refused = proutt("experiment", file, "--out", tmp_path / "out")
    assert refused.returncode == 2
    assert re.search(r"iteration 1 has nothing to train on: none of 3 dialogues is easy.*a lower alpha", refused.stderr)
    assert "untouched" not in refused.stderr
    sets = [each for key in ("alpha=1", "beta=0") for each in ("--set", f"arms.UPC.curriculum.{key}")]
    assert done(file, tmp_path / "out", *sets).exit_code == 0
    assert paid_twice(server) == 0
    assert [rows for _, _, rows in trainings(tmp_path)] == [6, 6]


class _Killed(BaseException):
    """Ends a session as a kill does: nothing catches it."""


class _Watched(Display):
    """Ends the session where its second piece begins."""

    def note(self, text: str) -> None:
        self.notes = [*getattr(self, "notes", []), text]
        if sum(": begins" in each or ": goes on" in each for each in self.notes) == 2:
            raise _Killed


@pytest.mark.usefixtures("undrawn")
def test_killed_between_any_two_pieces_it_comes_to_the_same_end(server, tmp_path):
    """Each session does one piece and is killed; all in all nothing is asked or trained twice, and the result has the
    bytes of an undisturbed one."""
    file = curriculum(tmp_path, server.url, validation=["validation"])
    plan = planned(read_experiment(file))
    killed = 0
    while True:
        try:
            run(plan, tmp_path / "out", _Watched(Shown(quiet=True, as_json=False)), _audited)
            break
        except _Killed:
            killed += 1
    assert killed == 2 * 5 - 1  # corpus, selection, rows, training, validation
    assert paid_twice(server) == 0
    assert len(trainings(tmp_path)) == 2
    account(file, tmp_path / "other")
    assert result_in(tmp_path / "out").read_bytes() == result_in(tmp_path / "other").read_bytes()


@pytest.mark.parametrize("call", [5, 40], ids=["in the first corpus", "in the second iteration"])
def test_killed_inside_a_dialogue_it_goes_on_and_pays_nothing_twice(server, tmp_path, call):
    """`kill -9` at a call; what was in flight is asked again and nothing else."""
    file, out = curriculum(tmp_path, server.url), tmp_path / "out"
    server.answer = interruption = Interruption(call, signal.SIGKILL, answer=answer)
    process = started("experiment", file, "--out", out, "--quiet")
    interruption.process.set_result(process)
    assert process.wait(60) == -signal.SIGKILL
    server.answer = answer
    account(file, out)
    assert paid_twice(server) <= 4  # calls whose answers the kill cut off
    account(file, tmp_path / "other")
    assert result_in(out).read_bytes() == result_in(tmp_path / "other").read_bytes()


def test_a_training_command_that_fails_is_said_and_begun_again(server, tmp_path):
    """With its log; the corpus is kept."""
    file = curriculum(tmp_path, server.url)
    trainer = tmp_path / "trainer.py"
    text = trainer.read_text(encoding="utf-8")
    trainer.write_text("print('no GPU'); raise SystemExit(3)", encoding="utf-8")
    refused = proutt("experiment", file, "--out", tmp_path / "out")
    assert refused.returncode == 2
    (log,) = tmp_path.glob("out/stages/*/run/iteration-1/training/run/command.log")
    assert "the training command ended with 3" in refused.stderr
    assert log.name in refused.stderr
    assert log.read_text(encoding="utf-8") == "no GPU\n"
    trainer.write_text(text, encoding="utf-8")
    account(file, tmp_path / "out")
    assert paid_twice(server) == 0


def test_arms_beside_the_papers_numbers(server, tmp_path):
    """A curriculum, the base and the same base by another critic on new users; Table 3 and figure 5 beside them."""
    scores: dict[str, Any] = {"from": ["test"], "turns": 2, "small_steps": False}
    file = curriculum(
        tmp_path,
        server.url,
        validation=["validation"],
        more={
            "models": {name: {"model": name, "base_url": server.url} for name in ("base", "user", "critic", "other")},
            "defaults": {"proactivity": scores},
            "base": {"proactivity": {"model": "base", "critics": ["critic", "other"]}},
            "paper": {
                "where": "Table 0",
                "numbers": {
                    "UPC": {"relevance": "4.858", "regeneration-rate": [37.7, 37.9, 26.0]},
                    "base": {"interest other": "3.640"},
                },
            },
        },
    )
    account(file, tmp_path / "out")
    results = json.loads((tmp_path / "out/results.json").read_text(encoding="utf-8"))
    rows: Mapping[Any, Any] = {(e["arm"], e["critic"], e["metric"]): e for e in results["proactivity"]}
    assert rows["UPC", "critic", "relevance"]["paper"] == "4.858"
    assert rows["UPC", "critic", "relevance"]["measured"] == 5
    assert rows["base", "critic", "relevance"]["measured"] == 3.5
    assert rows["base", "other", "interest"]["paper"] == "3.640"
    assert len(rows) == 9
    paired = {(e["a"], e["b"], e["critic"]) for e in results["proactive"]["test"]["comparisons"]}
    assert {(a, b) for a, b, _ in paired} == {("UPC", "base")}  # each critic's own; the other one has one arm
    assert len(paired) == 1
    rates = [(e["paper"], e["measured"]) for e in results["regenerations"] if e["what"] == "regeneration-rate"]
    assert rates == [("37.70", 75), ("37.90", 50), ("26.00", None)]
    assert {each.suffix for each in (tmp_path / "out").glob("figure-upc-5.*")} == {".svg", ".png", ".pdf"}
    said = [json.dumps(body) for body in server.bodies if asked(body) != "greet"]  # a greeting knows of nobody
    assert len(said) == len(set(said))


def test_a_trained_chatbot_makes_the_next_corpus_and_is_trained_further(server, tmp_path, tiny_base):
    """Adapter upon adapter; each model is asked by the name of what was merged, the base by that of its stage."""
    file, out = upc_training(tmp_path, server.url, tiny_base), tmp_path / "out"
    found = account(file, out)
    (folder,) = out.glob("stages/curriculum-*")
    (base,) = out.glob("stages/serve-*")
    assert chatbots(server) == {base.name, f"{folder.name}-iteration-1"}
    first, second = (folder / f"run/iteration-{number}/training/run" for number in (1, 2))
    told = [
        json.loads((run / "training.json").read_text(encoding="utf-8"))["settings"]["start"] for run in (first, second)
    ]
    assert told == [None, str((first / "adapter").resolve())]
    assert all(each["loss"]["first"] > 0 for each in found["iterations"])
    served = json.loads((folder / "run/chatbot.json").read_text(encoding="utf-8"))
    assert (served["folder"], served["is"]) == ("iteration-2/served/run", f"{folder.name}-iteration-2")


def test_a_dry_run_says_what_the_corpora_would_take(server, tmp_path):
    """As often as there are iterations, without a call; training is not in it."""
    said = done(curriculum(tmp_path, server.url), tmp_path / "out", "--dry-run")
    assert said.exit_code == 0, said.output
    (stage,) = (json.loads(line) for line in said.stdout.splitlines())
    once = stage["cost"]["calls"] / 2
    assert stage["state"] == "to do"
    assert 4 * 5 <= once <= 4 * 7  # four users: greeting, introduction, response, verdict, reply; once more at most
    assert "2 iterations like the first" in stage["cost"]["said"]
    assert not server.requests
