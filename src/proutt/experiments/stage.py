"""A stage: one piece of work, what it needs, and what decides its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from proutt.errors import ProuttError
from proutt.experiments.sections import Audit
from proutt.runs.session import Observer as RunObserver
from proutt.training.run import Observer as TrainObserver

#: The kinds, in the order of the work. What comes after them, the report, is made anew each time.
KINDS = (
    *("synthesize", "simulate", "audit", "statistics", "export", "sft", "align", "serve", "curriculum", "predict"),
    *("inquiries", "mining", "proactivity", "evaluate", "pairwise", "agreement"),
)
REPORT = "report"


class Observer(RunObserver, TrainObserver, Protocol):
    """Who is told how an experiment goes: what runs and trainings tell, and which stage is at work."""

    def stage(self, number: int, of: int, stage: Stage, said: str) -> None:
        """A stage begins, ends or is left as it is. said: how it stands."""
        ...


class Paused(ProuttError):
    """A stage is not finished, and the same command goes on with it. why: None where the user stopped it."""

    def __init__(self, why: Sequence[str]) -> None:
        super().__init__("; ".join(why) or "stopped")
        self.why = list(why)


#: (run, folder of flags and summary, clean copy or None, what was said of it) → the audit's summary.
Auditor = Callable[[Path, Path, Path | None, Audit], Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """Where a stage works, and with what.

    folder  its result; the verb that does it owns all of it
    aside   for what is put together before
    needs   folders of the stages that it needs, in their order
    older   finished folders of its kind, whose answers may be taken where a question is the same
    name    the stage's own, unlike any other's
    """

    folder: Path
    aside: Path
    needs: tuple[Path, ...]
    older: tuple[Path, ...]
    name: str
    observer: Observer
    auditor: Auditor


class Work(Protocol):
    """What a stage does.

    version   changes where the same settings would give another result
    results   files of its folder that other stages read
    """

    @property
    def version(self) -> str: ...

    @property
    def results(self) -> tuple[str, ...]: ...

    def settings(self) -> Mapping[str, Any]:
        """Everything that decides the result, but for what is read; as JSON."""
        ...

    def do(self, place: Place) -> Mapping[str, Any]:
        """Do it, or go on with it; facts for the report, as JSON. Raises Paused, UserError."""
        ...


@dataclass(frozen=True)
class Stage:
    """kind: of KINDS; title: for people; needs: ids of stages; files: what it reads from outside."""

    kind: str
    title: str
    work: Work
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    waits_for: str | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """The same for stages that would do the same."""
        return f"{self.kind}-{hashed([self.work.version, self.work.settings(), self.needs, self.files])}"


def hashed(value: Any) -> str:
    """Twelve hexadecimal digits of the JSON of a value."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
