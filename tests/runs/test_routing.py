"""A run with several replicas of its model: each sees the dialogues that are its own."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from runs.command import english, proutt, written
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer


def test_a_dialogue_is_asked_about_at_one_replica(tmp_path: Path, server: ScriptedServer) -> None:
    """Most of its calls, with three replicas (four of ten without a place for it), and no replica is left idle."""
    chats = written(tmp_path / "chats.jsonl", [english(f"d{number}x", 4) for number in range(20)])
    with ExitStack() as stack:
        others = [stack.enter_context(ScriptedServer(proutt_answer)) for _ in range(2)]
        replicas = [server, *others]
        urls = ",".join(each.url for each in replicas)
        some = ("--model", "m", "--base-url", urls, "--concurrency", "64", "--quiet", "--out", tmp_path / "run")
        done = proutt("synthesize", chats, *some)
        assert done.returncode == 0, done.stderr
        seen = [Counter(_dialogue(body) for body in each.bodies) for each in replicas]
    dialogues = set().union(*seen)
    assert len(dialogues) == 20
    calls = sum(seen, Counter[str]())
    assert sum(max(each[name] for each in seen) for name in dialogues) >= 0.65 * calls.total()
    assert all(each.total() >= 0.15 * calls.total() for each in seen)


def _dialogue(body: object) -> str:
    found = re.search(r"part \d of (d\d+x)", json.dumps(body))
    assert found is not None
    return found[1]
