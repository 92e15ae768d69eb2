"""`proutt simulate synpt` from the outside: the real command against a server that answers as it is told."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proutt.cli import simulate_synpt
from proutt.dialogue import ReadingReport
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.synpt.settings import Ablation, Method
from proutt.simulation.synpt.config import ROLES, SynPTConfig
from runs.command import at, lines, paid_twice, started, written
from runs.here import proutt
from servers.scripted import Answer, ScriptedServer
from servers.synpt_answers import prompt_of, step_of, synpt_answer

TASKS = """
language: en
tasks:
- name: Table
  turns: 5
  intentions:
  - {key: city, name: City, description: where it is}
  - {key: cuisine, name: Cuisine, description: kind of food}
  - {key: price, name: Budget, description: price level}
  - {key: guests, name: Guests, description: who comes along}
"""


def seed(id: str, **values: str) -> dict[str, Any]:
    base = {"city": f"Lyon {id}", "cuisine": "Thai curry", "price": "any", "guests": "two friends"}
    return {"id": id, "task": "Table", **base, **values}


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = synpt_answer
    return endpoint


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def order(tmp_path: Path, run: Path, server: ScriptedServer) -> tuple[object, ...]:
    """The command over eight seeds of one task."""
    tasks = tmp_path / "tasks.yaml"
    tasks.write_text(TASKS, encoding="utf-8")
    seeds = written(tmp_path / "seeds.jsonl", [seed(f"s{number}") for number in range(8)])
    return ("simulate", "synpt", seeds, "--tasks", tasks, "--out", run, *at(server))


def records(run: Path) -> list[SynPTDialogue]:
    text = (run / "dialogues.jsonl").read_text(encoding="utf-8")
    return [SynPTDialogue.model_validate_json(line) for line in text.splitlines()]


def summary_in(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return found


# What a run makes.


def test_every_seed_becomes_a_dialogue(server, order, run):
    """The counts add up in the file, in summary.json and on screen; records are in the order of the seeds."""
    done = proutt(*order)
    assert done.returncode == 0, done.stderr + done.stdout
    made, summary = records(run), summary_in(run)
    assert [each.seed_id for each in made] == [f"s{number}" for number in range(8)]
    assert summary["seeds"] == {"in": 8, "simulated": 8, "failed": 0, "undecided": 0}
    assert summary["dialogues"]["all"] == 8 == summary["dialogues"]["valid"]
    assert summary["dialogues"]["turns"] == sum(len(each.turns) for each in made)
    assert {each.end for each in made} == {"nothing-missing", "reluctant"} == set(summary["ends"])
    for each in made:
        if each.end == "nothing-missing":
            assert each.turns[-1].assistant.summary == each.values
        assert sum(used.calls for used in each.usage_by_module.values()) == each.usage.calls
    assert summary["calls"]["calls"] == len(server.requests) == sum(each.usage.calls for each in made)
    modules = {name: used["calls"] for name, used in summary["usage_by_module"].items()}
    assert modules == {name: counted["calls"] for name, counted in summary["calls"]["by_step"].items()}
    assert set(summary["calls"]["by_role"]) == {"user-agent", "assistant-agent"}
    assert "8 seeds: 8 simulated + 0 failed" in done.stdout
    assert f"proutt show {run}" in done.stdout
    names = {path.name for path in run.iterdir()}
    assert names == {"run.yaml", "journal.sqlite", "dialogues.jsonl", "failures.jsonl", "summary.json", "lock"}


def test_the_first_words_are_counted_beside_their_distribution(order, run):
    """For every size from none to all; shares and P(n) each sum to one."""
    assert proutt(*order).returncode == 0
    sizes = summary_in(run)["tasks"]["Table"]["inquiry_sizes"]
    assert [each["n"] for each in sizes] == [0, 1, 2, 3, 4]
    realised = [len(each.inquiry or []) for each in records(run)]
    assert [each["dialogues"] for each in sizes] == [realised.count(n) for n in range(5)]
    for part in ("share", "p"):
        assert sum(each[part] for each in sizes) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        (("--method", "single-agent"), {"whole-dialogue"}),
        (("--method", "dual-agent"), {"inquire", "dual-answer", "reply"}),
        (("--ablate", "memory-stack", "--reluctant", "0"), {"inquire", "think", "feel", "answer", "reply"}),
        (("--reflection", "--reluctant", "1"), {"inquire", "think", "reflect", "feel", "answer", "weary"}),
    ],
)
def test_every_method_writes_the_same_record(server, order, run, options, steps):
    """By what it asks."""
    done = proutt(*order, *options, "--limit", "3")
    assert done.returncode == 0, done.stderr + done.stdout
    assert len(records(run)) == 3
    assert {step_of(body) for body in server.bodies} == steps


def test_each_role_has_a_model_of_its_own(server, order, run):
    """By option; the record says which."""
    done = proutt(*order, "--user-agent-model", "u", "--limit", "2")
    assert done.returncode == 0, done.stderr
    asked = {(body["model"], step_of(body) in {"inquire", "reply", "weary"}) for body in server.bodies}
    assert asked == {("u", True), ("m", False)}
    assert {role: model.split(" @ ")[0] for role, model in records(run)[0].models.items()} == {
        "user-agent": "u",
        "assistant-agent": "m",
    }


def test_the_same_bytes_at_any_concurrency(server, order, run, tmp_path):
    """What is written depends on no order of answers."""
    assert proutt(*order, "--concurrency", "1").returncode == 0
    other = tmp_path / "other"
    arguments = [other if each == run else each for each in order]
    assert proutt(*arguments, "--concurrency", "8").returncode == 0
    for name in ("dialogues.jsonl", "failures.jsonl"):
        assert (run / name).read_bytes() == (other / name).read_bytes()


# Stops.


def test_a_run_killed_within_a_dialogue_pays_no_call_twice(server, order, run, tmp_path):
    """It goes on at the turn where it was; what it makes is what an undisturbed run makes."""
    whole = tmp_path / "whole"
    assert proutt(*[whole if each == run else each for each in order]).returncode == 0
    undisturbed = len(server.requests)
    server.requests.clear()
    release, reached = threading.Event(), threading.Event()

    def held(body: Mapping[str, Any]) -> Answer:
        late = len(server.requests) > 20
        if late:
            reached.set()
        return Answer(synpt_answer(dict(body)), wait_for=release if late else None)

    server.answer = held
    process = started(*order, "--concurrency", "1")  # a call is asked when the one before it is in the journal
    assert reached.wait(120)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    release.set()
    server.answer = synpt_answer
    again = proutt(*order)
    assert again.returncode == 0, again.stderr
    assert paid_twice(server) == 1  # the one that was never answered
    assert len(server.requests) == undisturbed + 1
    assert (run / "dialogues.jsonl").read_bytes() == (whole / "dialogues.jsonl").read_bytes()


def test_a_ceiling_stops_the_run_and_a_higher_one_goes_on(server, order, run):
    """Exit code 3, with what to raise; nothing is paid twice."""
    stopped = proutt(*order, "--max-tokens", "200", "--concurrency", "1")
    assert stopped.returncode == 3
    assert "Stopped: " in stopped.stdout
    assert summary_in(run)["seeds"]["undecided"] > 0
    done = proutt(*order, "--max-tokens", "100000", "--concurrency", "1")
    assert done.returncode == 0, done.stderr
    assert summary_in(run)["seeds"]["simulated"] == 8
    assert paid_twice(server) == 0


def test_an_older_run_is_reused(server, order, run, tmp_path):
    """Every answer is there."""
    assert proutt(*order).returncode == 0
    calls = len(server.requests)
    second = tmp_path / "second"
    done = proutt(*[second if each == run else each for each in order], "--reuse", run)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == calls
    assert (second / "dialogues.jsonl").read_bytes() == (run / "dialogues.jsonl").read_bytes()


# What goes wrong.


def test_a_seed_that_is_never_answered_fails_alone(server, order, run):
    """With its reason, step and the model's words; it is taken up again on demand."""
    server.answer = lambda body: (
        "I would rather not." if step_of(body) == "think" and "Lyon s3" in prompt_of(body) else synpt_answer(body)
    )
    done = proutt(*order)
    assert done.returncode == 1, done.stderr
    (failure,) = lines(run / "failures.jsonl")
    assert (failure["seed_id"], failure["stage"]) == ("s3", "think")
    assert failure["raw"] == "I would rather not."
    assert "k" not in failure
    assert summary_in(run)["seeds"] == {"in": 8, "simulated": 7, "failed": 1, "undecided": 0}
    server.answer = synpt_answer
    again = proutt(*order, "--retry-failed")
    assert again.returncode == 0, again.stderr
    assert "Taking 1 failed seeds up again." in again.stderr
    assert [each.seed_id for each in records(run)] == [f"s{number}" for number in range(8)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--reluctant", "0.5"), "reluctant: 0.33 → 0.5"),
        (("--reflection",), "reflection: False → True"),
    ],
)
def test_another_setting_is_refused(order, options, said):
    """By name: the run would be half of each."""
    assert proutt(*order, "--limit", "1").returncode == 0
    refused = proutt(*order, "--limit", "1", *options)
    assert refused.returncode == 2
    assert said in refused.stderr


def test_another_meaning_of_a_task_is_refused(order, tmp_path):
    """The task file is part of what a dialogue is made of, though the run knows it by its name alone."""
    assert proutt(*order).returncode == 0
    (tmp_path / "tasks.yaml").write_text(TASKS.replace("kind of food", "what is cooked"), encoding="utf-8")
    refused = proutt(*order)
    assert refused.returncode == 2
    assert "seeds.jsonl:1: seed 1 of the input is not the one that this run has seen" in refused.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--method", "dual-agent", "--ablate", "memory-stack"), "ablate: dual-agent has no such steps."),
        (("--language", "zh"), "a task file says its own language"),
        (("--tasks", "nowhere.yaml"), "nowhere.yaml: can't be read"),
    ],
)
def test_what_contradicts_itself_is_refused_before_any_call(server, order, options, said):
    """In one line, exit code 2."""
    refused = proutt(*order, *options)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not server.requests


def test_a_bad_seeds_file_is_named_with_its_line(order, tmp_path):
    """Where no record is a seed, and under --strict at the first that is none."""
    (tmp_path / "seeds.jsonl").write_text('{"task": "Table", "city": "Lyon"}\n', encoding="utf-8")
    refused = proutt(*order)
    assert refused.returncode == 2
    assert "seeds.jsonl:1" in refused.stderr
    written(tmp_path / "seeds.jsonl", [seed("a"), {"id": 2, "task": "Chair"}])
    strict = proutt(*order, "--strict")
    assert strict.returncode == 2
    assert "seeds.jsonl:2" in strict.stderr
    assert "there is no task" in strict.stderr


def test_the_words_of_the_command_are_those_of_its_configuration():
    """`--help` loads no configuration, so it has them written down again."""
    assert tuple(role.value for role in ROLES) == simulate_synpt.ROLES
    assert Method.__args__ == simulate_synpt.METHODS
    assert tuple(Ablation) == simulate_synpt.ABLATIONS


def test_a_larger_share_has_all_seeds_of_a_smaller_one(tmp_path):
    """By the seeds' ids alone, and about as many as asked for; a limit counts what was taken."""
    tasks = tmp_path / "tasks.yaml"
    tasks.write_text(TASKS, encoding="utf-8")
    seeds = written(tmp_path / "seeds.jsonl", [seed(f"s{number}") for number in range(400)])

    def taken(**more: Any) -> list[str]:
        config = SynPTConfig(inputs=[str(seeds)], tasks=str(tasks), **more)
        return [each.id for each in config.seeds(ReadingReport())]

    some, more, every = taken(share=0.1), taken(share=0.3), taken(share=1.0)
    assert set(some) < set(more) < set(every)
    assert every == taken() == [f"s{number}" for number in range(400)]
    assert 20 <= len(some) <= 60
    assert taken(share=0.1, limit=5) == some[:5]
    assert taken(share=0.1, seed=1) != some
