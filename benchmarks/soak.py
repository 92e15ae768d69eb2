"""Every fault of docs/reliability.md, in full counts: runs are killed, starved, lied to and resumed.

    python benchmarks/soak.py --out docs/reliability-results.json     # all of it: the better part of an hour
    python benchmarks/soak.py --scale 0.05 --out some.json            # a twentieth of the counts and of the waits
    python benchmarks/soak.py --only kills torn --out some.json       # single rows

Linux, with a C compiler. The result says for each row how many trials there were, how many were not as promised, and
the 95 % upper bound of the share that would not be (0 failures: three over the trials).
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from reliability import faults, plans  # noqa: E402
from reliability.endpoint import Call, Endpoint, Plan, Says  # noqa: E402
from reliability.faults import FAILURES, KILLS, Fault  # noqa: E402
from reliability.forking import Forks  # noqa: E402
from reliability.journals import (  # noqa: E402
    JOURNAL,
    all_rows,
    committed,
    copied,
    cut_points,
    last_record,
    silent_changes,
)
from reliability.promises import STUBBORN, Scene, outcome, stubborn, tiny, unclear  # noqa: E402
from runs.command import english  # noqa: E402


@dataclass
class Row:
    """What came of one fault. problems: of each trial that was not as promised; facts: what else was counted."""

    trials: int = 0
    problems: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, problems: object, trials: int = 1) -> None:
        self.trials += trials
        if problems:
            self.problems.append(str(problems))

    def count(self, name: str, number: float = 1) -> None:
        self.facts[name] = self.facts.get(name, 0) + number

    def as_json(self, seconds: float) -> dict[str, Any]:
        failed = len(self.problems)
        bound = upper_bound(failed, self.trials)
        told = {"trials": self.trials, "failed": failed, "failing_share_below_95": bound, **self.facts}
        return {**told, "problems": self.problems[:5], "seconds": round(seconds, 1)}


def upper_bound(failed: int, trials: int) -> float | None:
    """The one-sided 95 % bound of the share that fails: the rule of three, or else Clopper and Pearson's."""
    if not trials or failed >= trials:
        return None if not trials else 1.0
    if failed == 0:
        return round(min(1.0, 3 / trials), 5)
    low, high = failed / trials, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        at_most = sum(
            math.exp(
                math.lgamma(trials + 1)
                - math.lgamma(each + 1)
                - math.lgamma(trials - each + 1)
                + each * math.log(middle)
                + (trials - each) * math.log1p(-middle)
            )
            for each in range(failed + 1)
        )
        low, high = (middle, high) if at_most > 0.05 else (low, middle)
    return round(high, 5)


@dataclass
class Soak:
    """What the rows share. scale: of counts and waits, 0..1."""

    endpoint: Endpoint
    forks: Forks
    folder: Path
    scale: float
    rng: random.Random = field(default_factory=lambda: random.Random(2026))

    def many(self, full: int) -> int:
        return max(1, round(full * self.scale))

    @property
    def stride(self) -> int:
        """Of the places to disturb, every so-manieth."""
        return max(1, round(1 / self.scale))

    def tiny(self) -> Scene:
        return Scene(self.endpoint, self.forks, self.folder / "tiny", tiny(), stubborn)

    def of(self, dialogues: int, turns: int, *options: str, in_flight: int = 16) -> Scene:
        texts = [english(f"d{number}", turns) for number in range(dialogues)]
        return Scene(self.endpoint, self.forks, self.folder / "busy", texts, options=options, in_flight=in_flight)


# Kills and files.


def kills(soak: Soak) -> Row:
    """SIGKILL at random points of a run of 500 pairs or more, each resumed and compared."""
    row, scene = Row(), soak.of(150, 6, "--no-verify")
    row.facts["pairs"] = scene.undisturbed.files["pairs.jsonl"].count(b"\n")
    row.facts["calls"] = scene.calls
    for _ in range(soak.many(200)):
        trial = scene.killed_at(soak.rng.randint(1, scene.calls), soak.rng.random() / 50)
        row.add(trial.problems)
        row.count("killed", trial.disturbed.code == -9)
        row.facts["most_paid_again"] = max(row.facts.get("most_paid_again", 0), trial.again)
    return row


def _all_places(soak: Soak, modes: tuple[str, ...], **fault: Any) -> Row:
    """Each mode at call 1, 2, ... on a file, until a run ends that met no fault."""
    row, scene = Row(), soak.tiny()
    for offset, mode in enumerate(modes):
        at = 1 + offset % soak.stride
        while True:
            trial = scene.files_fault(Fault(at, mode, reads=bool(fault)), after_kill_at=5 if fault else None)
            if trial.log.fired is None and at > len(trial.log.calls):
                break
            if trial.log.fired is not None:
                row.add([trial.log.fired, *trial.problems] if trial.problems else [])
                row.count(mode)
            at += soak.stride
        row.facts["file_calls"] = len(trial.log.calls)
    return row


def writes(soak: Soak) -> Row:
    """SIGKILL before, in the middle of and after every call that writes, renames, syncs, cuts or removes a file."""
    return _all_places(soak, KILLS)


def failures(soak: Soak) -> Row:
    """The n-th call that changes a file fails, n = 1, 2, ..., in five ways."""
    return _all_places(soak, FAILURES)


def reads(soak: Soak) -> Row:
    """The n-th call of a resumed run fails with EIO, reads included."""
    return _all_places(soak, ("EIO",), reads=True)


def torn(soak: Soak) -> Row:
    """The journal cut at every byte of its last record, and bits flipped in it."""
    row, scene = Row(), soak.tiny()
    rows, (begin, end) = all_rows(scene.run_directory), last_record(scene.run_directory)
    size_of_all = (scene.run_directory / JOURNAL).stat().st_size
    work = soak.folder / "work"
    work.mkdir(exist_ok=True)
    for size in range(begin, end, soak.stride):
        found = all_rows(copied(scene.run_directory, work, JOURNAL, itemgetter(slice(size))))
        row.add([] if found in (None, rows) else f"journal cut at {size}")
        row.count("journal_cuts")
    flips = [(soak.rng.randrange(size_of_all), 1 << soak.rng.randrange(8)) for _ in range(soak.many(2000))]
    unseen = silent_changes(scene.run_directory, JOURNAL, flips, work)
    row.trials += len(flips)
    row.problems += unseen
    row.facts["journal_flips"] = len(flips)
    scene.kill_only(scene.calls - 1)
    log, before = scene.run_directory / f"{JOURNAL}-wal", committed(scene.run_directory, work)
    for size in cut_points(log)[:: soak.stride]:
        found = all_rows(copied(scene.run_directory, work, log.name, itemgetter(slice(size))))
        kept = found is not None and {repr(each) for each in found} <= before and len(found) >= len(before) - 1
        row.add([] if kept else f"log cut at {size}")
        row.count("log_cuts")
    return row


# The endpoint.


def _busy(soak: Soak, plan: Plan, *options: str) -> tuple[Row, Scene]:
    """A run of some 2,000 calls at an endpoint that follows a plan. The trials are its calls."""
    row = Row()
    scene = soak.of(max(2, soak.many(80)), 6, *options)
    scene.anew(plan)
    problems = scene.unlike_undisturbed(scene.run())
    row.add(problems, trials=scene.endpoint.calls)
    row.facts["calls_undisturbed"] = scene.calls
    return row, scene


def throttled(soak: Soak) -> Row:
    """30 % of calls get 429, with every kind of Retry-After."""
    row, scene = _busy(soak, plans.throttling(0.3, longest_s=max(2, round(30 * soak.scale))))
    row.add([f"{each:.3f} s too early" for each in scene.endpoint.too_early], trials=0)
    row.facts["refused"] = scene.endpoint.refused[429]
    return row


def broken(soak: Soak) -> Row:
    """20 % of calls fail in nine ways."""
    given: dict[str, int] = {}
    kinds = {**plans.BROKEN, "slow": plans.SLOW}
    row, scene = _busy(soak, plans.mixed(0.2, kinds, given), "--timeout-s", "2")
    extra = scene.endpoint.calls / scene.calls - 1
    row.facts |= {"faults": given, "extra_calls_share": round(extra, 3)}
    return row


def answers(soak: Soak) -> Row:
    """Twelve kinds of bad answers, about 50 of each: asked again, or failed with a reason and counted."""
    row = Row()
    for kind, (_, reasons) in plans.BAD_ANSWERS.items():
        given: dict[str, int] = {}
        texts = [*(english(f"d{number}", 4) for number in range(soak.many(5))), english(STUBBORN, 2)]
        scene = Scene(soak.endpoint, soak.forks, soak.folder / "answers", texts, stubborn, in_flight=8)
        scene.anew(plans.first_answers(kind, STUBBORN.encode(), given))
        done = scene.run()
        found = outcome(scene.run_directory, done.code)
        failed = [json.loads(line) for line in found.files.get("failures.jsonl", b"").splitlines()]
        turns = (found.summary or {}).get("turns", {"undecided": 1})
        good = done.code == 1 and "Traceback" not in done.said and not turns["undecided"]
        good = good and len(failed) == turns["failed"] == 1 and failed[0]["reason"] in reasons
        row.add([] if good else f"{kind}: {done.code} {failed} {done.err[-300:]}", trials=given[kind])
        row.facts[kind] = given[kind]
    return row


def outages(soak: Soak) -> Row:
    """The wall clock jumps by an hour, no name can be looked up for 60 s, the endpoint is gone for 300 s."""
    row, scene = Row(), soak.tiny()
    for jump in ("3600", "-3600"):
        scene.anew(lambda call: Says("x", 429, {"Retry-After": "1"}) if call.number == 3 else scene.plan(call))
        row.add(scene.unlike_undisturbed(scene.run(FAULTS_CLOCK=jump)))
    scene.anew()
    back: list[float] = []

    def gone(call: Call) -> Says:
        if call.number == 4:
            back.append(time.monotonic() + max(3, 300 * soak.scale))
        return Says(how="reset") if back and time.monotonic() < back[0] else scene.plan(call)

    scene.endpoint.plan = gone
    row.add(scene.unlike_undisturbed(scene.run()))
    row.facts |= {"gone_s": max(3, 300 * soak.scale), "calls_while_gone": scene.endpoint.again}
    row.add(_nameless(soak, row))
    return row


def _nameless(soak: Soak, row: Row) -> list[str]:
    seconds = max(12, 60 * soak.scale)  # names are remembered for ten seconds
    flag = soak.folder / "no-names"
    endpoint = soak.endpoint
    scene = Scene(endpoint, soak.forks, soak.folder / "named", tiny(), stubborn)
    url = endpoint.url.replace("127.0.0.1", "localhost")

    def closing(call: Call) -> Says:
        if call.number == 3:
            flag.touch()
            endpoint.later(seconds, flag.unlink)
        says = scene.plan(call)
        return Says(says.text, headers={"Connection": "close"})

    scene.anew(closing)
    done = scene.run("--base-url", url, FAULTS_NO_NAMES=str(flag))
    row.facts["no_names_s"] = seconds
    found = outcome(scene.run_directory, done.code)
    same = found.files.get("pairs.jsonl", b"").replace(url.encode(), endpoint.url.encode())
    good = done.code == scene.undisturbed.code and same == scene.undisturbed.files["pairs.jsonl"]
    return [] if good else [f"{done.code}: {done.err[-500:]}"]


# The directory.


def processes(soak: Soak) -> Row:
    """Two processes on one directory: one is refused; the lock of a killed process is no obstacle."""
    row, scene = Row(), soak.tiny()
    for _ in range(soak.many(50)):
        scene.anew(lambda _: Says(how="held"))
        both = [scene.start(), scene.start()]
        refused, done = scene.forks.first_to_end(both)
        problems = unclear(done)
        (other,) = (each for each in both if each is not refused)
        other.kill()
        other.wait()
        scene.endpoint.release()
        scene.endpoint.plan = scene.plan
        row.add(problems + scene.unlike_undisturbed(scene.run()))
    return row


def interrupts(soak: Soak) -> Row:
    """Ctrl-C once lets calls in flight finish, twice stops at once; both are resumed."""
    row, scene = Row(), soak.tiny()
    slowest = {"once": 0.0, "twice": 0.0}
    for number in range(2 * soak.many(20)):
        how = "twice" if number % 2 else "once"
        done = scene.interrupted_at(soak.rng.randint(1, scene.calls - 2), twice=how == "twice")
        slowest[how] = max(slowest[how], time.monotonic() - scene.signalled_at)
        problems = [] if done.code == 130 and "Traceback" not in done.said else [f"{done.code}: {done.err}"]
        problems += scene.unlike_undisturbed(scene.run())
        allowed = scene.in_flight if how == "twice" else 0
        problems += ["paid again"] if scene.endpoint.again > allowed else []
        row.add(problems)
        row.count(how)
    row.facts["slowest_s"] = {name: round(each, 2) for name, each in slowest.items()}
    row.add([f"{slowest} s"] if max(slowest.values()) > 5 else [], trials=0)
    return row


def tests(_: Soak) -> Row:
    """What needs no larger counts: refusals, changed settings, newer journals, secrets, as tests/reliability has it."""
    row = Row()
    chosen = "no_call_can_mend or nobody_there or configuration or prompts or newer or lost or key"
    order = [sys.executable, "-m", "pytest", "-q", "--no-header", "-rA", "tests/reliability", "-k", chosen]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith(("PASSED", "FAILED", "ERROR")):
            row.add([] if line.startswith("PASSED") else line)
    return row


ROWS: dict[str, Callable[[Soak], Row]] = {
    each.__name__: each
    for each in (
        kills, writes, failures, reads, torn, throttled, broken, answers, outages, processes, interrupts, tests
    )
}  # fmt: skip


def done_rows(soak: Soak, names: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in names:
        began = time.monotonic()
        row = ROWS[name](soak)
        yield name, {"what": ROWS[name].__doc__, **row.as_json(time.monotonic() - began)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the counts, above 0, at most 1")
    parser.add_argument("--only", nargs="+", choices=list(ROWS), default=list(ROWS))
    given = parser.parse_args()
    if why := faults.missing():
        parser.error(why)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        with Endpoint() as endpoint, Forks(faults.compiled(place)) as forks:
            for name, result in done_rows(Soak(endpoint, forks, place, given.scale), given.only):
                results[name] = result
                print(f"{name:<11}{result['trials']:>6} trials {result['failed']:>4} failed {result['seconds']:>8} s",
                      *result["problems"], sep="\n    ", flush=True)  # fmt: skip
                facts = {"scale": given.scale, "python": platform.python_version(), "system": platform.system()}
                given.out.write_text(json.dumps({**facts, "rows": results}, ensure_ascii=False, indent=2) + "\n")
    return int(any(result["failed"] for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
