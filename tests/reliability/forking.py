"""Runs the `proutt` command in processes forked from an interpreter that has it imported already.

A forked process is a process of its own: it can be killed, it has its own files and its own end. It only spares the
second that every fresh interpreter takes to import the command, so that thousands of runs can be disturbed.

Run as a script it is that interpreter: it reads orders on standard input, a line of JSON each.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 900


@dataclass(frozen=True)
class Done:
    """How a command ended. code: its exit code, or minus the signal that ended it."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Running:
    """A command that is at work."""

    forks: Forks
    pid: int
    folder: Path

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    @property
    def errors_so_far(self) -> str:
        return (self.folder / "err").read_text("utf-8", "replace")

    def wait(self) -> Done:
        """Wait for its end."""
        return self.ended(self.forks.order({"do": "wait", "pid": self.pid}))

    def ended(self, code: int) -> Done:
        """What it said, once it has ended."""
        texts = [(self.folder / name).read_text("utf-8", "replace") for name in ("out", "err")]
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()
        return Done(code, *texts)


class Forks:
    """The interpreter that commands are forked from. Use it as a context manager.

    preload  a library that is loaded before all others, or None
    """

    def __init__(self, preload: Path | None = None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PROUTT_", "OPENAI_"))}
        loaded = {} if preload is None else {"LD_PRELOAD": str(preload)}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env={**clean, "PYTHONUTF8": "1", **loaded},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: object, **variables: str) -> Running:
        """Start a command and go on at once; `variables` are of its environment."""
        folder = Path(tempfile.mkdtemp(prefix="proutt-fork-"))
        words = [str(each) for each in arguments]
        order = {"do": "start", "arguments": words, "environment": variables, "folder": str(folder)}
        return Running(self, self.order(order), folder)

    def run(self, *arguments: object, **variables: str) -> Done:
        """Run a command to its end."""
        return self.start(*arguments, **variables).wait()

    def first_to_end(self, running: Sequence[Running]) -> tuple[Running, Done]:
        """Of several commands at work the one that ends first. The others are still to be waited for."""
        pid = self.order({"do": "wait-any"})
        (first,) = (each for each in running if each.pid == pid)
        return first, first.wait()

    def order(self, order: dict[str, Any]) -> int:
        """Give an order, get the number that answers it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _import_all() -> None:
    """Import the command with everything that it uses."""
    import proutt

    for module in pkgutil.walk_packages(proutt.__path__, "proutt."):
        if module.name != "proutt.__main__":
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    for name in ("aiohttp", "proutt.llm.endpoint", "rich.progress", "sqlite3", "yaml"):
        importlib.import_module(name)


def _begin(order: dict[str, Any]) -> None:
    """In the forked process: become the command."""
    for number, name in ((1, "out"), (2, "err")):
        handle = os.open(Path(order["folder"]) / name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.update(order["environment"])
    sys.argv = ["proutt", *order["arguments"]]


def _waited(pid: int) -> int:
    """The exit code of a process, which is killed if it takes too long."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(PATIENCE_S)
    _, status = os.waitpid(pid, 0)
    signal.alarm(0)
    return os.waitstatus_to_exitcode(status)


def _first() -> int:
    """The process that ends first, which is still to be waited for."""
    found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    return 0 if found is None else found.si_pid


def serve() -> bool:
    """Carry out orders. True in a forked process, which is to go on as the command; False at the end."""
    while line := sys.stdin.readline():
        order = json.loads(line)
        if order["do"] == "start":
            answer = os.fork()
            if answer == 0:
                _begin(order)
                return True
        else:
            answer = _first() if order["do"] == "wait-any" else _waited(order["pid"])
        print(answer, flush=True)
    return False


def _ended(main: Callable[[], None]) -> int:
    """Be the command to its end; its exit code."""
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _import_all()
    gc.freeze()
    if serve():
        from proutt.cli import main

        code = _ended(main)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # taking all those modules apart takes longer than the run
