"""What must hold of a run that was disturbed: in the end it is as if nothing had been.

A `Scene` is one input, one endpoint and what an undisturbed run makes of them. A trial disturbs a run, does it again
without a fault, and says in words what is not as promised; nothing said is a pass.
"""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reliability.endpoint import GOOD, Call, Endpoint, Plan, Says
from reliability.faults import Fault, Log, read_log
from reliability.forking import Done, Forks, Running
from runs.command import english, written

FILES = ("pairs.jsonl", "failures.jsonl", "run.yaml")
#: A dialogue for which no usable answer comes, so that failures.jsonl has something to say.
STUBBORN = "stubborn"


@dataclass(frozen=True)
class Outcome:
    """What a run left. files: name → bytes; summary without times; names: of all files in the directory."""

    code: int
    files: Mapping[str, bytes]
    summary: Any
    names: frozenset[str]

    def differences(self, other: Outcome) -> list[str]:
        """What is not the same, in words."""
        found = [f"{name} differs" for name in FILES if self.files.get(name) != other.files.get(name)]
        if self.summary != other.summary:
            found.append("summary.json differs")
        if self.names != other.names:
            found.append(f"other files: {sorted(self.names ^ other.names)}")
        return found + ([f"exit code {self.code}, not {other.code}"] if self.code != other.code else [])


def outcome(run: Path, code: int) -> Outcome:
    files = {name: (run / name).read_bytes() for name in FILES if (run / name).is_file()}
    summary = run / "summary.json"
    names = frozenset(path.name for path in run.iterdir()) if run.is_dir() else frozenset()
    return Outcome(code, files, _timeless(json.loads(summary.read_text())) if summary.is_file() else None, names)


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(each) for name, each in value.items() if name != "seconds"}
    return value


@dataclass(frozen=True)
class Trial:
    """One disturbed run.

    log       of the disturbed process; again: how many calls were asked for twice
    problems  what was not as promised; empty: passed
    """

    disturbed: Done
    log: Log
    again: int
    problems: tuple[str, ...]


@dataclass
class Scene:
    """One input at one endpoint.

    plan      of the endpoint where nothing is disturbed; options: of the command
    in_flight most calls that may be in flight, and so be paid again
    signalled_at  when the last Ctrl-C was sent, in seconds of the monotonic clock
    """

    endpoint: Endpoint
    forks: Forks
    folder: Path
    dialogues: Iterable[Mapping[str, Any]]
    plan: Plan = lambda _: GOOD
    options: tuple[str, ...] = ()
    in_flight: int = 2
    calls: int = 0
    signalled_at: float = 0.0
    undisturbed: Outcome = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.chats = written(self.folder / "chats.jsonl", self.dialogues)
        self.run_directory, self.log = self.folder / "run", self.folder / "faults.log"
        self.anew()
        done = self.run()
        self.undisturbed = outcome(self.run_directory, done.code)
        self.calls = self.endpoint.calls
        if done.code not in {0, 1}:
            raise RuntimeError(f"the undisturbed run ended with {done.code}: {done.said}")

    @property
    def arguments(self) -> tuple[object, ...]:
        fixed = ("--language", "en", "--concurrency", self.in_flight, *self.endpoint.options, *self.options)
        return ("synthesize", self.chats, "--out", self.run_directory, *fixed)

    def anew(self, plan: Plan | None = None) -> None:
        """No run, and nothing counted."""
        shutil.rmtree(self.run_directory, ignore_errors=True)
        self.endpoint.forget(plan or self.plan)

    def run(self, *more: object, **variables: str) -> Done:
        return self.forks.run(*self.arguments, *more, **variables)

    def start(self, **variables: str) -> Running:
        return self.forks.start(*self.arguments, **variables)

    def files_fault(self, fault: Fault, *, after_kill_at: int | None = None) -> Trial:
        """A run with one fault in its files, from nothing or from what a kill at a call left; then the run resumed."""
        self.anew()
        if after_kill_at is not None:
            self.kill_only(after_kill_at)
        disturbed = self.run(**fault.variables(self.run_directory, self.log))
        log = read_log(self.log)
        problems = _of_the_end(disturbed, fault, log, self.undisturbed.code)
        problems += self.halfway()
        return self._resumed(disturbed, log, problems, disturbances=1 if after_kill_at is None else 2)

    def killed_at(self, call: int, delay_s: float = 0.0) -> Trial:
        """A run that is killed so long after its n-th call came; then the run resumed."""
        disturbed = self.kill_only(call, delay_s)
        problems = [] if disturbed.code in {-9, self.undisturbed.code} else [f"ended with {disturbed.code}"]
        return self._resumed(disturbed, Log((), None), problems + self.halfway())

    def kill_only(self, call: int, delay_s: float = 0.0) -> Done:
        """The same without resuming: a run directory as a kill leaves it."""
        self.anew()
        running: list[Running] = []

        def plan(asked: Call) -> Says:
            if asked.number == call:
                self.endpoint.later(delay_s, lambda: running[0].kill())  # noqa: PLW0108  it starts in this moment
            return self.plan(asked)

        self.endpoint.plan = plan
        running.append(self.start())
        disturbed = running[0].wait()
        self.endpoint.plan = self.plan
        return disturbed

    def interrupted_at(self, call: int, *, twice: bool) -> Done:
        """A run that gets Ctrl-C when its n-th call comes; no answer comes from then on before it has said so.

        Then the answers come, or, `twice`, a second Ctrl-C.
        """
        self.anew()
        running: list[Running] = []

        def go_on() -> None:
            if "Ctrl-C again stops at once" not in running[0].errors_so_far:
                self.endpoint.later(0.01, go_on)
                return
            self.signalled_at = time.monotonic()
            if twice:
                running[0].kill(signal.SIGINT)
            else:
                self.endpoint.plan = self.plan  # a call that waited for another is sent only now
                self.endpoint.release()

        def plan(asked: Call) -> Says:
            if asked.number == call:
                running[0].kill(signal.SIGINT)
                go_on()
            return replace(self.plan(asked), how="held") if asked.number >= call else self.plan(asked)

        self.endpoint.plan = plan
        running.append(self.start())
        done = running[0].wait()
        self.endpoint.plan = self.plan
        self.endpoint.release()
        return done

    def halfway(self) -> list[str]:
        """What is wrong with the files of a run that was disturbed, before it is resumed."""
        problems = []
        pairs = self.run_directory / "pairs.jsonl"
        if pairs.is_file():
            whole = set(self.undisturbed.files["pairs.jsonl"].splitlines(keepends=True))
            if not set(pairs.read_bytes().splitlines(keepends=True)) <= whole:
                problems.append("pairs.jsonl holds a line that is no pair of the run")
        return problems

    def _resumed(self, disturbed: Done, log: Log, problems: list[str], disturbances: int = 1) -> Trial:
        resumed = self.run()
        problems += [f"resumed: {each}" for each in self.unlike_undisturbed(resumed)]
        again = self.endpoint.again
        if again > disturbances * self.in_flight:
            problems.append(f"{again} calls paid again, more than {disturbances} x {self.in_flight} in flight")
        return Trial(disturbed, log, again, tuple(problems))

    def unlike_undisturbed(self, done: Done) -> list[str]:
        problems = outcome(self.run_directory, done.code).differences(self.undisturbed)
        return [*problems, done.err.strip()[-600:]] if problems else []


def _of_the_end(done: Done, fault: Fault, log: Log, good: int) -> list[str]:
    """What is wrong with how a process ended that met a fault."""
    if log.fired is None:
        return [] if done.code == good else [f"no fault, and yet {done.code}: {done.err.strip()[-600:]}"]
    if fault.mode.startswith("kill"):
        return [] if done.code == -9 else [f"not killed: {done.code}"]
    return [] if done.code == good and "Traceback" not in done.err else unclear(done)


def unclear(done: Done) -> list[str]:
    """What is wrong with an error as the user sees it: it is to be one line with a remedy, exit code 2."""
    problems = [] if done.code == 2 else [f"exit code {done.code}, not 2"]
    problems += ["a traceback"] if "Traceback" in done.said else []
    errors = [line for line in done.err.splitlines() if line.startswith("Error: ")]
    if len(errors) != 1 or not done.err.rstrip().endswith(errors[0]):
        problems.append("the last line is not the one error")
    elif errors[0].count(". ") < 1:
        problems.append("no remedy")
    return [*problems, done.err.strip()[-600:]] if problems else []


def tiny() -> list[dict[str, Any]]:
    """One pair and one turn that fails: about a hundred calls that change a file."""
    return [english("a", 2), english(STUBBORN, 2)]


def stubborn(call: Call) -> Says:
    """Good answers, but none to the sentence types of the stubborn dialogue."""
    if STUBBORN.encode() in call.content and b'"interrogative"' in call.content:
        return Says("no JSON at all")
    return GOOD
