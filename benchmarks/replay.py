"""What a server of a model does with the calls of a real plan: calls and tokens a second, and what its cache saved.

    python benchmarks/latency_server.py --answers proutt --latency fixed:0.5 --keep bodies.jsonl     # prints its port
    proutt synthesize chats.jsonl --out run --model m --base-url http://127.0.0.1:PORT/v1 --concurrency 256
    python benchmarks/replay.py bodies.jsonl --url http://127.0.0.1:8000/v1 --model MODEL --in-flight 64 256

Sends the bodies again in the order in which a run sent them, so many in flight. The prompts are the plan's own, and a
dialogue's calls come near each other, as in a run. Each answer is made as long as `--answer-tokens` says, whatever the
weights are: so a model with random weights takes as long as a trained one of its shape, and schemas are left out, which
a random model can't end. `cached` is the share of prompt tokens that the server did not compute, by its own counters
(vLLM's /metrics). Rounds send other dialogues first (--skip), or else the second finds all in the cache.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import time
from itertools import islice
from pathlib import Path

import aiohttp


def bodies(path: Path, model: str, answer_tokens: int, skip: int, calls: int) -> list[bytes]:
    """The requests to send."""
    sent = []
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, skip, skip + calls):
            body = json.loads(line)
            kept = {"messages": body["messages"], "temperature": 0.0, "model": model}
            sent.append(json.dumps(kept | {"max_tokens": answer_tokens, "ignore_eos": True}).encode())
    return sent


async def cached(session: aiohttp.ClientSession, url: str) -> tuple[float, float]:
    """Prompt tokens that the server has looked up in its prefix cache so far, and those it found."""
    async with session.get(url.removesuffix("/v1") + "/metrics") as answer:
        text = await answer.text()
    return tuple(  # type: ignore[return-value]
        sum(float(each) for each in re.findall(rf"^vllm:prefix_cache_{name}_total\{{.*\}} (\S+)$", text, re.M))
        for name in ("queries", "hits")
    )


async def replay(url: str, sent: list[bytes], in_flight: int) -> dict[str, float]:
    room, seconds = asyncio.Semaphore(in_flight), []
    prompt = completion = 0

    async def one(body: bytes) -> None:
        nonlocal prompt, completion
        async with room:
            began = time.perf_counter()
            async with session.post(url + "/chat/completions", data=body) as answer:
                found = await answer.json()
            if "usage" not in found:
                raise SystemExit(f"the server said: {json.dumps(found)[:500]}")
            seconds.append(time.perf_counter() - began)
            prompt += found["usage"]["prompt_tokens"]
            completion += found["usage"]["completion_tokens"]

    headers = {"Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=600)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as session:
        before = await cached(session, url)
        began = time.perf_counter()
        await asyncio.gather(*(one(body) for body in sent))
        span_s = time.perf_counter() - began
        after = await cached(session, url)
    looked = after[0] - before[0]
    return {
        "calls": len(sent),
        "span_s": span_s,
        "prompt_tokens": prompt,
        "answer_tokens": completion,
        "cached": (after[1] - before[1]) / looked if looked else 0.0,
        "median_s": statistics.median(seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bodies", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64])
    parser.add_argument("--calls", type=int, default=1000, help="of each round")
    parser.add_argument("--skip", type=int, default=0, help="bodies that are passed over first")
    parser.add_argument("--answer-tokens", type=int, default=140)
    given = parser.parse_args()
    print("| in flight | calls | s | calls/s | prompt tokens/s | computed/s | answer tokens/s | cached | median s |")
    print("|" + "---:|" * 9)
    skip = given.skip
    for in_flight in given.in_flight:
        sent = bodies(given.bodies, given.model, given.answer_tokens, skip, given.calls)
        skip += given.calls
        one = asyncio.run(replay(given.url, sent, in_flight))
        rate = {name: one[name] / one["span_s"] for name in ("calls", "prompt_tokens", "answer_tokens")}
        computed = rate["prompt_tokens"] * (1 - one["cached"])
        print(f"| {in_flight} | {one['calls']:,} | {one['span_s']:.1f} | {rate['calls']:.1f} | "
              f"{rate['prompt_tokens']:,.0f} | {computed:,.0f} | {rate['answer_tokens']:,.0f} | {one['cached']:.3f} | "
              f"{one['median_s']:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
