"""What `proutt serve` adds to its model: latency at a steady rate, and with 64 clients of which one is slow.

    python benchmarks/serve_overhead.py                       # 200 requests a second for 20 s
    python benchmarks/serve_overhead.py --rate 50 --seconds 10

The model is an endpoint that streams four suggestions, with their tokens' probabilities, at once. Requests come by the
clock, whether or not the ones before were answered, and a latency is counted from when its request was due. The same
requests go to the endpoint directly first: what the service adds is the difference. Endpoint, service and client are
three processes of one machine and share its cores; `/healthz`, which does next to nothing, tells how busy those are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from latency_server import Http, Seen

SAID = ("Which hotel there is quiet?", "Show me trains from Geneva.", "I would rather eat fish.", "What does it cost?")
CHAT = [
    {"role": role, "content": f"{text} {number} " + "and some more words about the journey that we plan " * 8}
    for number in range(4)
    for role, text in (("user", "I want to visit Lyon in May."), ("assistant", "Two days are enough for the old town."))
]


def streamed_answer() -> bytes:
    """A model's answer as events, a token of some letters each."""
    text = "\n".join(f"<predict>{each}</predict>" for each in SAID)
    parts = [text[at : at + 5] for at in range(0, len(text), 5)]
    events: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": part}, "logprobs": {"content": [{"token": part, "logprob": -0.5}]}}]}
        for part in parts
    ]
    events += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}]
    return b"".join(f"data: {json.dumps(each)}\n\n".encode() for each in events) + b"data: [DONE]\n\n"


class Streaming(Http):
    """The benchmarks' endpoint, answering with events."""

    def _send(self, body: bytes) -> None:
        kind = "text/event-stream" if body.startswith(b"data:") else "application/json"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]


async def be_the_endpoint() -> None:
    seen, body = Seen(), streamed_answer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Streaming(seen, lambda: 0.0, lambda _: body), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def percentile(values: list[float], share: float) -> float:
    """By nearest rank, in milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)


def summary(values: list[float]) -> dict[str, float]:
    return {"p50": percentile(values, 0.5), "p95": percentile(values, 0.95), "p99": percentile(values, 0.99)}


async def at_a_rate(ask: Callable[[], Awaitable[None]], rate: float, seconds: float) -> list[float]:
    """Latencies of requests that come by the clock."""
    began, latencies, asked = time.perf_counter() + 0.1, [], []

    async def timed(due: float) -> None:
        await ask()
        latencies.append(time.perf_counter() - due)

    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.ensure_future(timed(due)))
    await asyncio.gather(*asked)
    return latencies


async def by_clients(ask: Callable[[], Awaitable[None]], clients: int, rounds: int) -> list[float]:
    """Latencies of clients that ask again as soon as they are answered."""
    latencies: list[float] = []

    async def client() -> None:
        for _ in range(rounds):
            began = time.perf_counter()
            await ask()
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(client() for _ in range(clients)))
    return latencies


async def slow_client(url: str, stop: asyncio.Event) -> None:
    """One that sends its body a byte at a time, and one that never reads what it gets."""
    host, port = url.removeprefix("http://").split(":")
    data = json.dumps({"messages": CHAT, "stream": True}).encode()
    head = f"POST /v1/suggestions HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    _, dripping = await asyncio.open_connection(host, int(port))
    dripping.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode())
    _, deaf = await asyncio.open_connection(host, int(port))
    deaf.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    for byte in data:
        if stop.is_set() or dripping.is_closing():
            break
        dripping.write(bytes([byte]))
        await asyncio.sleep(0.05)
    dripping.close()
    deaf.close()


def cpu_s(process: int) -> float:
    """Seconds of processor time that a process has used, by Linux."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measured(
    endpoint: str, service: str, process: int, rate: float, seconds: float, clients: int
) -> dict[str, Any]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        def asking(url: str, body: dict[str, Any]) -> Callable[[], Awaitable[None]]:
            data = json.dumps(body).encode()

            async def ask() -> None:
                async with http.post(url, data=data, headers={"Content-Type": "application/json"}) as answer:
                    text = await answer.read()
                    if answer.status != 200 or b"quiet" not in text:
                        raise SystemExit(f"{url}: {answer.status} {text[:200]!r}")

            return ask

        direct = asking(f"{endpoint}/v1/chat/completions", {"model": "m", "messages": CHAT, "stream": True})
        served = asking(f"{service}/v1/suggestions", {"messages": CHAT})
        streamed = asking(f"{service}/v1/suggestions", {"messages": CHAT, "stream": True})

        async def health() -> None:
            async with http.get(f"{service}/healthz") as answer:
                await answer.read()

        for ask in (direct, served, streamed, health):
            await by_clients(ask, 4, 25)  # warm
        found: dict[str, Any] = {"direct_ms": summary(await at_a_rate(direct, rate, seconds))}
        for name, ask in (("health", health), ("service", served)):
            used = cpu_s(process)
            found[f"{name}_ms"] = summary(await at_a_rate(ask, rate, seconds))
            found[f"{name}_cpu_ms_a_request"] = round((cpu_s(process) - used) / int(rate * seconds) * 1000, 2)
        found |= {
            "service_streamed_ms": summary(await at_a_rate(streamed, rate, seconds)),
            "clients_ms": summary(await by_clients(served, clients, 20)),
        }
        stop = asyncio.Event()
        slow = asyncio.ensure_future(slow_client(service, stop))
        found["clients_one_slow_ms"] = summary(await by_clients(served, clients, 20))
        stop.set()
        await slow
        return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--be-the-endpoint", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.be_the_endpoint:
        asyncio.run(be_the_endpoint())
        return
    processes: list[subprocess.Popen[str]] = []

    def started(*arguments: str) -> str:
        environment = {**os.environ, "PROUTT_API_KEY": ""}
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        return process.stdout.readline().strip() if process.stdout else ""

    try:
        endpoint = f"http://127.0.0.1:{started(__file__, '--be-the-endpoint')}"
        options = ["--model", "m", "--base-url", f"{endpoint}/v1", "--method", "prompt", "--timeout-s", "60"]
        options += ["--rate", "0", "--concurrency", "512", "--port", "0", "--quiet"]
        service = started("-m", "proutt", "serve", *options).removeprefix("Serving on ")
        load = os.getloadavg()[0]
        found = asyncio.run(measured(endpoint, service, processes[1].pid, given.rate, given.seconds, given.clients))
        added = {name: round(found["service_ms"][name] - found["direct_ms"][name], 2) for name in ("p50", "p95", "p99")}
        machine = {"cores": len(os.sched_getaffinity(0)), "load_before": round(load, 1)}
        print(json.dumps({"rate": given.rate, "added_ms": added, **found, **machine}, indent=2))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


if __name__ == "__main__":
    main()
