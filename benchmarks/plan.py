"""What ProUtt's whole plan asks of an endpoint, and how much of it a run uses: calls, share of the ideal, memory.

    python benchmarks/plan.py                                # 300 dialogues at 64 in flight, 200 ms
    python benchmarks/plan.py --latency fixed:0 --dialogues 1000 20000      # memory: `proutt synthesize` as a process

Real `proutt synthesize` against the scripted answers of the tests. `share` is the sum of all latencies / in flight
over the time from the first request to the last answer, as the server saw it. The scripted judge is hard to please:
with more than one try of an edit (--verify-tries) most turns take them all. CPU and memory (the process's peak) are
those beyond a run of one dialogue: what the start costs is not in them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def dialogue(number: int, turns: int) -> dict[str, Any]:
    said = [
        each
        for turn in range(turns)
        for each in (
            {"role": "user", "content": f"Please help me with part {turn} of plan {number}, would you?"},
            {"role": "assistant", "content": f"Sure. Part {turn} of plan {number} goes like this. " * 6},
        )
    ]
    return {"id": f"d{number}", "messages": said}


def run(url: str, folder: Path, dialogues: int, given: argparse.Namespace) -> dict[str, Any]:
    """One run in a process of its own: what the server saw, the run's summary, CPU and peak memory of the process."""
    chats, out = folder / f"chats-{dialogues}.jsonl", folder / f"run-{dialogues}"
    with chats.open("w", encoding="utf-8") as lines:
        for number in range(dialogues):
            lines.write(json.dumps(dialogue(number, given.turns)) + "\n")
    order = [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(out), "--model", "m", "--quiet"]
    began = time.perf_counter()
    settings = ["--concurrency", str(given.in_flight), "--verify-tries", str(given.verify_tries), "--language", "en"]
    process = subprocess.Popen([*order, "--base-url", url, *settings])
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"the run ended with {status}")
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        seen = json.loads(answer.read())
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return {**seen, **_of(used), "wall_s": time.perf_counter() - began, "summary": summary}


def _of(used: resource.struct_rusage) -> dict[str, float]:
    return {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": used.ru_maxrss / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", default="fixed:0.2", help="fixed:SECONDS or lognormal:MEDIAN,SIGMA")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--dialogues", type=int, nargs="+", default=[300])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--verify-tries", type=int, default=1)
    given = parser.parse_args()
    order = [sys.executable, str(HERE / "latency_server.py"), "--latency", given.latency, "--answers", "proutt"]
    server = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = run(url, Path(folder), 1, given)
            print(f"{'dialogues':>10}{'pairs':>8}{'calls':>8}{'a pair':>8}{'share':>8}{'calls/s':>9}"
                  f"{'CPU ms/call':>13}{'MiB more':>10}")  # fmt: skip
            for count in given.dialogues:
                done = run(url, Path(folder), count, given)
                pairs, calls = done["summary"]["turns"]["paired"], done["calls"]
                share = done["latency_s"] / given.in_flight / done["span_s"]
                cpu_ms = (done["cpu_s"] - base["cpu_s"]) / (calls - base["calls"]) * 1000
                print(f"{count:>10}{pairs:>8}{calls:>8}{calls / max(pairs, 1):>8.2f}{share:>8.3f}"
                      f"{calls / done['span_s']:>9.0f}{cpu_ms:>13.2f}"
                      f"{done['peak_mib'] - base['peak_mib']:>10.0f}")  # fmt: skip
    finally:
        server.kill()


if __name__ == "__main__":
    main()
