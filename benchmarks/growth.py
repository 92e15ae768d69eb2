"""Whether anything grows over a million calls: memory, open files and threads of a run's processes, tenth by tenth.

    python benchmarks/growth.py 220000 --out growth.json        # about a million calls
    python benchmarks/growth.py 2000                            # to see what it does: half a minute

Real `proutt synthesize --engine processes` over dialogues in full (two turns: one K, and all calls of a pair), against
a local endpoint that answers with the scripted answers of the tests. Every process of the run is looked at every two
seconds. A row is a tenth of the calls, by the endpoint's own count: the most that the driver and a worker had in it.
The last rows are joining the shards, and the same command given again, which has to make no call. Linux only.

Ends with 1 where a worker of the last tenth holds more than --allowed-mib over one of the second tenth, where files or
threads became more, where a call is made twice, or where the run fails.
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
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from memory import HERE, Plan, status_mib, write_chats

EVERY_S = 2.0
#: Connections and helper threads come and go.
SOME = 4


@dataclass
class Held:
    """The most that one kind of process held: resident MiB, open files, threads."""

    rss_mib: float = 0.0
    files: int = 0
    threads: int = 0

    def add(self, pid: int) -> None:
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            self.rss_mib = max(self.rss_mib, status_mib(pid, "VmRSS") or 0.0)
            self.files = max(self.files, len(os.listdir(f"/proc/{pid}/fd")))
            self.threads = max(self.threads, len(os.listdir(f"/proc/{pid}/task")))


@dataclass
class Row:
    """A stretch of the run. calls: at its end, in all."""

    what: str
    calls: int
    driver: Held
    worker: Held
    seconds: float

    def shown(self) -> str:
        held = [each for one in (self.driver, self.worker) for each in (f"{one.rss_mib:.0f}", one.files, one.threads)]
        return f"| {' | '.join(str(each) for each in (self.what, f'{self.calls:,}', *held))} | {self.seconds:.0f} |"


def children(pid: int) -> Iterator[int]:
    """The processes that a process has begun and that live."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(FileNotFoundError, ProcessLookupError):
            found = re.search(r"^PPid:\s+(\d+)$", status.read_text(encoding="ascii", errors="replace"), re.M)
            if found and int(found[1]) == pid:
                yield int(status.parent.name)


def calls_since(url: str) -> int:
    """Calls that the endpoint had since it was last asked."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:
        return int(json.load(answer)["calls"])


def watched(order: list[str], url: str, expected: int, again: bool) -> Iterator[Row]:
    """Rows of one run. Raises SystemExit where it fails."""
    process = subprocess.Popen(order)
    calls, tenth, began = 0, 1, time.monotonic()
    driver, worker = Held(), Held()
    joining = False
    while process.poll() is None:
        time.sleep(EVERY_S)
        calls += calls_since(url)
        workers = [each for child in children(process.pid) for each in children(child) if status_mib(each, "VmRSS")]
        ended = calls and not workers
        if not again and not joining and (ended or (tenth < 10 and calls >= tenth * expected / 10)):
            yield Row(f"{tenth}/10", calls, driver, worker, time.monotonic() - began)
            tenth, joining, began = tenth + 1, bool(ended), time.monotonic()
            driver, worker = Held(), Held()
        driver.add(process.pid)
        for each in workers:
            worker.add(each)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(order)} ended with {process.returncode}")
    calls += calls_since(url)
    yield Row("again" if again else "joining", calls, driver, worker, time.monotonic() - began)


def problems(rows: list[Row], allowed_mib: float) -> list[str]:
    """What is not as it should be."""
    tenths = [row for row in rows if row.what.endswith("/10")]
    if len(tenths) < 3:
        return ["too few dialogues to tell"]
    second, last = tenths[1], tenths[-1]
    found = []
    for name in ("driver", "worker"):
        early, late = getattr(second, name), getattr(last, name)
        if late.rss_mib > early.rss_mib + allowed_mib:
            found.append(f"a {name} grew from {early.rss_mib:.0f} to {late.rss_mib:.0f} MiB")
        if late.files > early.files + SOME or late.threads > early.threads + SOME:
            found.append(f"a {name} held {early.files} files, {early.threads} threads, "
                         f"then {late.files} and {late.threads}")  # fmt: skip
    if rows[-1].calls:
        found.append(f"given again, the command made {rows[-1].calls} calls")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dialogues", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--latency", default="fixed:0.01", help="fixed:SECONDS or lognormal:MEDIAN,SIGMA")
    parser.add_argument("--allowed-mib", type=float, default=8.0)
    parser.add_argument("--folder", type=Path, help="where the run is made; a million calls take some 3 GB")
    parser.add_argument("--out", type=Path, help="write the numbers here, too")
    given = parser.parse_args()
    serve = [sys.executable, str(HERE / "latency_server.py"), "--latency", given.latency, "--answers", "proutt"]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    rows: list[Row] = []
    print("| | calls | driver MiB | files | threads | worker MiB | files | threads | s |")
    print("|---|" + "---:|" * 8)
    try:
        with tempfile.TemporaryDirectory(dir=given.folder) as name:
            folder = Path(name)
            chats, out = folder / "chats.jsonl", folder / "run"
            write_chats(chats, Plan(given.dialogues))
            order = [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(out), "--quiet"]
            order += ["--language", "en", "--model", "m", "--base-url", url, "--verify-tries", "1"]
            order += ["--engine", "processes", "--workers", str(given.workers)]
            order += ["--concurrency", str(given.in_flight)]
            for again in (False, True):
                for row in watched(order, url, round(4.6 * given.dialogues), again):
                    rows.append(row)
                    print(row.shown(), flush=True)
            summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
            journal_mib = (out / "journal.sqlite").stat().st_size / 2**20
    finally:
        server.kill()
    found = problems(rows, given.allowed_mib)
    paid, made = summary["calls"]["calls"], rows[-2].calls
    found += [] if made == paid else [f"{made} calls were made, {paid} are in the journal"]
    print(f"\n{made:,} calls, {summary['turns']['paired']:,} pairs, a journal of {journal_mib:.0f} MiB; "
          + ("; ".join(found) or "nothing grew"))  # fmt: skip
    if given.out:
        told = {"dialogues": given.dialogues, "workers": given.workers, "calls": made, "journal_mib": journal_mib}
        told |= {"turns": summary["turns"], "problems": found, "rows": [asdict(row) for row in rows]}
        given.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
