"""What actors are said to take of a Ray cluster; no Ray is needed."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from proutt.runs.ray_cluster import processors_each


@dataclass
class Cluster:
    """Answers as `ray` does."""

    processors: float

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": self.processors}


@given(st.integers(1, 4096).map(float), st.integers(1, 1024))
def test_all_actors_find_room(processors: float, number: int) -> None:
    """One that does not would wait for ever; none takes more than a processor, and a fraction is in Ray's steps."""
    each = processors_each(Cluster(processors), number)
    assert 0 < each <= 1
    assert round(each * 10000) * number <= processors * 10000
    assert each == round(each, 4)
