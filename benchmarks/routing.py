"""How many calls of a dialogue meet the same replica, and what that costs in throughput.

    python benchmarks/routing.py                      # seconds
    python benchmarks/routing.py --slow 1 --replicas 8

The pool of `proutt` before replicas of this script, which answer after a fixed time and note whose calls they saw. Each
dialogue asks its calls in chains that run side by side, dialogues in their order behind a turnstile, as in a run. The
same work is done without a place for dialogues (each call goes to the least busy replica) and with one; last with one
replica that is so many times as slow.

home   share of a dialogue's calls that its most used replica saw; the mean over dialogues
first  share of calls that were their dialogue's first at their replica: what no prefix cache can help
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Replica:
    """Answers after so many seconds; saw: calls by dialogue."""

    identity: str
    seconds: float
    context_tokens: int = 32768
    saw: Counter[str] = field(default_factory=Counter)

    async def reply(self, request):
        from proutt.llm.chat import Reply, Usage

        self.saw[request.step] += 1
        await asyncio.sleep(self.seconds)
        return Reply("ok", "stop", Usage(1, 1), self.seconds)

    async def close(self) -> None:
        """Nothing is open."""


async def measured(given: argparse.Namespace, *, placed: bool, slow: float) -> tuple[float, float, float]:
    """Calls a second, home, first."""
    from proutt.llm.chat import Message, Request, Sampling
    from proutt.llm.pool import Pool
    from proutt.runs.calls import Turnstile

    replicas = [Replica(f"m @ http://replica{number}/v1", 0.03) for number in range(given.replicas)]
    replicas[0].seconds *= slow
    pool = Pool(replicas, ceiling=given.concurrency)
    turnstile = Turnstile(lambda: min(given.concurrency, pool.capacity))

    async def chain(number: int) -> None:
        name = str(number)
        for _ in range(given.calls // given.chains):
            async with turnstile.through((number, 0)):
                request = Request((Message("user", name),), Sampling(1), step=name, affinity=name if placed else "")
                await pool.reply(request)

    began = time.monotonic()
    await asyncio.gather(*(chain(number) for number in range(given.dialogues) for _ in range(given.chains)))
    seconds = time.monotonic() - began
    by_dialogue = [[replica.saw[str(number)] for replica in replicas] for number in range(given.dialogues)]
    calls = sum(map(sum, by_dialogue))
    home = sum(max(each) / sum(each) for each in by_dialogue) / len(by_dialogue)
    first = sum(count > 0 for each in by_dialogue for count in each) / calls
    return calls / seconds, home, first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"replicas": 4, "dialogues": 200, "calls": 24, "chains": 4, "concurrency": 64}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--slow", type=float, default=4.0, help="how many times as slow one replica is at last")
    given = parser.parse_args()
    print("| replicas | dialogues | calls/s | home | first |\n|---|---|---|---|---|")
    for slow in dict.fromkeys((1.0, given.slow)):
        speeds = []
        for placed in (False, True):
            speed, home, first = asyncio.run(measured(given, placed=placed, slow=slow))
            speeds.append(speed)
            kind = "alike" if slow == 1 else f"one {slow:g}x as slow"
            print(f"| {kind} | {'placed' if placed else 'anywhere'} | {speed:.0f} | {home:.2f} | {first:.3f} |")
        print(f"\nthroughput, placed to anywhere: {speeds[1] / speeds[0]:.2f}\n")


if __name__ == "__main__":
    main()
