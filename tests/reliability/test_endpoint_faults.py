"""An endpoint that refuses, breaks off or lies: all turns are done in the end, or the run stops and says why."""

from __future__ import annotations

import socket

import pytest

from reliability.endpoint import Says
from reliability.plans import BAD_ANSWERS, BROKEN, SLOW, first_answers, mixed, throttling
from reliability.promises import STUBBORN, Scene, outcome, unclear
from runs.command import english, lines


@pytest.fixture(scope="module")
def larger(quick_endpoint, forks, tmp_path_factory):
    """A run of six turns with up to eight calls in flight."""
    folder = tmp_path_factory.mktemp("busy").resolve()
    return Scene(quick_endpoint, forks, folder, [english("d0", 5), english("d2", 3)], in_flight=8)


def test_throttled_and_yet_complete(larger):
    """With 30 % of calls refused for their rate every turn is done, no call comes earlier than told, bytes the same."""
    larger.anew(throttling(0.3))
    done = larger.run()
    assert not larger.unlike_undisturbed(done)
    assert larger.endpoint.refused[429] >= 3
    assert not larger.endpoint.too_early


def test_a_wait_that_is_told_is_waited(tiny_scene):
    """A call that was told to come back in a second does not come back before."""
    tiny_scene.anew(
        lambda call: Says("later", 429, {"Retry-After": "1"}) if call.number == 2 else tiny_scene.plan(call)
    )
    assert not tiny_scene.unlike_undisturbed(tiny_scene.run())
    assert not tiny_scene.endpoint.too_early


def test_broken_and_yet_complete(larger):
    """With 20 % of calls broken in eight ways every turn is done, with the same bytes."""
    given: dict[str, int] = {}
    larger.anew(mixed(0.2, BROKEN, given))
    done = larger.run()
    assert not larger.unlike_undisturbed(done)
    assert sum(given.values()) >= 2
    assert larger.endpoint.again == sum(given.values())


def test_gone_for_a_while(tiny_scene):
    """An endpoint that drops six calls in a row is waited for, and the run ends as if nothing had been."""
    tiny_scene.anew(lambda call: Says(how="reset") if 3 < call.number <= 9 else tiny_scene.plan(call))
    assert not tiny_scene.unlike_undisturbed(tiny_scene.run())


def test_an_answer_without_end(tiny_scene):
    """An answer that drips in for ever is given up after the time that a call may take, and asked for again."""
    tiny_scene.anew(lambda call: SLOW if call.number == 2 else tiny_scene.plan(call))
    done = tiny_scene.run("--timeout-s", "1")
    found = outcome(tiny_scene.run_directory, done.code).differences(tiny_scene.undisturbed)
    assert found == ["run.yaml differs"]  # by the timeout
    assert tiny_scene.endpoint.again == 1


@pytest.mark.parametrize(
    ("status", "said"), [(401, "holds a key|Set "), (403, "may not use m"), (404, "It offers|Mend --model")]
)
def test_what_no_call_can_mend_stops_the_run(scene, status, said):
    """A bad key, a model that may not be used or is not there: two calls at most, and what to do about it."""
    scene.anew(lambda _: Says("no", status))
    done = scene.run()
    assert not unclear(done)
    assert any(each in done.err for each in said.split("|"))
    assert scene.endpoint.calls <= 2
    scene.endpoint.plan = scene.plan
    assert not scene.unlike_undisturbed(scene.run())


def test_nobody_there(scene):
    """An address where nobody listens stops the run at once, with the question that helps."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        done = scene.forks.run(
            "synthesize", scene.chats, "--out", scene.folder / "no", "--model", "m", "--base-url", url
        )
    assert not unclear(done)
    assert "connection refused" in done.err
    assert "Is the server running" in done.err


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_bad_answers_are_asked_for_again(tiny_scene, kind):
    """A question whose first answer is of no use is asked again; a turn that gets no other answer fails, counted."""
    tiny_scene.anew(first_answers(kind, STUBBORN.encode()))
    done = tiny_scene.run()
    assert done.code == 1, done.err
    assert "Traceback" not in done.said
    failures = lines(tiny_scene.run_directory / "failures.jsonl")
    assert [failure["dialogue_id"] for failure in failures] == [STUBBORN]
    assert failures[0]["reason"] in BAD_ANSWERS[kind][1]
    assert len(lines(tiny_scene.run_directory / "pairs.jsonl")) == 1
    calls = tiny_scene.endpoint.calls
    assert tiny_scene.run().code == 1
    assert tiny_scene.endpoint.calls == calls
