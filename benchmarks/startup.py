"""How long `proutt --help` keeps a person waiting, beyond bare Python: medians of one interleaved run.

    python benchmarks/startup.py                     # 30 rounds; under a minute
    python benchmarks/startup.py --json startup.json

Each round starts `python -c pass` and then every command, in an order that turns from round to round, so that a machine
that gets slower slows all of them. `ms` is wall time from start to end, `CPU ms` what the process used of the
processor: other work on the machine lengthens the first, and the second hardly. `beyond` is the median of the
differences to the bare start of the same round. The dearest imports of `proutt --help` follow, from `-X importtime`.

Byte code is there already and files are in the page cache: one round goes ahead that is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

BARE = "python -c pass"
SCRIPT = Path(sysconfig.get_path("scripts")) / "proutt"
COMMANDS = {
    BARE: [sys.executable, "-c", "pass"],
    "proutt --help": [str(SCRIPT), "--help"],
    "python -m proutt --help": [sys.executable, "-m", "proutt", "--help"],
    "proutt synthesize --help": [str(SCRIPT), "synthesize", "--help"],
}
_IMPORTED = re.compile(r"import time:\s+\d+ \|\s+(\d+) \|\s+(\S+)")


@dataclass(frozen=True)
class Start:
    """One start of a command: wall time and processor time, in milliseconds."""

    wall_ms: float
    cpu_ms: float


def started(command: list[str]) -> Start:
    """Run a command to its end. Raises SystemExit where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Start(took * 1000, (used.ru_utime + used.ru_stime) * 1000)


def measured(rounds: int) -> dict[str, list[Start]]:
    """Every command's starts, a round of all at a time."""
    for command in COMMANDS.values():
        started(command)
    found: dict[str, list[Start]] = {name: [] for name in COMMANDS}
    names = list(COMMANDS)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            found[name].append(started(COMMANDS[name]))
    return found


def row(starts: list[Start], bare: list[Start]) -> dict[str, float]:
    """Medians of one command, and of its differences to the bare start of the same round."""
    beyond = [one.wall_ms - other.wall_ms for one, other in zip(starts, bare, strict=True)]
    beyond_cpu = [one.cpu_ms - other.cpu_ms for one, other in zip(starts, bare, strict=True)]
    return {
        "ms": statistics.median(each.wall_ms for each in starts),
        "least_ms": min(each.wall_ms for each in starts),
        "cpu_ms": statistics.median(each.cpu_ms for each in starts),
        "beyond_ms": statistics.median(beyond),
        "beyond_cpu_ms": statistics.median(beyond_cpu),
    }


def dearest_imports(most: int) -> list[tuple[str, float]]:
    """The imports of `proutt --help` that take longest, each with all that it brings in: name and ms."""
    order = [sys.executable, "-X", "importtime", str(SCRIPT), "--help"]
    said = subprocess.run(order, capture_output=True, text=True, check=True).stderr
    found = [(name, int(microseconds) / 1000) for microseconds, name in _IMPORTED.findall(said)]
    return sorted(found, key=lambda each: -each[1])[:most]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--imports", type=int, default=12, help="how many of the dearest imports to name")
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    given = parser.parse_args()
    found = measured(given.rounds)
    rows = {name: row(starts, found[BARE]) for name, starts in found.items()}
    print(f"{given.rounds} starts each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| command | ms | least | CPU ms | beyond bare, ms | beyond bare, CPU ms |\n|---|---|---|---|---|---|")
    for name, each in rows.items():
        print(f"| `{name}` | " + " | ".join(f"{value:.0f}" for value in each.values()) + " |")
    imports = dearest_imports(given.imports)
    print("\nms | dearest imports of `proutt --help`, each with all that it brings in")
    for name, ms in imports:
        print(f"{ms:5.1f} {name}")
    if given.json:
        facts = {"rounds": given.rounds, "load": os.getloadavg()[0], "commands": rows, "imports_ms": dict(imports)}
        given.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
