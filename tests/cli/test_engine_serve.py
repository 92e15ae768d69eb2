"""`--engine processes --serve vllm:MODEL` from the outside, with a scripted command `vllm`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from cli.test_engine import chats
from runs import here
from runs.command import lines, proutt
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer
from servers.vllm_on_path import vllm_on_path

__all__ = ["chats"]

ENGINE = ("--engine", "processes", "--workers", "2")
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
    run = ("synthesize", chats, *SERVE, "--limit", "4", "--out", tmp_path / "run")
    done = proutt(*run, **vllm, VLLM_TEST_DIES="8")
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
    """At other ports and with another key; no finished call is made again."""
    run = ("synthesize", chats, *SERVE, "--limit", "2", "--out", tmp_path / "run")
    done = proutt(*run, "--max-tokens", "300", **vllm)
    assert done.returncode == 3, done.stderr
    before = calls(vllm).total()
    assert proutt(*run, **vllm).returncode == 0
    assert calls(vllm).total() > before > 0
    assert max(calls(vllm).values()) == 1


@pytest.fixture
def ended(chats: Path, tmp_path: Path, server: ScriptedServer) -> tuple[object, ...]:
    """The command of a run whose shards are at their end and not joined; a record can't be read, a dialogue failed."""
    server.answer = lambda body: "?" if "of d1" in json.dumps(body) else proutt_answer(body)
    chats.write_text("no record\n" + chats.read_text("utf-8"), encoding="utf-8")
    for shard in (1, 2):
        run = ("--shard", f"{shard}/2", "--out", tmp_path / f"run/shards/0000{shard}-of-00002")
        asked = ("synthesize", chats, "--model", "m", "--base-url", "served:vllm", "--limit", "2", *run)
        assert here.proutt(*asked, PROUTT_SERVED_URLS=server.url).returncode == shard - 1
    return ("synthesize", chats, *SERVE, "--limit", "2", "--out", tmp_path / "run")


def test_a_run_with_nothing_to_ask_begins_no_server(ended: tuple[object, ...], tmp_path: Path) -> None:
    """It needs no GPU then: neither where joining was cut off, nor where it is joined and given again."""
    for _ in range(2):
        done = here.proutt(*ended, CUDA_VISIBLE_DEVICES="")
        assert done.returncode == 1, done.stderr
        assert {line["dialogue_id"] for line in lines(tmp_path / "run/failures.jsonl")} == {"d1"}
        assert not list(tmp_path.rglob("server-*.log"))


def test_a_joined_run_begins_servers_where_it_asks(
    ended: tuple[object, ...], tmp_path: Path, vllm: dict[str, str]
) -> None:
    """For what has failed; the process asks them itself, and what it read twice for that is counted once."""
    assert here.proutt(*ended).returncode == 1
    before = json.loads((tmp_path / "run/summary.json").read_text("utf-8"))
    done = here.proutt(*ended, "--retry-failed", **vllm)
    assert done.returncode == 0, done.stderr
    assert "2 × vllm with m" in done.stderr
    assert calls(vllm).total() > 0
    summary = json.loads((tmp_path / "run/summary.json").read_text("utf-8"))
    assert summary["skipped_records"] == before["skipped_records"] == {"not-json": 1}
    assert not lines(tmp_path / "run/failures.jsonl")


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
