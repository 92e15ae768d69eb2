"""An experiment at work: what is kept, what a change runs again, going on after a kill. Against a scripted endpoint."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from evaluation.predictions import verdict
from experiments.loop import TRAIN, experiment, with_training
from runs.command import Interruption, english, paid_twice, started, written
from runs.here import proutt


def states(file: Path, out: Path, *more: str) -> dict[tuple[str, str], str]:
    done = proutt("experiment", file, "--out", out, "--list", "--json", *more)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {(each["kind"], each["title"] + str(n)): each["state"] for n, each in enumerate(lines)}


def worked(done) -> list[str]:
    """The kinds of the stages that a session began or went on with."""
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"event": "stage"')]
    return [each["kind"] for each in events if each["said"] in ("begins", "goes on")]


def run(file: Path, out: Path, *more: str):
    done = proutt("experiment", file, "--out", out, "--json", *more)
    assert done.returncode == 0, done.stderr + done.stdout
    return done


def foresees_and_compares(body: dict[str, Any]) -> str:
    """A model that foresees one thing, and as a judge prefers what it reads first."""
    if "response_format" in body:
        return verdict("first")
    number = len(json.dumps(body["messages"]))  # the two arms are asked for two suggestions and for four
    return f"<think>It follows.</think>\n<predict>How much is point {number}?</predict>"


def told(out: Path, people: Path) -> None:
    """What two people said of the comparisons: what the judge said."""
    (judged,) = out.glob("stages/pairwise-*/run/verdicts.jsonl")
    verdicts = [json.loads(line) for line in judged.read_text(encoding="utf-8").splitlines()]
    people.mkdir()
    lines = [json.dumps(each | {"kind": "person", "rater": who}) for who in ("ann", "bob") for each in verdicts]
    (people / "verdicts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_second_session_keeps_everything(server, tmp_path):
    """Not a call is made, and the results are the same, to the byte."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    assert worked(run(file, out)) == ["synthesize"] * 2 + ["audit"] * 2 + ["statistics"] * 2
    calls, before = len(server.requests), (out / "results.json").read_bytes()
    assert worked(run(file, out)) == []
    assert len(server.requests) == calls
    assert (out / "results.json").read_bytes() == before


def test_arms_do_not_pay_twice_for_the_same_question(server, tmp_path):
    """Another threshold asks little that is new: answers of the other arm's run are taken."""
    run(experiment(tmp_path, server.url), tmp_path / "out")
    assert paid_twice(server) == 0


def test_a_changed_setting_runs_what_depends_on_it_and_nothing_else(server, tmp_path):
    """One arm's threshold: its synthesis, audit and statistics."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    run(file, out)
    again = run(file, out, "--set", "arms.high.synthesize.tau_high=0.7")
    assert worked(again) == ["synthesize", "audit", "statistics"]
    assert worked(run(file, out)) == []  # the earlier setting is kept, too


def test_a_changed_input_runs_all_that_reads_it(server, tmp_path):
    """One more dialogue; back with the old file everything is there."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    run(file, out)
    written(tmp_path / "train.jsonl", [*TRAIN, english("new", 4)])
    assert len(worked(run(file, out))) == 6
    written(tmp_path / "train.jsonl", TRAIN)
    assert worked(run(file, out)) == []


def test_a_result_that_was_changed_by_hand_is_made_again(server, tmp_path):
    """Its stage, and with it nothing that read the same content before."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    run(file, out)
    (audit, _) = sorted((out / "stages").glob("audit-*"))
    (audit / "run/audit.json").write_text("{}", encoding="utf-8")
    assert worked(run(file, out)) == ["audit"]


def test_killed_in_a_stage_it_goes_on_and_pays_nothing_twice(server, tmp_path):
    """`kill -9` at the twelfth call; the stage that was at work is taken up where it was."""
    models = {"generator": {"model": "m", "base_url": server.url, "concurrency": 3}}
    file, out = experiment(tmp_path, server.url, models=models), tmp_path / "out"
    interruption = Interruption(12, signal.SIGKILL)
    answer, server.answer = server.answer, interruption
    process = started("experiment", file, "--out", out, "--quiet")
    interruption.process.set_result(process)
    assert process.wait(60) == -signal.SIGKILL
    server.answer = answer
    assert ("synthesize", "begun") in {(kind, state) for (kind, _), state in states(file, out).items()}
    known = len(server.requests)
    assert worked(run(file, out))[0] == "synthesize"
    assert len(server.requests) > known
    assert paid_twice(server) <= 3  # calls that were in flight
    other = tmp_path / "other"
    run(file, other)
    pairs = [
        sorted(each.read_bytes() for each in place.glob("stages/synthesize-*/run/pairs.jsonl"))
        for place in (out, other)
    ]
    assert pairs[0] == pairs[1]


def test_only_and_from_work_on_their_stages_alone(server, tmp_path):
    """What they need has to be done; without it they say what is missing."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    refused = proutt("experiment", file, "--out", out, "--from", "audit")
    assert refused.returncode == 2
    assert "needs synthesize" in refused.stderr
    assert worked(run(file, out, "--only", "synthesize")) == ["synthesize"] * 2
    assert worked(run(file, out, "--from", "statistics")) == ["statistics"] * 2
    assert worked(run(file, out)) == ["audit"] * 2


def test_a_dry_run_calls_nothing_and_writes_nothing(server, tmp_path):
    """It says what would be asked, by the verbs' own dry runs."""
    file, out = experiment(tmp_path, server.url), tmp_path / "out"
    done = proutt("experiment", file, "--out", out, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "calls" in done.stdout
    assert "Nothing was called." in done.stdout
    assert not server.requests
    assert not out.exists()


def test_people_are_waited_for(server, tmp_path):
    """Without their verdicts the agreement waits; the rest is done, and the exit code says that it is not all."""
    predict = {"from": ["test"], "turns": "last", "method": "prompt", "model": "generator"}
    more = {
        "arms": {
            "a": {"synthesize": None, "predict": predict},
            "b": {"synthesize": None, "predict": {**predict, "q": 1}},
        },
        "pairwise": {"one": "a", "against": ["b"]},
        "agreement": {"people": ["people"]},
        "statistics": None,
    }
    server.answer = foresees_and_compares
    file, out = experiment(tmp_path, server.url, **more), tmp_path / "out"
    listed = proutt("experiment", file, "--out", out, "--list")
    assert listed.returncode == 0, listed.stderr
    assert "waits for people's verdicts: proutt annotate" in listed.stdout
    done = proutt("experiment", file, "--out", out, "--json")
    assert done.returncode == 3, done.stderr
    assert worked(done) == ["predict", "predict", "pairwise"]
    told(out, tmp_path / "people")
    assert worked(run(file, out, "--set", f"data.people={tmp_path / 'people'}")) == ["agreement"]
    (agreed,) = out.glob("stages/agreement-*/run/agreement.json")
    assert json.loads(agreed.read_text(encoding="utf-8"))["groups"]


@pytest.mark.usefixtures("tiny_base")
def test_the_whole_loop_from_dialogues_to_the_table(server, tmp_path, tiny_base):
    """Synthesis, SFT, DPO, serving, predictions, evaluation, report; then everything is kept."""
    file, out = with_training(tmp_path, server.url, tiny_base), tmp_path / "out"
    done = run(file, out)
    kinds = [*("synthesize", "audit", "statistics", "export", "export", "sft", "align"), *["serve"] * 3]
    assert worked(done) == [*kinds, *["predict"] * 3, "evaluate"]
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["complete"]
    dpo = next(each for each in results["training"] if each["method"] == "dpo")
    assert dpo["measures"]["margin"]["last"] > dpo["measures"]["margin"]["first"] == 0
    assert {each["arm"] for each in results["predictions"]} == {"base", "SFT", "SFT + DPO"}
    assert next(each["paper"] for each in results["scores"] if each["arm"] == "SFT") == "76.30"
    assert any("in the paper" in each for each in results["not_comparable"])
    assert "not comparable" in (out / "table.md").read_text(encoding="utf-8")
    assert "not comparable" in (out / "report.html").read_text(encoding="utf-8")
    assert worked(run(file, out)) == []
    listed = states(file, out, "--set", "defaults.align.max_steps=1")
    assert [kind for (kind, _), state in listed.items() if state != "done"] == ["align", "serve", "predict", "evaluate"]
