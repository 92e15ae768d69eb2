"""How much more several workers do than one: calls a second of `proutt synthesize --engine`, on load that waits.

    python benchmarks/workers.py 1 2 4 8                         # processes; 2 s a call, 8 calls in flight a worker
    python benchmarks/workers.py 1 2 4 8 --engine ray            # with the Python of an environment that has the extra

Each worker has as many dialogues and as many calls in flight, whatever their number, so that more of them do more in
the same time. `calls/s` is over the time from the first request to the last answer, as the server saw it; `of linear`
compares it with as many times what one worker does; `share` is the sum of all latencies over what so many in flight
could have had. Workers, server and driver share this machine's processors: on load that computes, they are the limit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from plan import HERE, dialogue


def measured(url: str, folder: Path, workers: int, given: argparse.Namespace) -> dict[str, float]:
    """What the server saw of one run."""
    chats = folder / f"chats-{workers}.jsonl"
    with chats.open("w", encoding="utf-8") as lines:
        for number in range(workers * given.dialogues):
            lines.write(json.dumps(dialogue(number, given.turns)) + "\n")
    order = [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(folder / f"run-{workers}")]
    order += ["--model", "m", "--base-url", url, "--language", "en", "--verify-tries", "1", "--quiet"]
    order += ["--concurrency", str(workers * given.in_flight)]
    order += ["--engine", given.engine, "--workers", str(workers)]
    subprocess.run(order, check=True)
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        seen: dict[str, float] = json.load(answer)
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workers", type=int, nargs="+")
    parser.add_argument("--engine", default="processes")
    parser.add_argument("--latency", default="fixed:2", help="fixed:SECONDS or lognormal:MEDIAN,SIGMA")
    parser.add_argument("--in-flight", type=int, default=8, help="calls in flight of a worker")
    parser.add_argument("--dialogues", type=int, default=16, help="dialogues of a worker")
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    order = [sys.executable, str(HERE / "latency_server.py"), "--latency", given.latency, "--answers", "proutt"]
    server = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    one = 0.0
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{'workers':>8}{'calls':>8}{'seconds':>9}{'calls/s':>9}{'of linear':>11}{'share':>8}")
            for workers in given.workers:
                seen = measured(url, Path(folder), workers, given)
                rate = seen["calls"] / seen["span_s"]
                one = one or rate / workers
                share = seen["latency_s"] / (workers * given.in_flight) / seen["span_s"]
                print(f"{workers:>8}{seen['calls']:>8}{seen['span_s']:>9.1f}{rate:>9.1f}"
                      f"{rate / workers / one:>11.3f}{share:>8.3f}", flush=True)  # fmt: skip
    finally:
        server.kill()


if __name__ == "__main__":
    main()
