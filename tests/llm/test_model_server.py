"""A model server that proutt begins: it comes up, stays up, and is gone when nobody wants it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.llm.model_server import ModelServer, Serving
from servers.vllm_on_path import vllm_on_path


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModelServer]]:
    """Makes a server with the scripted command; ends it after the test."""
    for name, value in vllm_on_path(tmp_path).items():
        monkeypatch.setenv(name, value)
    made: list[ModelServer] = []

    def make(serving: str = "vllm:m", **more: object) -> ModelServer:
        made.append(ModelServer(Serving.named(serving), "127.0.0.1", tmp_path / "server.log", **more))  # type: ignore
        return made[-1]

    yield make
    for each in made:
        each.stop()


def soon(there: Callable[[], bool], patience_s: float = 20.0) -> bool:
    """Whether it comes about."""
    until = time.monotonic() + patience_s
    while not there() and time.monotonic() < until:
        time.sleep(0.05)
    return there()


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    try:
        with urllib.request.urlopen(url.removesuffix("/v1") + "/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_it_comes_up_and_is_gone_when_stopped(served: Callable[..., ModelServer]) -> None:
    """Its key is in its environment, in no command line and not in what is shown of it."""
    notes: list[str] = []
    server = served(note=notes.append)
    server.begin()
    server.wait()
    assert answers(server.url)
    assert any(server.url in note for note in notes)
    assert server.key not in repr(server)
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert f"--port {server.port}" in shown
    assert server.key not in shown
    server.stop()
    assert not answers(server.url)


def test_one_that_dies_is_begun_again_where_it_was(served: Callable[..., ModelServer]) -> None:
    """At the same address, so that nobody has to be told."""
    server = served()
    server.begin()
    server.wait()
    found = subprocess.run(
        ["pgrep", "-f", f"vllm serve .*--port {server.port}"], capture_output=True, text=True, check=True
    )
    for pid in map(int, found.stdout.split()):
        if Path(f"/proc/{pid}/cmdline").read_bytes().find(b"proutt.llm.guard") < 0:
            os.kill(pid, signal.SIGKILL)
    assert soon(lambda: server.starts == 2 and answers(server.url))


def test_one_that_does_not_come_up_says_why(
    served: Callable[..., ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words, and where the others are; it is not tried again."""
    monkeypatch.setenv("VLLM_TEST_FAILS", "1")
    server = served()
    server.begin()
    with pytest.raises(UserError, match="no such model") as caught:
        server.wait()
    assert str(caught.value.where).endswith("server.log")
    assert server.starts == 1


def test_one_that_takes_too_long_is_ended(served: Callable[..., ModelServer], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never answers holds up no run for ever."""
    server = served(start_s=0.0)
    monkeypatch.setattr(server, "_healthy", lambda: False)
    server.begin()
    with pytest.raises(UserError, match="did not come up"):
        server.wait()


def test_one_whose_owner_is_killed_ends(tmp_path: Path) -> None:
    """However the process that began it has ended: it holds a GPU."""
    work = (
        "import sys, time, pathlib\n"
        "from proutt.llm.model_server import ModelServer, Serving\n"
        "server = ModelServer(Serving.named('vllm:m'), '127.0.0.1', pathlib.Path(sys.argv[1]))\n"
        "server.begin(); server.wait(); print(server.url, flush=True); time.sleep(60)\n"
    )
    environ = {**os.environ, **vllm_on_path(tmp_path)}
    command = [sys.executable, "-c", work, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        assert answers(url)
        owner.kill()
    assert soon(lambda: not answers(url))


@pytest.mark.parametrize("text", ["vllm", "vllm:", "tgi:m", "m", "vllm:--port"])
def test_what_is_no_server_and_model_is_refused(text: str) -> None:
    """Nothing of it becomes an option of the server's command."""
    with pytest.raises(UserError, match="names no server"):
        Serving.named(text)


def test_a_server_that_is_not_installed_is_named(
    served: Callable[..., ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the machine where it is missing."""
    monkeypatch.setenv("PATH", "")
    for kind in ("vllm", "sglang"):
        with pytest.raises(UserError, match=f"{kind} is not installed"):
            served(f"{kind}:m")
