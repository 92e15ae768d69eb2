"""Shards and `proutt merge` from the outside: one input in several runs, and the same files as from one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proutt.cli import main
from runs.command import at, english, several, written
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, ScriptedServer
from servers.upc_answers import upc_answer


@dataclass(frozen=True)
class Done:
    """A command that ran to its end."""

    returncode: int
    stdout: str
    stderr: str


Called = Callable[..., Done]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """The command within this process: as `proutt`, without the time that a process takes to begin."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr("sys.argv", ["proutt", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    return call


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    return written(tmp_path / "chats.jsonl", several())


def summary_in(run: Path) -> dict[str, Any]:
    """What a run says of itself, but for how long it took."""
    found: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    for counted in (found, found["calls"], *found["calls"]["by_role"].values(), *found["calls"]["by_step"].values()):
        del counted["seconds"]
    return found


def one_is_broken(body: dict[str, Any]) -> str | Answer:
    """No usable answer to whatever tells of d3."""
    return "no JSON" if "d3" in json.dumps(body["messages"]) else proutt_answer(body)


def test_shards_joined_are_the_run_itself(called: Called, server: ScriptedServer, chats: Path, tmp_path: Path) -> None:
    """Pairs, failures, settings and counts to the byte, with items that failed; and the command finds nothing to do."""
    server.answer = one_is_broken
    order = ("synthesize", chats, *at(server))
    assert called(*order, "--out", tmp_path / "whole").returncode == 1
    paid = len(server.requests)
    shards = [tmp_path / f"shard-{number}" for number in (1, 2, 3)]
    for number, shard in enumerate(shards, start=1):
        assert called(*order, "--out", shard, "--shard", f"{number}/3").returncode in (0, 1)
    assert len(server.requests) == 2 * paid
    done = called("merge", *reversed(shards), "--out", tmp_path / "joined")
    assert done.returncode == 1, done.stderr
    assert "3 runs of proutt synthesize joined" in done.stdout
    for name in ("pairs.jsonl", "failures.jsonl", "run.yaml"):
        assert (tmp_path / "joined" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert summary_in(tmp_path / "joined") == summary_in(tmp_path / "whole")
    assert called(*order, "--out", tmp_path / "joined").returncode == 1
    assert len(server.requests) == 2 * paid


def test_a_shard_is_a_setting(called: Called, server: ScriptedServer, chats: Path, tmp_path: Path) -> None:
    """A run of one shard is not gone on with as another, or as the whole."""
    order = ("synthesize", chats, *at(server), "--out", tmp_path / "run")
    assert called(*order, "--shard", "1/2").returncode == 0
    other = called(*order, "--shard", "2/2")
    assert other.returncode == 2
    assert "shard: '1/2' → '2/2'" in other.stderr
    assert called(*order, "--shard", "3/2").returncode == 2


def test_what_is_not_there_is_said(called: Called, server: ScriptedServer, chats: Path, tmp_path: Path) -> None:
    """Two of three shards, one of them stopped: what there is is joined, and the whole's command does the rest."""
    order = ("synthesize", chats, *at(server))
    assert called(*order, "--out", tmp_path / "whole").returncode == 0
    paid = len(server.requests)
    assert called(*order, "--out", tmp_path / "1", "--shard", "1/3").returncode == 0
    assert called(*order, "--out", tmp_path / "3", "--shard", "3/3", "--max-tokens", "50").returncode == 3
    done = called("merge", tmp_path / "1", tmp_path / "3", "--out", tmp_path / "joined")
    assert done.returncode == 3
    assert "shards 2/3 are missing" in done.stdout
    assert f"{tmp_path / '3'} is not at its end" in done.stdout
    assert called(*order, "--out", tmp_path / "joined").returncode == 0
    assert len(server.requests) == 2 * paid
    assert (tmp_path / "joined/pairs.jsonl").read_bytes() == (tmp_path / "whole/pairs.jsonl").read_bytes()


def test_runs_over_several_inputs_are_joined_in_their_order(
    called: Called, server: ScriptedServer, tmp_path: Path
) -> None:
    """As one run over both; a dialogue that is in both is there once, and what both paid for it counts."""
    one = written(tmp_path / "one.jsonl", [english("a"), english("b")])
    two = written(tmp_path / "two.jsonl", [english("b"), english("c")])
    assert called("synthesize", one, "--out", tmp_path / "1", *at(server)).returncode == 0
    assert called("synthesize", two, "--out", tmp_path / "2", *at(server)).returncode == 0
    paid = len(server.requests)
    done = called("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "joined")
    assert done.returncode == 0, done.stderr
    assert "1 records were in more than one of them" in done.stdout
    joined = summary_in(tmp_path / "joined")
    assert (joined["dialogues"], joined["calls"]["calls"]) == (3, paid)
    pairs = [json.loads(line) for line in (tmp_path / "joined/pairs.jsonl").read_text("utf-8").splitlines()]
    assert list(dict.fromkeys(pair["dialogue_id"] for pair in pairs)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--q", "3"), "other settings"),
        (("--shard", "1/2"), "is no shard as"),
    ],
)
def test_runs_that_do_not_fit_are_refused(
    called: Called, server: ScriptedServer, chats: Path, tmp_path: Path, given: tuple[str, ...], said: str
) -> None:
    """Both are named, and nothing is written."""
    assert called("synthesize", chats, "--out", tmp_path / "1", *at(server)).returncode == 0
    assert called("synthesize", chats, "--out", tmp_path / "2", *at(server), *given).returncode == 0
    done = called("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "joined")
    assert done.returncode == 2
    assert str(tmp_path / "2") in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "joined/journal.sqlite").exists()


def test_one_id_for_two_dialogues_is_refused(called: Called, server: ScriptedServer, tmp_path: Path) -> None:
    """Which of them a pair would be of, nobody could tell."""
    one = written(tmp_path / "one.jsonl", [english("a")])
    two = written(tmp_path / "two.jsonl", [english("a", said="Something else about {t} of {id}?")])
    assert called("synthesize", one, "--out", tmp_path / "1", *at(server)).returncode == 0
    assert called("synthesize", two, "--out", tmp_path / "2", *at(server)).returncode == 0
    done = called("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "joined")
    assert done.returncode == 2
    assert "'a' is another record" in done.stderr


def test_what_is_no_run_is_refused(called: Called, server: ScriptedServer, chats: Path, tmp_path: Path) -> None:
    """Neither a folder without a journal nor a place where something is."""
    assert called("synthesize", chats, "--out", tmp_path / "1", *at(server)).returncode == 0
    (tmp_path / "empty").mkdir()
    assert "is no run" in called("merge", tmp_path / "1", tmp_path / "empty", "--out", tmp_path / "joined").stderr
    done = called("merge", tmp_path / "1", "--out", tmp_path)
    assert done.returncode == 2
    assert "holds files already" in done.stderr


def test_simulated_dialogues_are_joined_too(called: Called, endpoint: ScriptedServer, tmp_path: Path) -> None:
    """Of UPC; the personas of a shard keep their places."""
    endpoint.answer = upc_answer
    background = "Person mends a harpsichord near Ljubljana and loves falconry. Blunt, and often broke."
    people = [{"id": f"p{at}", "name": f"Person{at}", "background": f"{background} {at}"} for at in range(3)]
    order = ("simulate", "upc", written(tmp_path / "personas.jsonl", people), "--turns", "2", *at(endpoint))
    for number in (1, 2):
        assert called(*order, "--out", tmp_path / str(number), "--shard", f"{number}/2").returncode == 0
    assert called("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "joined").returncode == 0
    made = (tmp_path / "joined/dialogues.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["persona_id"] for line in made] == ["p0", "p1", "p2"]


def test_a_dry_run_is_of_the_shard(called: Called, server: ScriptedServer, chats: Path) -> None:
    """Half of the dialogues, and no call."""
    done = called("synthesize", chats, *at(server), "--shard", "1/2", "--dry-run", "--json")
    assert json.loads(done.stdout)["dialogues"] == 3
    assert not server.requests
