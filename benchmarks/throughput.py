"""How much of an endpoint's capacity a client uses, and what it costs the client: single calls, in one run.

    python benchmarks/throughput.py --out throughput.json   # 64, 256, 1000 in flight; 200 ms and 2 s: 20 minutes
    python benchmarks/throughput.py --latency fixed:0.2 --in-flight 64 --rounds 1

Each client is a process of its own and makes the same calls against a local endpoint, also a process of its own, that
answers after a fixed or lognormal time. `share` is Little's law: the sum of all latencies over what so many in flight
could have had (calls in flight x seconds from the first request to the last answer, as the server saw it). `CPU` is
the client's processor time a call.

- `aiohttp`: a bare loop of POSTs: the floor.
- `proutt`: what a run does for every call: prompt, schema, key, journal, pool, endpoint, validation.
- `openai` (where it is installed, and asked for): the OpenAI SDK, plain text, nothing validated or written down.

The rounds of all clients alternate, since machines are noisy; medians are printed. Nobody reaches 1: the last wave is
not full, with a lognormal latency its slowest call is waited for, and proutt's limit starts at half of what it may be.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROMPT = "> Which train goes to Lyon?\n\n> Is there a direct train to Lyon in the morning?\n" * 12

Client = Callable[[str, int, int], Coroutine[Any, Any, None]]


async def bare(url: str, calls: int, in_flight: int) -> None:
    """aiohttp alone."""
    import aiohttp

    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 90}).encode()
    left = iter(range(calls))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:

        async def worker() -> None:
            for _ in left:
                headers = {"Content-Type": "application/json"}
                async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
                    json.loads(await response.read())

        await asyncio.gather(*(worker() for _ in range(in_flight)))


async def proutt(url: str, calls: int, in_flight: int) -> None:
    """The way of every call of a run."""
    from proutt.dialogue import Context, Turn
    from proutt.llm import ModelSpec, open_model
    from proutt.prompts import Role
    from proutt.prompts.proutt import JudgeSimilarity
    from proutt.runs.calls import Calls
    from proutt.runs.journal import Journal

    model = open_model(ModelSpec(model="m", base_url=url, concurrency=in_flight), environ={})
    turn = Turn("Which train goes to Lyon?", "The one at nine." * 40)
    step = JudgeSimilarity(
        context=Context("lyon", "en", (turn,)), truth="Is it direct?", utterances=("Is it?",), budget=4000
    )
    step = _OneVerdict(**{name: getattr(step, name) for name in ("context", "truth", "utterances", "budget")})
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.sqlite")
        work = Calls(dict.fromkeys(Role, model), journal, in_flight, 0)
        left = iter(range(calls))

        async def worker() -> None:
            for number in left:
                await work.for_item((number, 0))(step, f"call/{number}")

        await asyncio.gather(*(worker() for _ in range(in_flight)))
        journal.close()
    await model.close()


async def openai_sdk(url: str, calls: int, in_flight: int) -> None:
    """The OpenAI SDK with its defaults, except for its retries."""
    import openai

    left = iter(range(calls))
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def worker() -> None:
            for _ in left:
                await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": PROMPT}], max_tokens=90
                )

        await asyncio.gather(*(worker() for _ in range(in_flight)))


CLIENTS: dict[str, tuple[Client, str]] = {
    "aiohttp": (bare, "aiohttp"),
    "proutt": (proutt, "proutt"),
    "openai": (openai_sdk, "openai"),
}


def client_main(name: str, url: str, calls: int, in_flight: int) -> None:
    """One client in a process of its own: prints its CPU seconds for the calls alone."""
    client = CLIENTS[name][0]
    asyncio.run(client(url, min(calls, in_flight), in_flight))  # imports, connections, first use
    stats(url)  # and begins anew
    began = time.process_time()
    asyncio.run(client(url, calls, in_flight))
    print(json.dumps({"cpu_s": time.process_time() - began}))


def stats(url: str) -> dict[str, float]:
    """What the server saw since it was last asked."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        seen: dict[str, float] = json.loads(answer.read())
        return seen


def measured(name: str, url: str, calls: int, in_flight: int) -> tuple[float, float]:
    """(share, CPU ms a call) of one client."""
    order = [sys.executable, __file__, "--client", name, "--url", url, "--calls", str(calls), "--in-flight"]
    done = subprocess.run([*order, str(in_flight)], capture_output=True, text=True, check=True)
    seen = stats(url)
    cpu_s = json.loads(done.stdout.splitlines()[-1])["cpu_s"]
    return seen["latency_s"] / in_flight / seen["span_s"], cpu_s / calls * 1000


@dataclass(frozen=True)
class Row:
    """One client at one latency and so many calls in flight; shares and CPU are of its rounds, in order."""

    client: str
    latency: str
    in_flight: int
    calls: int
    shares: list[float]
    cpu_ms: list[float]

    @property
    def share(self) -> float:
        return statistics.median(self.shares)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_ms)


def rows_at(latency: str, in_flight: int, calls: int, clients: list[str], rounds: int) -> list[Row]:
    """Every client in turn, round by round, against one server."""
    order = [sys.executable, str(HERE / "latency_server.py"), "--latency", latency]
    server = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    try:
        found = [{name: measured(name, url, calls, in_flight) for name in clients} for _ in range(rounds)]
    finally:
        server.kill()
        server.wait()
    return [
        Row(
            name,
            latency,
            in_flight,
            calls,
            [round(each[name][0], 3) for each in found],
            [round(each[name][1], 3) for each in found],
        )
        for name in clients
    ]


def table(rows: list[Row]) -> str:
    """The rows in Markdown; ratios are to aiohttp's in the same rounds."""
    lines = [
        "| latency | in flight | calls | client | share | min–max | of aiohttp's | CPU ms a call | of aiohttp's |",
        "|---|---:|---:|---|---:|---|---:|---:|---:|",
    ]
    for row in rows:
        floor = next(each for each in rows if each.client == "aiohttp" and _place(each) == _place(row))
        lines.append(
            f"| {row.latency} | {row.in_flight} | {row.calls:,} | {row.client} | {row.share:.3f} | "
            f"{min(row.shares):.2f}–{max(row.shares):.2f} | {row.share / floor.share:.2f} | {row.cpu:.2f} | "
            f"{row.cpu / floor.cpu:.2f} |"
        )
    return "\n".join(lines)


def _place(row: Row) -> tuple[str, int]:
    return row.latency, row.in_flight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", nargs="+", default=["fixed:0.2", "lognormal:2.0,0.5"])
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256, 1000])
    parser.add_argument("--waves", type=int, default=32, help="calls over calls in flight; a quarter where lognormal")
    parser.add_argument("--calls", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", nargs="+", default=["aiohttp", "proutt"], choices=CLIENTS)
    parser.add_argument("--out", type=Path, help="a file for the results as JSON")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        client_main(given.client, given.url, given.calls, given.in_flight[0])
        return
    there = [name for name in given.clients if importlib.util.find_spec(CLIENTS[name][1])]
    if len(there) < len(given.clients):
        print(f"not installed: {', '.join(sorted(set(given.clients) - set(there)))}")
    load_before = os.getloadavg()[0]
    rows = []
    for latency in given.latency:
        for in_flight in given.in_flight:
            waves = given.waves if latency.startswith("fixed") else -(-given.waves // 4)
            rows += rows_at(latency, in_flight, waves * in_flight, there, given.rounds)
            print(table(rows[-len(there) :]), flush=True)
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
    }
    print(f"\n{machine}\n\n{table(rows)}")
    if given.out:
        results = {"machine": machine, "rows": [asdict(row) for row in rows]}
        given.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if importlib.util.find_spec("proutt"):
    from pydantic import BaseModel

    from proutt.prompts.proutt import JudgeSimilarity
    from proutt.prompts.proutt.judge import Verdict

    class _OneVerdict(JudgeSimilarity):
        """The judge's step, for one answer that the benchmark's server gives."""

        def answer_model(self) -> type[BaseModel]:  # type: ignore[override]
            return Verdict


if __name__ == "__main__":
    main()
