"""An endpoint that answers every step of ProUtt as quickly as it can, with whatever faults a plan asks for.

It counts what is paid: which request came how often, and how many were in flight. Answers that go well are remembered
by the request's bytes, so that the same run can be done hundreds of times.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Literal

from servers.proutt_answers import proutt_answer

How = Literal["whole", "reset", "cut", "slow", "held"]


@dataclass(frozen=True)
class Says:
    """What one call gets.

    text, finish  of a chat completion with status 200, unless body says what goes over the wire
    how           whole; reset: the connection is cut without a word; cut: after half of the body; slow: a byte now and
                  then, for ever; held: not before `Endpoint.release`
    """

    text: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    finish: str = "stop"
    how: How = "whole"

    def bytes_of(self, good: Callable[[], str]) -> bytes:
        if self.body is not None:
            return self.body
        text = good() if self.text is None else self.text
        if self.status != 200:
            return json.dumps({"error": {"message": text}}).encode()
        message = {"role": "assistant", "content": text}
        usage = {"prompt_tokens": 7, "completion_tokens": 3}
        return json.dumps({"choices": [{"message": message, "finish_reason": self.finish}], "usage": usage}).encode()


GOOD = Says()


@dataclass(frozen=True)
class Call:
    """One chat completion that was asked for.

    number  from 1, since the last `forget`; before  how often the same request came before that
    """

    number: int
    before: int
    content: bytes
    headers: str

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    @property
    def key(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def chance(self, name: str) -> float:
        """A number in 0..1 that the request and how often it came decide, and nothing else."""
        return int(hashlib.sha256(f"{name}/{self.before}/{self.key}".encode()).hexdigest()[:8], 16) / 2**32


Plan = Callable[[Call], Says]


class Endpoint:
    """Runs in a thread of its own, at a loopback port. Use it as a context manager.

    plan     what each call gets; to be changed at any time
    asked    how often each request came since the last `forget`
    too_early  seconds by which a request came back before its Retry-After was over; empty if all is well
    """

    def __init__(self, plan: Plan = lambda _: GOOD, *, models: bytes = b'{"data": []}') -> None:
        self.plan, self.models = plan, models
        self.asked: Counter[str] = Counter()
        self.most_in_flight = self.in_flight = 0
        self.refused: Counter[int] = Counter()
        self.too_early: list[float] = []
        self.not_before: dict[str, float] = {}
        self._known: dict[str, bytes] = {}
        self._held: list[Callable[[], None]] = []
        self._loop = asyncio.new_event_loop()
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def calls(self) -> int:
        return self.asked.total()

    @property
    def again(self) -> int:
        """Requests that had come before: calls paid twice, where every one was answered."""
        return self.calls - len(self.asked)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port.result(30)}/v1"

    @property
    def options(self) -> tuple[str, ...]:
        """The options that point the command here."""
        return ("--model", "m", "--base-url", self.url)

    def forget(self, plan: Plan = lambda _: GOOD) -> None:
        """Begin to count anew."""
        self.plan = plan
        self.asked.clear()
        self.refused.clear()
        self.too_early.clear()
        self.not_before.clear()
        self.most_in_flight = self.in_flight = 0

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so many seconds; called by a plan, in the endpoint's thread."""
        self._loop.call_later(seconds, act)

    def release(self) -> None:
        """Answer the calls that are held."""

        def all_of_them() -> None:
            held, self._held = self._held, []
            for each in held:
                each()

        self._loop.call_soon_threadsafe(all_of_them)

    def good(self, content: bytes, key: str) -> str:
        if key not in self._known:
            self._known[key] = proutt_answer(json.loads(content)).encode()
        return self._known[key].decode()

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Http(self), "127.0.0.1", 0, backlog=1024)
        )
        self._port.set_result(server.sockets[0].getsockname()[1])
        self._loop.run_forever()
        server.close()

    def __enter__(self) -> Endpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class _Http(asyncio.Protocol):
    """One connection, a request at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].decode("latin-1")
            lengths = [line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
            whole = end + 4 + (int(lengths[0]) if lengths else 0)
            if len(self._read) < whole:
                return
            content, self._read = self._read[end + 4 : whole], self._read[whole:]
            if head.startswith("GET"):
                self._send(self._endpoint.models, 200, {})
            else:
                self._asked(head, content)

    def _asked(self, head: str, content: bytes) -> None:
        endpoint = self._endpoint
        key = hashlib.sha256(content).hexdigest()
        call = Call(endpoint.calls + 1, endpoint.asked[key], content, head)
        endpoint.asked[key] += 1
        endpoint.in_flight += 1
        endpoint.most_in_flight = max(endpoint.most_in_flight, endpoint.in_flight)
        now = time.monotonic()
        if now < endpoint.not_before.get(key, 0.0):
            endpoint.too_early.append(endpoint.not_before[key] - now)
        says = endpoint.plan(call)
        endpoint.refused[says.status] += says.status != 200
        if says.status == 429:
            endpoint.not_before[key] = now + _seconds(says.headers.get("Retry-After", ""))
        body = says.bytes_of(lambda: endpoint.good(content, key))
        if says.how == "held":
            endpoint._held.append(lambda: self._answer(says, body))
        else:
            self._answer(says, body)

    def _answer(self, says: Says, body: bytes) -> None:
        self._endpoint.in_flight -= 1
        if says.how == "reset":
            self._transport.abort()
        elif says.how == "slow":
            self._send(body[:1], says.status, {**says.headers, "Content-Length": str(len(body))})
            self._endpoint.later(0.3, lambda: self._dribble(body[1:]))
        elif says.how == "cut":
            self._send(body[: len(body) // 2], says.status, {**says.headers, "Content-Length": str(len(body))})
            self._transport.close()
        else:
            self._send(body, says.status, says.headers)

    def _dribble(self, left: bytes) -> None:
        if left and not self._transport.is_closing():
            self._transport.write(left[:1])
            self._endpoint.later(0.3, lambda: self._dribble(left[1:]))

    def _send(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        if self._transport.is_closing():
            return
        said = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Date": in_seconds(0), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        self._transport.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body)


def in_seconds(seconds: float) -> str:
    """A Retry-After header that names the time of day."""
    return formatdate(time.time() + seconds, usegmt=True)


def _seconds(header: str) -> float:
    """What a Retry-After in whole seconds asks for; dates are whole seconds of another clock and are not counted."""
    return float(header) if header.isdecimal() else 0.0
