"""A disk that is full or fails: one clear error, no corrupt file, and the run can be resumed."""

from __future__ import annotations

import pytest

from reliability import faults
from reliability.faults import FAILURES, Fault
from reliability.promises import Scene, unclear

pytestmark = pytest.mark.skipif(faults.missing() is not None, reason=str(faults.missing()))
#: Every so-manieth call fails here; `make soak` fails all, one after another.
STRIDE = 17


@pytest.mark.parametrize("mode", FAILURES)
def test_the_nth_call_fails(tiny_scene: Scene, mode):
    """Whichever call on a file fails, the run either does not care or ends with one error that says what to do."""
    at = 1 + 2 * FAILURES.index(mode)
    fired = 0
    while True:
        trial = tiny_scene.files_fault(Fault(at, mode))
        if trial.log.fired is None and at > len(trial.log.calls):
            break
        fired += trial.log.fired is not None
        assert not trial.problems, (at, trial.log.fired)
        at += STRIDE
    assert fired >= 3


@pytest.mark.parametrize("at", [2, 5, 11])
def test_a_read_fails(tiny_scene: Scene, at):
    """Where a run that was killed is resumed and reading fails, the same holds."""
    trial = tiny_scene.files_fault(Fault(at, "EIO", reads=True), after_kill_at=5)
    assert trial.log.fired
    assert not trial.problems, trial.log.fired


def test_a_full_disk_is_named(tiny_scene: Scene):
    """The error says that the disk may be full, and where."""
    tiny_scene.anew()
    done = tiny_scene.run(**Fault(60, "full").variables(tiny_scene.run_directory, tiny_scene.log))
    assert not unclear(done)
    assert "full" in done.err
    assert str(tiny_scene.run_directory) in done.err
