"""Model servers on a Ray cluster, here of this machine and without GPUs, with a scripted command `vllm`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.llm.model_server import Serving
from proutt.runs.config import config_of
from proutt.runs.pair_run import make_pairs
from runs.command import english, lines, written
from servers.vllm_on_path import vllm_on_path

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (make ray)")


@pytest.fixture
def vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder to which the scripted servers write their calls."""
    for name, value in vllm_on_path(tmp_path / "vllm").items():
        monkeypatch.setenv(name, value)
    return tmp_path / "vllm"


class Noted:
    """An observer who keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetching(self) -> AbstractContextManager[Callable[[object], None]]:
        return nullcontext(lambda _: None)

    @asynccontextmanager
    async def working(self, now: object) -> AsyncIterator[None]:
        yield


def test_a_run_is_done_with_servers_of_the_cluster(tmp_path: Path, vllm: Path) -> None:
    """Each is asked with the run's key; when the run is over, they are, too. Of more input others are asked, by the
    process of what is one run now."""
    import ray

    from proutt.runs.ray_engine import RayData
    from proutt.runs.ray_servers import RayServers
    from proutt.runs.sharded import Workers

    chats = written(tmp_path / "chats.jsonl", [english(f"d{number}", 4) for number in range(6)])
    serving = Serving.named("vllm:m")
    config = config_of({"inputs": [str(chats)], "model": serving.model, "base_url": serving.base_url})
    workers = Workers(RayData(2, RayServers(serving, gpus=2, claimed=0)), 2)
    notes = Noted()
    made = make_pairs(config, tmp_path / "run", notes, workers=workers)
    assert made.complete
    assert sum("answers at" in text for text in notes.notes) == 2
    assert len(list(vllm.glob("*.jsonl"))) == 2
    pairs = lines(tmp_path / "run/pairs.jsonl")
    assert pairs
    assert not ray.is_initialized()
    written(chats, [english(f"d{number}", 4) for number in range(7)])
    assert make_pairs(config, tmp_path / "run", notes, workers=workers).complete
    assert sum("answers at" in text for text in notes.notes) == 4
    assert len(lines(tmp_path / "run/pairs.jsonl")) > len(pairs)
    assert not ray.is_initialized()


def test_a_cluster_without_gpus_is_told_of(tmp_path: Path) -> None:
    """At once, instead of waiting for a place that never comes."""
    from proutt.runs.ray_cluster import closed
    from proutt.runs.ray_servers import RayServers

    servers = RayServers(Serving.named("vllm:m"), gpus=1)
    servers.serving = Serving.named("vllm:m", gpus=2)
    try:
        with pytest.raises(UserError, match="1 GPUs, and a server takes 2"):
            servers.start(tmp_path, lambda _: None, lambda: True)
    finally:
        closed()
