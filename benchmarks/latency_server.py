"""A chat-completions endpoint that takes its time: for benchmarks of whoever calls it.

    python benchmarks/latency_server.py --latency fixed:0.2        # or lognormal:2.0,0.5 (median, sigma)
    python benchmarks/latency_server.py --answers proutt           # an answer of the right shape to every step
    python benchmarks/latency_server.py --answers proutt --keep bodies.jsonl      # for benchmarks/replay.py

Prints its port, then answers every POST after the latency, and `GET /stats` with what it saw since it was last asked:
calls, most in flight, seconds from the first request to the last answer, and the sum of all latencies. A bare asyncio
protocol: it costs little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ANSWER = json.dumps({"reason": "Both ask for the same thing, in other words.", "score": 0.8})


class Seen:
    """What came, since the last reset."""

    def __init__(self) -> None:
        self.calls = self.in_flight = self.most = 0
        self.first = self.last = self.latency = 0.0

    def facts(self) -> dict[str, float]:
        seconds = {"span_s": self.last - self.first, "latency_s": self.latency}
        return {"calls": self.calls, "most_in_flight": self.most, **seconds}


class Http(asyncio.Protocol):
    """One connection, kept alive; a request at a time, as HTTP/1.1 clients send them."""

    def __init__(self, seen: Seen, latency: Callable[[], float], answer: Callable[[bytes], bytes]) -> None:
        self._seen, self._latency, self._answer = seen, latency, answer
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._read) < end + 4 + length:
                return
            body, self._read = self._read[end + 4 : end + 4 + length], self._read[end + 4 + length :]
            self._answered(head, body)

    def _answered(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"get /stats"):
            self._send(json.dumps(self._seen.facts()).encode())
            self._seen.__init__()  # type: ignore[misc]
            return
        if head.startswith(b"get "):
            self._send(b'{"data": []}')
            return
        seen = self._seen
        seen.first = seen.first or time.perf_counter()
        seen.calls += 1
        seen.in_flight += 1
        seen.most = max(seen.most, seen.in_flight)
        latency_s = self._latency()
        seen.latency += latency_s
        asyncio.get_running_loop().call_later(latency_s, self._finish, body)

    def _finish(self, body: bytes) -> None:
        answer = self._answer(body)
        self._seen.in_flight -= 1
        self._seen.last = time.perf_counter()
        self._send(answer)

    def _send(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


def latency_of(text: str) -> Callable[[], float]:
    """`fixed:SECONDS` or `lognormal:MEDIAN,SIGMA`, the latter drawn from a seed of its own."""
    kind, _, numbers = text.partition(":")
    if kind == "fixed":
        return lambda: float(numbers)
    median, sigma = (float(each) for each in numbers.split(","))
    rng = random.Random(7)
    return lambda: rng.lognormvariate(math.log(median), sigma)


def completion(text: str, prompt_tokens: int = 600) -> bytes:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": prompt_tokens, "completion_tokens": len(text) // 4}
    usage["total_tokens"] = sum(usage.values())  # some clients fail without it
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}).encode()


def answers_of(name: str) -> Callable[[bytes], bytes]:
    """`fixed`, or `proutt`: what the tests' scripted model says to each step."""
    if name == "fixed":
        fixed = completion(ANSWER)
        return lambda _: fixed
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from servers.proutt_answers import proutt_answer

    return lambda body: completion(proutt_answer(json.loads(body)), len(body) // 4)


def kept(path: Path, answer: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """The same answers; every body is written down."""
    lines = path.open("wb", buffering=0)

    def one(body: bytes) -> bytes:
        lines.write(body + b"\n")
        return answer(body)

    return one


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", default="fixed:0.2")
    parser.add_argument("--answers", choices=("fixed", "proutt"), default="fixed")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keep", type=Path, help="write every body here, a line each, in the order of their coming")
    given = parser.parse_args()
    latency, answer, seen = latency_of(given.latency), answers_of(given.answers), Seen()
    if given.keep:
        answer = kept(given.keep, answer)
    server = await asyncio.get_running_loop().create_server(
        lambda: Http(seen, latency, answer), given.host, 0, backlog=4096
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
