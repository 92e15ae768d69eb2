"""How much of an endpoint's capacity a client uses, and what it costs the client: single calls, in one run.

    python benchmarks/throughput.py                  # 64, 256 and 1000 in flight at 200 ms; about two minutes
    python benchmarks/throughput.py --latency lognormal:2.0,0.5 --in-flight 64 --calls 640

Each client makes the same calls against a local endpoint that answers after a fixed (or lognormal) time. `share` is the
ideal time (calls x mean latency / in flight) over the time from the first request to the last answer, as the server saw
it; `CPU` is the client's processor time per call. Clients that are not installed are left out, and said to be.

- `aiohttp`: a bare loop of POSTs: the floor.
- `proutt`: what a run does for every call: schema, pool, endpoint, journal, validation.
- `openai`: the OpenAI SDK, plain text, nothing validated or written down.

The rounds of all clients alternate, since machines are noisy; medians are printed. Waves cap the share: with 2,000
calls at 64 in flight, the last wave is not full.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine
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
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        answer.read()  # and begins anew
    began = time.process_time()
    asyncio.run(client(url, calls, in_flight))
    print(json.dumps({"cpu_s": time.process_time() - began}))


def measured(name: str, url: str, calls: int, in_flight: int) -> dict[str, float]:
    order = [sys.executable, __file__, "--client", name, "--url", url, "--calls", str(calls), "--in-flight"]
    done = subprocess.run([*order, str(in_flight)], capture_output=True, text=True, check=True)
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        return {**json.loads(answer.read()), **json.loads(done.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", default="fixed:0.2")
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256, 1000])
    parser.add_argument("--calls", type=int, help="default: 32 waves")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--client")
    parser.add_argument("--url")
    given = parser.parse_args()
    if given.client:
        client_main(given.client, given.url, given.calls, given.in_flight[0])
        return
    kind, _, numbers = given.latency.partition(":")
    parts = [float(each) for each in numbers.split(",")]
    mean = parts[0] if kind == "fixed" else parts[0] * 2.718281828 ** (parts[1] ** 2 / 2)
    server = subprocess.Popen(
        [sys.executable, str(HERE / "latency_server.py"), "--latency", given.latency], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    there = [name for name, (_, module) in CLIENTS.items() if importlib.util.find_spec(module)]
    print(f"latency {given.latency}; not installed: {sorted(set(CLIENTS) - set(there)) or 'none'}")
    print(f"{'client':<10}{'in flight':>10}{'calls':>8}{'share':>8}{'min..max':>14}{'CPU ms/call':>13}")
    try:
        for in_flight in given.in_flight:
            calls = given.calls or 32 * in_flight
            rounds = [{name: measured(name, url, calls, in_flight) for name in there} for _ in range(given.rounds)]
            for name in there:
                shares = [calls * mean / in_flight / each[name]["span_s"] for each in rounds]
                cpu = statistics.median(each[name]["cpu_s"] for each in rounds) / calls * 1000
                spread = f"{min(shares):.2f}..{max(shares):.2f}"
                print(f"{name:<10}{in_flight:>10}{calls:>8}{statistics.median(shares):>8.3f}{spread:>14}{cpu:>13.2f}")
    finally:
        server.kill()


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
