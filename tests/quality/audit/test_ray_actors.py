"""Actors of a Ray cluster look at rows ahead of the audit; where the extra `ray` is installed (make ray)."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.quality.audit.side_by_side import Looker, outcomes_ahead
from quality.audit.begun import Begin, subject

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (make ray)")


@pytest.fixture
def actors_know_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Actors import what they begin with by its name, as these tests do."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


@pytest.mark.usefixtures("actors_know_begun")
def test_rows_of_killed_actors_are_looked_at_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Rows that kill an actor now and then lose nothing, and one that kills every actor is named; --json stays JSON."""
    import ray

    from proutt.quality.audit.ray_actors import RayActors

    deaths = {"rows.jsonl:20": 1, "rows.jsonl:36": 3, "rows.jsonl:101": 99}
    with closing(RayActors(3, Begin(tmp_path, deaths))) as actors:
        found = list(outcomes_ahead(range(100), subject, actors))
        assert len(list(tmp_path.iterdir())) == 4
        alone = Looker(Begin(tmp_path, {})).look([subject(number) for number in range(100)])
        assert found == list(enumerate(alone))
        with pytest.raises(UserError, match=r"rows\.jsonl:101: .*was killed"):
            list(outcomes_ahead(range(99, 103), subject, actors))
    assert not ray.is_initialized()
    assert capfd.readouterr().out == ""


def test_a_node_without_what_an_actor_needs_is_told_of(tmp_path: Path) -> None:
    """It is not taken for one that is killed, and the audit does not wait for it."""
    from proutt.quality.audit.ray_actors import RayActors

    actors = RayActors(1, Begin(tmp_path, {}))
    with closing(actors), pytest.raises(UserError, match=r"an actor can't begin: .*No module named 'quality'"):
        list(outcomes_ahead(range(3), subject, actors))
