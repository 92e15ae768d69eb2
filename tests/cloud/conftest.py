"""S3 and Google's store as servers on this machine: moto and gcp-storage-emulator, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from proutt.export import ExportSettings, export_pairs
from proutt.methods.record import ContextRecord, TurnRecord
from records import a_pair
from runs.command import PATIENCE_S


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """moto's address."""
    port = _free_port()
    with _running(port, "moto.server", "-H", "127.0.0.1", "-p", str(port)) as url:
        yield url


@pytest.fixture(scope="session")
def gs_server() -> Iterator[str]:
    """The emulator's address."""
    port = _free_port()
    order = ("gcp_storage_emulator", "start", "--host=127.0.0.1", f"--port={port}", "--in-memory")
    with _running(port, *order) as url:
        yield url


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An export of ten rows of 150 kB, so that an upload can be cut in its middle."""
    turns = [[TurnRecord(user=f"What is {each}? " * 12_000, assistant="I see.")] for each in range(10)]
    pairs = [a_pair(dialogue_id=f"d{at}", context=ContextRecord(turns=each)) for at, each in enumerate(turns)]
    export_pairs(pairs, tmp_path / "whole", ExportSettings("trl-preference"))
    return tmp_path / "whole"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(port: int, module: str, *arguments: str) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.kill()
        server.wait(PATIENCE_S)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until it answers, whatever it answers."""
    while server.poll() is None:
        try:
            with urlopen(url, timeout=PATIENCE_S):
                return
        except URLError as error:
            if hasattr(error, "code"):
                return
            with suppress(subprocess.TimeoutExpired):
                server.wait(0.1)
    raise AssertionError(f"{server.args} ended with {server.returncode}")
