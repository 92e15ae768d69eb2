"""`--engine processes --serve vllm:MODEL` from the outside, with a scripted command `vllm`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cli.test_engine import ENGINE, chats
from runs.command import lines, proutt
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer
from servers.vllm_on_path import vllm_on_path

__all__ = ["chats"]

SERVE = (*ENGINE, "--serve", "vllm:m", "--concurrency", "24")


@pytest.fixture
def vllm(tmp_path: Path) -> dict[str, str]:
    return vllm_on_path(tmp_path / "vllm")


def calls(variables: dict[str, str]) -> Counter[str]:
    """The calls that servers of `vllm` answered."""
    found = [line for path in Path(variables["VLLM_TEST_FOLDER"]).glob("*.jsonl") for line in lines(path)]
    return Counter(line["call"] for line in found)


def test_a_run_begins_a_server_for_each_gpu(chats: Path, tmp_path: Path, vllm: dict[str, str]) -> None:
    """Both work, one of them dies and is begun again; the run's records know nothing of ports or keys."""
    done = proutt("synthesize", chats, *SERVE, "--out", tmp_path / "run", **vllm, VLLM_TEST_DIES="20")
    assert done.returncode == 0, done.stderr
    assert "begun again" in done.stderr
    folder = Path(vllm["VLLM_TEST_FOLDER"])
    gpus = {line["gpus"] for path in folder.glob("*.jsonl") for line in lines(path)}
    assert gpus == {"0", "1"}
    said = (tmp_path / "run/run.yaml").read_text("utf-8")
    assert "base_url: served:vllm" in said
    assert "model: m\n" in said
    assert "m @ served:vllm" in (tmp_path / "run/pairs.jsonl").read_text("utf-8")
    assert "127.0.0.1" not in (tmp_path / "run/pairs.jsonl").read_text("utf-8") + said


def test_a_stopped_run_goes_on_with_other_servers(chats: Path, tmp_path: Path, vllm: dict[str, str]) -> None:
    """At other ports with another key, or at a server of the user's own; no finished call is made again."""
    run = ("--out", tmp_path / "run")
    done = proutt("synthesize", chats, *SERVE, *run, "--max-tokens", "600", **vllm)
    assert done.returncode == 3, done.stderr
    done = proutt("synthesize", chats, *SERVE, *run, "--max-tokens", "2000", **vllm)
    assert done.returncode == 3, done.stderr
    served = calls(vllm)
    assert max(served.values()) == 1
    done = proutt("synthesize", chats, *run, *ENGINE, "--model", "m", "--base-url", "served:vllm", **vllm)
    assert done.returncode == 2
    assert "nobody has begun" in done.stderr
    with ScriptedServer(proutt_answer) as own:
        at = ("--model", "m", "--base-url", f"served:vllm,{own.url}", "--concurrency", "24")
        done = proutt("synthesize", chats, *run, *ENGINE, *at, **vllm)
        assert done.returncode == 0, done.stderr
        assert own.requests
    assert calls(vllm) == served
    assert len(lines(tmp_path / "run/pairs.jsonl")) > 8


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--serve", "vllm:m"), "Give --engine"),
        (("--serve-gpus", "2", *ENGINE), "Give --serve"),
        ((*SERVE, "--serve-gpus", "3"), "2 GPUs"),
        ((*SERVE, "--model", "other"), "Leave --model"),
        ((*ENGINE, "--serve", "other:m"), "names no server"),
    ],
)
def test_what_cannot_be_served_is_refused(
    chats: Path, tmp_path: Path, given: tuple[str, ...], said: str, vllm: dict[str, str]
) -> None:
    """Before any server is begun."""
    done = proutt("synthesize", chats, "--out", tmp_path / "run", *given, **vllm)
    assert done.returncode == 2
    assert said in done.stderr
    assert not calls(vllm)
