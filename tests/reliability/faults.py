"""Disturbing a process's files: `faults.c`, compiled, and what it said it did."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")
KILLS = ("kill-before", "kill-half", "kill-after")
FAILURES = ("ENOSPC", "EIO", "EINTR", "short", "full")


def missing() -> str | None:
    """Why the faults can't be had on this machine, or None."""
    if sys.platform != "linux":
        return "the faults are loaded with LD_PRELOAD: Linux only"
    if shutil.which("cc") is None:
        return "no C compiler (cc) is here to build the faults with"
    return None


def compiled(folder: Path) -> Path:
    """The library, built in that folder."""
    library = folder / "faults.so"
    order = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(order, check=True)
    return library


@dataclass(frozen=True)
class Log:
    """What the library wrote down of one process.

    calls  the calls that changed (or read) a file, each "write PATH"; fired  the fault, or None
    """

    calls: tuple[str, ...]
    fired: str | None


@dataclass(frozen=True)
class Fault:
    """A fault in what a process does under one directory.

    at    the call it hits, from 1; 0: none
    mode  one of KILLS or FAILURES
    """

    at: int = 0
    mode: str = ""
    reads: bool = False

    def variables(self, under: Path, log: Path) -> dict[str, str]:
        log.unlink(missing_ok=True)
        found = {"FAULTS_UNDER": str(under), "FAULTS_LOG": str(log), "FAULTS_AT": str(self.at)}
        return found | {"FAULTS_MODE": self.mode} | ({"FAULTS_READS": "1"} if self.reads else {})


def read_log(log: Path) -> Log:
    lines = log.read_text().splitlines() if log.exists() else []
    fired = [line.removeprefix("fired ") for line in lines if line.startswith("fired")]
    calls = tuple(line.split(" ", 1)[1] for line in lines if not line.startswith("fired"))
    return Log(calls, fired[0] if fired else None)
