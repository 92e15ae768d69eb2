"""The real `proutt synthesize` in a process of its own, and small inputs for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from servers.proutt_answers import proutt_answer
from servers.scripted import Answer, ScriptedServer

PATIENCE_S = 300


def english(id: str, turns: int = 4, said: str = "Please help me with part {t} of {id}, would you?") -> dict[str, Any]:
    """A dialogue as messages."""
    return _messages(id, [(said.format(t=t, id=id), f"Sure, this is how part {t} goes.") for t in range(turns)])


def chinese(id: str, turns: int = 4) -> dict[str, Any]:
    return _messages(id, [(f"请帮我看看{id}的第{t}部分，谢谢你。", f"好的，第{t}部分是这样的。") for t in range(turns)])


def _messages(id: str, turns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    roles = ("user", "assistant")
    said = [{"role": role, "content": text} for turn in turns for role, text in zip(roles, turn, strict=True)]
    return {"id": id, "messages": said}


def several() -> list[dict[str, Any]]:
    """Six dialogues of 21 (dialogue, K) together, in which every branch and skip reason occurs; one has one turn."""
    return [english("d0", 5), chinese("d1", 6), english("d2", 1), english("d3", 5), english("d4", 5), chinese("d5", 5)]


def written(path: Path, dialogues: Iterable[Mapping[str, Any]]) -> Path:
    """The dialogues as a JSON Lines file."""
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in dialogues), encoding="utf-8")
    return path


def environment(**more: str) -> dict[str, str]:
    """The process's environment, without any configuration of the machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PROUTT_", "OPENAI_"))}
    return clean | {"PYTHONUTF8": "1"} | more


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "proutt", *(str(each) for each in arguments)]


def proutt(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(**variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def at(server: ScriptedServer) -> tuple[str, ...]:
    """The options that point the command at a server."""
    return ("--model", "m", "--base-url", server.url)


def started(*arguments: object, **more: str) -> subprocess.Popen[str]:
    """Start it, and go on at once. more: variables of its environment."""
    return subprocess.Popen(
        command(*arguments),
        env=environment() | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )


class Interruption:
    """Answers, and sends a signal to the process at its n-th call.

    process  to be told once it has started
    answer   to each request
    hold     no call from number `hold_from` on is answered before this event is set
    """

    def __init__(
        self,
        call: int,
        signal: int,
        *,
        hold: threading.Event | None = None,
        hold_from: int = 1,
        answer: Callable[[dict[str, Any]], str] = proutt_answer,
    ) -> None:
        self.process: Future[subprocess.Popen[str]] = Future()
        self._call, self._signal, self._hold, self._hold_from = call, signal, hold, hold_from
        self._answer = answer
        self._count = 0

    def __call__(self, body: dict[str, Any]) -> Answer:
        self._count += 1
        if self._count == self._call:
            self.process.result(PATIENCE_S).send_signal(self._signal)
        return Answer(self._answer(body), wait_for=self._hold if self._count >= self._hold_from else None)


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def paid_twice(server: ScriptedServer, since: int = 0) -> int:
    """How many requests were sent that had been sent before, of those since so many."""
    sent = [json.dumps(body, sort_keys=True) for body in server.bodies[since:]]
    return len(sent) - len(set(sent))
