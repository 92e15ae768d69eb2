"""Killed at any instant and resumed: the same bytes as an undisturbed run, and next to nothing paid twice."""

from __future__ import annotations

import signal

import pytest

from reliability import faults
from reliability.faults import KILLS, Fault, read_log
from reliability.promises import Scene, outcome
from runs.command import chinese, english

needs_faults = pytest.mark.skipif(faults.missing() is not None, reason=str(faults.missing()))
#: Every so-manieth call is disturbed here; `make soak` disturbs all.
STRIDE = 15


@pytest.fixture(scope="module")
def larger(quick_endpoint, forks, tmp_path_factory):
    """A run of some twenty turns with up to eight calls in flight."""
    folder = tmp_path_factory.mktemp("larger").resolve()
    dialogues = [english("d0", 6), chinese("d1", 5), english("d2", 5), english("d3", 5)]
    return Scene(quick_endpoint, forks, folder, dialogues, in_flight=8)


@pytest.mark.parametrize("part", [0.01, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_killed_between_two_calls(larger, part):
    """After SIGKILL anywhere in a run it goes on as if nothing had been, and pays again what was in flight at most."""
    call = max(1, round(larger.calls * part))
    trial = larger.killed_at(call, delay_s=part / 500)
    assert not trial.problems


def test_killed_again_and_again(larger):
    """A run that is killed after every forty calls still ends, with the same bytes."""
    larger.anew()
    kills = 0
    while True:
        running = []
        larger.endpoint.plan = _killing(larger, larger.endpoint.calls + 40, running)
        running.append(larger.start())
        done = running[0].wait()
        if done.code != -signal.SIGKILL:
            break
        kills += 1
    assert kills >= 2
    assert not outcome(larger.run_directory, done.code).differences(larger.undisturbed)
    assert larger.endpoint.again <= kills * larger.in_flight


def _killing(scene, call, running):
    def plan(asked):
        if asked.number == call:
            running[0].kill()
        return scene.plan(asked)

    return plan


@needs_faults
@pytest.mark.parametrize("mode", KILLS)
def test_killed_at_a_write(tiny_scene: Scene, mode):
    """Before, in the middle of and after calls that write, rename, sync, cut or remove a file: nothing is lost."""
    at = 1 + KILLS.index(mode)
    fired = 0
    while True:
        trial = tiny_scene.files_fault(Fault(at, mode))
        if trial.log.fired is None and at > len(trial.log.calls):
            break
        fired += trial.log.fired is not None
        assert not trial.problems, (at, trial.log.fired)
        at += STRIDE
    assert fired >= 3


@needs_faults
def test_every_kind_of_call_is_seen(scene):
    """The calls that tests disturb are those that matter: the journal's, the drafts', the renames and the syncs."""
    scene.run(**Fault().variables(scene.run_directory, scene.log))
    calls = read_log(scene.log).calls
    run = scene.run_directory
    for name in ("pairs.jsonl", "failures.jsonl", "summary.json", "run.yaml"):
        assert f"write {run}/.{name}.new" in calls
        assert f"fsync {run}/.{name}.new" in calls
        assert f"rename {run}/{name}" in calls
    assert f"pwrite64 {run}/journal.sqlite-wal" in calls
    assert f"fdatasync {run}/journal.sqlite" in calls
    assert f"fsync {run}" in calls
    assert len(calls) >= 40


def test_a_finished_run_is_left_alone(tiny_scene, finished):
    """Run again it makes no call and changes no byte of any file."""
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    assert tiny_scene.run().code == tiny_scene.undisturbed.code
    assert tiny_scene.endpoint.calls == 0
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before
