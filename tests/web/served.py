"""A page's real command in a process of its own, serving on a free port until it is stopped."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runs.command import started


class Served:
    """One command. told: what it said when it began to serve."""

    def __init__(self, verb: str, *arguments: object) -> None:
        self.process: subprocess.Popen[str] = started(verb, *arguments, "--port", 0, "--json")
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        self.told: dict[str, Any] = json.loads(line)

    @property
    def link(self) -> str:
        return str(self.told["link"])

    @property
    def links(self) -> list[str]:
        return list(self.told["links"])

    def stop(self, how: signal.Signals = signal.SIGINT) -> dict[str, Any]:
        """Stop it; what it printed at last."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        assert how == signal.SIGKILL or self.process.returncode == 0, err
        return json.loads(out) if out else {}


@contextmanager
def serving(verb: str, *always: object) -> Iterator[Callable[..., Served]]:
    """Starts the command with these arguments and further ones; at the end none of them runs."""
    served: list[Served] = []

    def started_with(*arguments: object) -> Served:
        served.append(Served(verb, *always, *arguments))
        return served[-1]

    yield started_with
    for each in served:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()
