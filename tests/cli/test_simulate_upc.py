"""`proutt simulate upc` from the outside: the real command against a server that answers as it is told."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proutt.cli import main, simulate_upc
from proutt.methods.upc.record import UPCDialogue
from proutt.methods.upc.settings import Strategy
from proutt.simulation.upc.config import ROLES
from runs.command import at, lines, paid_twice, started, written
from runs.here import proutt
from servers.scripted import Answer, ScriptedServer
from servers.upc_answers import prompt_of, step_of, upc_answer

CANARIES = ("Ljubljana", "harpsichord", "falconry")


def persona(number: int) -> dict[str, Any]:
    background = f"Person{number} mends a harpsichord near Ljubljana and loves falconry. Blunt, and often broke."
    return {"id": f"p{number}", "name": f"Person{number}", "background": background, "group": f"{number % 2}1"}


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = upc_answer
    return endpoint


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def order(tmp_path: Path, run: Path, server: ScriptedServer) -> tuple[object, ...]:
    """The command over six personas of two groups."""
    personas = written(tmp_path / "personas.jsonl", [persona(number) for number in range(6)])
    return ("simulate", "upc", personas, "--out", run, *at(server))


@dataclass(frozen=True)
class Done:
    """A command that ran to its end."""

    returncode: int
    stdout: str
    stderr: str


Called = Callable[..., Done]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """The command within this process: as `proutt`, without the time that a process takes to begin."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr("sys.argv", ["proutt", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return call


def records(run: Path) -> list[UPCDialogue]:
    text = (run / "dialogues.jsonl").read_text(encoding="utf-8")
    return [UPCDialogue.model_validate_json(line) for line in text.splitlines()]


def summary_in(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return found


# What a run makes.


def test_every_persona_becomes_a_dialogue(called, server, order, run):
    """The counts add up in the file, in summary.json and on screen; show and audit read it; no canary leaves."""
    done = proutt(*order)
    assert done.returncode == 0, done.stderr + done.stdout
    made, summary = records(run), summary_in(run)
    assert [each.persona_id for each in made] == [f"p{number}" for number in range(6)]
    assert summary["personas"] == {"in": 6, "simulated": 6, "failed": 0, "undecided": 0}
    attempts = [[len(turn.attempts) for turn in each.turns] for each in made]
    assert attempts == [attempts[0]] * 6
    assert set(attempts[0]) == {1, 2}
    regenerated = sum(number - 1 for number in attempts[0])
    assert summary["regenerations"]["rate"] == summary["regenerations"]["mean"] == regenerated / 4
    assert summary["scores"]["said"] == {"relevance": 4.0, "value": 4.0, "interest": 4.0}
    assert summary["scores"]["first"]["value"] < 4
    assert set(summary["scores_by_turn"]) == {"2", "3", "4", "5"}
    assert {name: group["dialogues"] for name, group in summary["groups"].items()} == {"01": 3, "11": 3}
    assert summary["easy"] == {"letter": 0, "pass": 6}
    assert summary["calls"]["calls"] == len(server.requests) == sum(each.usage.calls for each in made)
    assert set(summary["calls"]["by_role"]) == {"user-agent", "assistant-agent", "critic"}
    assert "6 personas: 6 simulated + 0 failed" in done.stdout
    assert f"regeneration rate {regenerated / 4:.1%}" in done.stdout
    spoken = [body for body in server.bodies if step_of(body) in ("greet", "respond", "regenerate")]
    assert spoken
    assert not [body for body in spoken if any(word in json.dumps(body) for word in CANARIES)]
    names = {path.name for path in run.iterdir()}
    assert names == {"run.yaml", "journal.sqlite", "dialogues.jsonl", "failures.jsonl", "summary.json", "lock"}

    shown = called("show", run, "p3", "--full")
    assert shown.returncode == 0, shown.stderr
    assert "Person3 mends a harpsichord" in shown.stdout
    assert "So it seems to me." in shown.stdout
    assert "draft 1" in shown.stdout
    assert "advice" in shown.stdout
    assert len(called("show", run, "--list").stdout.splitlines()) == 6
    assert "there is no dialogue with a persona 'x'" in called("show", run, "x").stderr
    audited = called("audit", run)
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "background-leaked" in audited.stdout


def test_each_role_has_a_model_and_a_temperature_of_its_own(called, server, order, run):
    """By option; the record says which."""
    options = ("--user-agent-model", "u", "--critic-model", "c", "--temperature-chatbot", "0.6", "--limit", "1")
    done = called(*order, *options, "--temperature-critic", "0.2")
    assert done.returncode == 0, done.stderr
    asked = {(body["model"], body["temperature"]) for body in server.bodies}
    assert asked == {("m", 0.6), ("u", 0.75), ("c", 0.2)}
    assert set(records(run)[0].models) == {"assistant-agent", "user-agent", "critic"}
    assert records(run)[0].settings["temperature_chatbot"] == 0.6


def test_the_unguided_strategy_asks_no_critic(called, server, order, run):
    """And has no scores."""
    done = called(*order, "--strategy", "unguided", "--limit", "2")
    assert done.returncode == 0, done.stderr
    assert {step_of(body) for body in server.bodies} == {"greet", "introduce", "respond", "reply"}
    assert summary_in(run)["regenerations"]["rate"] is None
    assert called("show", run).returncode == 0


def test_a_dry_run_says_what_it_takes_and_calls_nothing(called, server, order, run):
    """Before there is a run, and by its measures afterwards."""
    done = called(*order, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["total"]["calls"]["low"] == 6 * (2 + 4 * 3)
    assert found["total"]["calls"]["high"] > found["total"]["calls"]["expected"] > found["total"]["calls"]["low"]
    assert not server.requests
    assert called(*order).returncode == 0
    paid = len(server.requests)
    like = json.loads(called(*order, "--dry-run", "--json").stdout)
    assert like["total"]["calls"]["expected"] == pytest.approx(paid, rel=0.05)
    assert len(server.requests) == paid


# Stops.


def test_a_run_killed_within_a_dialogue_pays_no_call_twice(server, order, run, tmp_path):
    """It goes on at the attempt where it was; what it makes is what an undisturbed run makes at any concurrency."""
    whole = tmp_path / "whole"
    assert proutt(*[whole if each == run else each for each in order], "--concurrency", "8").returncode == 0
    undisturbed = len(server.requests)
    server.requests.clear()
    release, reached = threading.Event(), threading.Event()
    late: list[int] = []

    def held(body: Mapping[str, Any]) -> Answer:
        if len(server.requests) <= 20:
            return Answer(upc_answer(body))
        late.append(1)
        if len(late) == 2:  # both calls in flight wait: all others are answered and written down
            reached.set()
        return Answer(upc_answer(body), wait_for=release)

    server.answer = held
    process = started(*order, "--concurrency", "2")
    assert reached.wait(120)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    release.set()
    server.answer = upc_answer
    again = proutt(*order, "--concurrency", "2")
    assert again.returncode == 0, again.stderr
    assert paid_twice(server) == len(late) == 2  # those that were never answered
    assert len(server.requests) - 2 == undisturbed
    assert (run / "dialogues.jsonl").read_bytes() == (whole / "dialogues.jsonl").read_bytes()


def test_a_persona_that_is_never_answered_fails_alone(called, server, order, run):
    """With its reason, step and the model's words; it is taken up again on demand, with further draws."""
    server.answer = lambda body: (
        "I would rather not." if step_of(body) == "criticise" and "Person3" in prompt_of(body) else upc_answer(body)
    )
    done = called(*order)
    assert done.returncode == 1, done.stderr
    (failure,) = lines(run / "failures.jsonl")
    assert (failure["persona_id"], failure["stage"], failure["raw"]) == ("p3", "criticise", "I would rather not.")
    server.answer = upc_answer
    again = called(*order, "--retry-failed")
    assert again.returncode == 0, again.stderr
    assert "Taking 1 failed personas up again." in again.stderr
    assert [each.persona_id for each in records(run)] == [f"p{number}" for number in range(6)]


# What goes wrong.


def test_another_setting_or_another_background_is_refused(called, order, tmp_path):
    """By name: the run would be half of each."""
    assert called(*order, "--limit", "1").returncode == 0
    refused = called(*order, "--limit", "1", "--threshold", "3")
    assert refused.returncode == 2
    assert "threshold: 4 → 3" in refused.stderr
    written(tmp_path / "personas.jsonl", [{**persona(0), "background": "Somebody else entirely."}])
    refused = called(*order, "--limit", "1")
    assert refused.returncode == 2
    assert "persona 1 of the input is not the one that this run has seen" in refused.stderr


def test_no_personas_and_a_bad_file_are_named(called, order, tmp_path):
    """In one line, exit code 2."""
    assert "no personas named" in called("simulate", "upc", "--out", "x").stderr
    (tmp_path / "personas.jsonl").write_text('{"name": "Ann"}\n', encoding="utf-8")
    refused = called(*order)
    assert refused.returncode == 2
    assert "personas.jsonl:1" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_the_words_of_the_command_are_those_of_its_configuration():
    """`--help` loads no configuration, so it has them written down again."""
    assert tuple(role.value for role in ROLES) == simulate_upc.ROLES
    assert Strategy.__args__ == simulate_upc.STRATEGIES
