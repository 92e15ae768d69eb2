"""`--engine processes` from the outside: several workers on one run, and the same files as from one."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from runs.command import at, english, lines, paid_twice, proutt, started, written
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    return written(tmp_path / "chats.jsonl", [english(f"d{number}", 5) for number in range(8)])


@pytest.fixture
def order(chats: Path, server: ScriptedServer) -> tuple[object, ...]:
    return ("synthesize", chats, *at(server), "--concurrency", "6")


ENGINE = ("--engine", "processes", "--workers", "3")


@pytest.fixture
def whole(order: tuple[object, ...], tmp_path: Path) -> Path:
    """The same run by one process."""
    assert proutt(*order, "--out", tmp_path / "whole").returncode == 0
    return tmp_path / "whole"


def same(run: Path, whole: Path) -> bool:
    """Whether the files that a run ends in are the same to the byte."""
    names = ("pairs.jsonl", "failures.jsonl", "run.yaml")
    return all((run / name).read_bytes() == (whole / name).read_bytes() for name in names)


def calls_in(run: Path) -> int:
    calls: int = json.loads((run / "summary.json").read_text("utf-8"))["calls"]["calls"]
    return calls


def workers_at(run: Path, shard: str = "*") -> list[int]:
    """The processes that work on shards, by the locks that they hold."""
    locks = {os.stat(path).st_ino for path in run.glob(f"shards/{shard}/lock")}
    held = (line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines())
    return [int(fields[4]) for fields in held if int(fields[5].split(":")[2]) in locks]


class Killer:
    """Kills a worker at each of so many answers, between calls that the endpoint counts."""

    def __init__(self, run: Path, times: int, every: int) -> None:
        self.run, self.left, self.every = run, times, every
        self.killed, self._count, self._lock, self._rng = 0, 0, threading.Lock(), random.Random(0)

    def __call__(self, body: dict[str, Any]) -> str:
        with self._lock:
            self._count += 1
            due = self.left and self._count % self.every == 0
            pids = workers_at(self.run) if due else []
            if pids:
                os.kill(self._rng.choice(pids), signal.SIGKILL)
                self.left -= 1
                self.killed += 1
        return proutt_answer(body)


def test_workers_make_the_bytes_of_one_process(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Each call once; the run is one as any other: run again, it makes no call."""
    paid = len(server.requests)
    done = proutt(*order, "--out", tmp_path / "run", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert same(tmp_path / "run", whole)
    assert len(server.requests) == 2 * paid
    assert calls_in(tmp_path / "run") == calls_in(whole)
    assert len(list((tmp_path / "run/shards").glob("*-of-*"))) == 3
    assert proutt(*order, "--out", tmp_path / "run", *ENGINE).returncode == 0
    assert proutt(*order, "--out", tmp_path / "run").returncode == 0
    assert len(server.requests) == 2 * paid


@pytest.mark.skipif(not Path("/proc/locks").is_file(), reason="no /proc/locks here")
def test_killed_workers_are_taken_over(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Four times (`make ray` does it twenty times); nothing is lost, and no call is paid twice but those in flight."""
    before = len(server.requests)
    server.answer = killer = Killer(tmp_path / "run", times=4, every=20)
    done = proutt(*order, "--out", tmp_path / "run", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert killer.killed == 4
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) <= 4 * 2
    assert "died; another one goes on" in done.stderr


def gives_up_the_poisonous_dialogue(folder: Path, server: ScriptedServer, *engine: str) -> bool:
    """Whether a dialogue that kills its workers fails with a reason, and all others are done, as without it."""
    texts = [english(f"d{number}", 3) for number in range(6)]
    poison = english("poison", 3)
    poison["messages"][0]["content"] = "Poison, please."
    settings = (*at(server), "--concurrency", "4")
    chats = written(folder / "without.jsonl", texts)
    assert proutt("synthesize", chats, "--out", folder / "without", *settings).returncode == 0

    def answer(body: dict[str, Any]) -> str:
        if "Poison, please." in json.dumps(body):
            for pid in workers_at(folder / "run", "00002-of-00002"):
                os.kill(pid, signal.SIGKILL)
        return proutt_answer(body)

    server.answer = answer
    chats = written(folder / "with.jsonl", [*texts[:3], poison, *texts[3:]])
    done = proutt("synthesize", chats, "--out", folder / "run", *settings, *engine, "--workers", "2")
    assert done.returncode == 1, done.stderr
    failed = {(each["dialogue_id"], each["reason"]) for each in lines(folder / "run/failures.jsonl")}
    made, expected = (
        [each["dialogue_id"] for each in lines(folder / name / "pairs.jsonl")] for name in ("run", "without")
    )
    return failed == {("poison", "worker-killed")} and made == expected


@pytest.mark.skipif(not Path("/proc/locks").is_file(), reason="no /proc/locks here")
def test_a_dialogue_that_kills_its_workers_is_given_up(tmp_path: Path, server: ScriptedServer) -> None:
    """It can be tried again (--retry-failed=worker-killed)."""
    assert gives_up_the_poisonous_dialogue(tmp_path, server, "--engine", "processes")


def test_a_stop_is_for_all_workers(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Ctrl-C: calls in flight end, what there is is counted; the same command goes on, and nothing is paid twice."""
    before = len(server.requests)
    reached = threading.Event()

    def answer(body: dict[str, Any]) -> str:
        if len(server.requests) > before + 12:
            reached.set()
        return proutt_answer(body)

    server.answer = answer
    process = started(*order, "--out", tmp_path / "run", *ENGINE)
    assert reached.wait(60)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Run the same command to go on" in out
    assert not (tmp_path / "run/pairs.jsonl").exists()
    assert proutt(*order, "--out", tmp_path / "run", *ENGINE).returncode == 0
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) == 0


def test_workers_of_a_dead_driver_end(
    order: tuple[object, ...], whole: Path, tmp_path: Path, server: ScriptedServer
) -> None:
    """Killed, it can be started again at once: it waits for what its workers had in flight."""
    before = len(server.requests)
    reached = threading.Event()

    def answer(body: dict[str, Any]) -> str:
        if len(server.requests) > before + 12:
            reached.set()
        return proutt_answer(body)

    server.answer = answer
    process = started(*order, "--out", tmp_path / "run", *ENGINE)
    assert reached.wait(60)
    process.kill()
    process.communicate(timeout=60)
    done = proutt(*order, "--out", tmp_path / "run", *ENGINE)
    assert done.returncode == 0, done.stderr
    assert same(tmp_path / "run", whole)
    assert paid_twice(server, before) == 0


def test_a_ceiling_is_the_runs(order: tuple[object, ...], tmp_path: Path, server: ScriptedServer) -> None:
    """Each worker has its share of the tokens; raised, the run goes on."""
    some = ("--out", tmp_path / "run", *ENGINE)
    done = proutt(*order, *some, "--max-tokens", "600")
    assert done.returncode == 3, done.stderr
    assert "raise it" in done.stdout
    assert proutt(*order, *some).returncode == 0
    assert len(lines(tmp_path / "run/pairs.jsonl")) > 8


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--shard", "1/2", *ENGINE), "a shard is not divided"),
        (("--workers", "3"), "Give --engine"),
        (("--batch", *ENGINE), "one process"),
    ],
)
def test_what_does_not_go_together_is_refused(
    order: tuple[object, ...], tmp_path: Path, given: tuple[str, ...], said: str, server: ScriptedServer
) -> None:
    """Before any call."""
    done = proutt(*order, "--out", tmp_path / "run", *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert not server.requests
