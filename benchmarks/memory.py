"""Whether memory grows with the input: the peak of `proutt synthesize` over more and more dialogues.

    python benchmarks/memory.py 1000 20000           # every dialogue in full: many minutes
    python benchmarks/memory.py 1000 200000:20       # of 200,000, one in 20 in full; the others have one turn
    python benchmarks/memory.py 1000 --judge embedding    # with the sentence embedder in the process

Real `proutt synthesize` in a process of its own, against a local endpoint that answers at once with the scripted
answers of the tests. A dialogue in full has two turns: one K, and all calls of a pair. One of a single turn is read,
checked, named and written down, but has no K and costs no call: so the bulk of a large run can be had in minutes, and
what a row did is in its columns. All sizes are MiB. `peak` is the most resident memory that the process ever had,
libraries and all (VmHWM); `again` the same of a second run of the same command, which has nothing to do but to read the
input and the journal. `half` and `end` are samples of the resident memory halfway through the first run and near its
end.

An embedded model is a process of its own and not measured here; the sentence embedder is not. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET_MIB = 150
SAMPLED_EVERY_S = 0.25


@dataclass(frozen=True)
class Plan:
    """Dialogues of a run, one in `every` of them in full."""

    dialogues: int
    every: int = 1

    @classmethod
    def of(cls, text: str) -> Plan:
        count, _, every = text.partition(":")
        return cls(int(count), int(every or 1))


@dataclass(frozen=True)
class Peaks:
    """Resident memory of a process over its life, MiB."""

    peak: float
    half: float
    end: float
    wall_s: float


def dialogue(number: int, turns: int) -> dict[str, Any]:
    said = [
        each
        for turn in range(turns)
        for each in (
            {"role": "user", "content": f"Please help me with part {turn} of plan {number}, would you?"},
            {"role": "assistant", "content": f"Sure. Part {turn} of plan {number} goes like this. " * 12},
        )
    ]
    return {"id": f"d{number}", "messages": said}


def write_chats(path: Path, plan: Plan) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for number in range(plan.dialogues):
            lines.write(json.dumps(dialogue(number, 1 if number % plan.every else 2)) + "\n")


def status_mib(pid: int | str, name: str) -> float | None:
    """A field of /proc/PID/status; None where the process is gone."""
    try:
        found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.M)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(found[1]) / 1024 if found else None


def watched(command: list[str]) -> Peaks:
    """Run a command to its end and look at its memory meanwhile. Raises SystemExit where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command)
    samples, peak = [0.0], 0.0
    while process.poll() is None:
        now, most = status_mib(process.pid, "VmRSS"), status_mib(process.pid, "VmHWM")
        if now is not None and most is not None:
            samples.append(now)
            peak = most
        time.sleep(SAMPLED_EVERY_S)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    took = time.perf_counter() - began
    return Peaks(peak, samples[len(samples) // 2], samples[-1], took)


def run(folder: Path, plan: Plan, options: list[str]) -> dict[str, Any]:
    """One run and the same command again: peaks, and what was done."""
    chats, out = folder / f"chats-{plan.dialogues}.jsonl", folder / f"run-{plan.dialogues}"
    write_chats(chats, plan)
    order = [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(out), "--quiet", "--language", "en"]
    first = watched([*order, *options])
    again = watched([*order, *options])
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return {
        "dialogues": plan.dialogues,
        "in_full": -(-plan.dialogues // plan.every),
        "pairs": summary["turns"]["paired"],
        "calls": summary["calls"]["calls"],
        "input_mib": chats.stat().st_size / 2**20,
        "journal_mib": (out / "journal.sqlite").stat().st_size / 2**20,
        **asdict(first),
        "again": again.peak,
        "summary": summary,
    }


def shown(row: dict[str, Any]) -> str:
    values = [f"{row[name]:,}" for name in ("dialogues", "in_full", "pairs", "calls")]
    values += [f"{row[name]:.0f}" for name in ("input_mib", "journal_mib", "half", "end", "peak", "again")]
    return f"| {' | '.join(values)} | {row['wall_s']:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plans", type=Plan.of, nargs="+", metavar="DIALOGUES[:EVERY]")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--judge", choices=("llm", "embedding"), default="llm")
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    given = parser.parse_args()
    order = [sys.executable, str(HERE / "latency_server.py"), "--latency", "fixed:0", "--answers", "proutt"]
    server = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    options = ["--model", "m", "--base-url", url, "--concurrency", str(given.in_flight)]
    options += ["--judge", given.judge, "--verify-tries", "1"]
    rows = []
    print("| dialogues | in full | pairs | calls | input | journal | half | end | peak | again | s |")
    print("|" + "---|" * 11)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for plan in given.plans:
                rows.append(run(Path(folder), plan, options))
                print(shown(rows[-1]), flush=True)
    finally:
        server.kill()
    most = max(row["peak"] for row in rows)
    print(f"\nmost: {most:.0f} MiB; {TARGET_MIB} is the target; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
