"""One process at a time, one configuration for ever, and Ctrl-C."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest

from reliability.promises import Scene, unclear


def held_from(scene: Scene, call: int) -> None:
    """From that call on, no answer comes before the endpoint is told to go on."""
    scene.endpoint.plan = lambda asked: (
        replace(scene.plan(asked), how="held") if asked.number >= call else scene.plan(asked)
    )


def test_of_two_processes_one_is_refused(scene):
    """Whichever of two comes second is refused with a remedy; the first makes what an undisturbed run makes."""
    held_from(scene, 1)
    both = [scene.start(), scene.start()]
    refused, done = scene.forks.first_to_end(both)
    assert not unclear(done)
    assert "another proutt is working in this directory" in done.err
    scene.endpoint.plan = scene.plan
    scene.endpoint.release()
    (winner,) = (each for each in both if each is not refused)
    assert not scene.unlike_undisturbed(winner.wait())
    assert scene.endpoint.again == 0


def test_the_lock_of_the_dead_holds_nobody(scene):
    """After SIGKILL the lock file is still there, and the next process just goes on."""
    scene.kill_only(4)
    assert (scene.run_directory / "lock").exists()
    assert not scene.unlike_undisturbed(scene.run())


CHANGES = {
    "q": ("--q", "3"),
    "tau_high": ("--tau-high", "0.9"),
    "seed": ("--seed", "5"),
    "turns": ("--turns", "last"),
    "model": ("--model", "another"),
    "ablate": ("--ablate", "sentence-type"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_configuration_is_refused_by_name(tiny_scene, finished, name):
    """The error names what differs; nothing is called and nothing written."""
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    done = tiny_scene.run(*CHANGES[name])
    assert not unclear(done)
    assert f"{name}: " in done.err
    assert tiny_scene.endpoint.calls == 0
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before


def test_other_prompts_are_refused(tiny_scene, finished):
    """So is a run that was begun by a proutt with other prompts."""
    with sqlite3.connect(finished / "journal.sqlite") as database:
        ((text,),) = database.execute("SELECT value FROM meta WHERE name = 'config'").fetchall()
        older = json.dumps({**json.loads(text), "prompt_version": "older"})
        database.execute("UPDATE meta SET value = ? WHERE name = 'config'", (older,))
    database.close()
    done = tiny_scene.run()
    assert not unclear(done)
    assert "prompt_version: 'older' → " in done.err
    assert tiny_scene.endpoint.calls == 0


def test_interrupted_once(scene):
    """Calls in flight are answered and written down, none is made any more, and the run can go on."""
    done = scene.interrupted_at(5, twice=False)
    assert done.code == 130, done.err
    assert "Ctrl-C again stops at once" in done.err
    assert "Traceback" not in done.said
    assert not scene.unlike_undisturbed(scene.run())
    assert scene.endpoint.again == 0


def test_interrupted_twice(scene):
    """The second one does not wait for answers; the run can go on all the same."""
    done = scene.interrupted_at(5, twice=True)
    assert done.code == 130, done.err
    assert "Traceback" not in done.said
    assert not scene.unlike_undisturbed(scene.run())
    assert scene.endpoint.again <= scene.in_flight
