"""`--engine ray` from the outside, on a cluster of this machine; where the extra `ray` is installed (make ray)."""

from __future__ import annotations

import signal
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cli.test_engine import Killer, calls_in, chats, gives_up_the_poisonous_dialogue, order, same, whole
from runs.command import paid_twice, proutt, started
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer

__all__ = ["chats", "order", "whole"]

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (make ray)")

ENGINE = ("--engine", "ray", "--workers", "3")


def test_actors_make_the_bytes_of_one_process(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Each call once, and nothing on screen but the progress and the summary."""
    paid = len(server.requests)
    done = proutt(*order, "--out", tmp_path / "run", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert same(tmp_path / "run", whole)
    assert len(server.requests) == 2 * paid
    assert calls_in(tmp_path / "run") == calls_in(whole)
    assert "Traceback" not in done.stderr
    assert "WARNING" not in done.stderr


def test_killed_actors_are_taken_over(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Twenty times; Ray gives the shard to another actor, which pays for nothing but what was in flight."""
    before = len(server.requests)
    server.answer = killer = Killer(tmp_path / "run", times=20, every=6)
    done = proutt(*order, "--out", tmp_path / "run", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert killer.killed == 20
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) <= 20 * 2


def test_a_stopped_cluster_goes_on(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Ctrl-C lets calls in flight end; the same command goes on, here by processes, and pays nothing twice."""
    before = len(server.requests)
    reached = threading.Event()

    def answer(body: dict[str, Any]) -> str:
        if len(server.requests) > before + 12:
            reached.set()
        return proutt_answer(body)

    server.answer = answer
    process = started(*order, "--out", tmp_path / "run", *ENGINE)
    assert reached.wait(120)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Run the same command to go on" in out
    done = proutt(*order, "--out", tmp_path / "run", "--engine", "processes", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) == 0


def test_a_dialogue_that_kills_its_actors_is_given_up(tmp_path: Path, server: ScriptedServer) -> None:
    """As one that kills processes: Ray would begin another actor for it forever."""
    assert gives_up_the_poisonous_dialogue(tmp_path, server, "--engine", "ray")


def test_a_lost_node_is_done_without(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Of a cluster of two nodes one is killed in the middle, with all that works on it; the other one does the rest."""
    from ray.cluster_utils import Cluster

    before = len(server.requests)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    try:
        node = cluster.add_node(num_cpus=2)
        reached = threading.Event()

        def answer(body: dict[str, Any]) -> str:
            if len(server.requests) > before + 30:
                reached.set()
            return proutt_answer(body)

        server.answer = answer
        process = started(*order, "--out", tmp_path / "run", *ENGINE, RAY_ADDRESS=cluster.address)
        assert reached.wait(120)
        cluster.remove_node(node, allow_graceful=False)
        _, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
    finally:
        cluster.shutdown()
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) <= 6  # the calls in flight
