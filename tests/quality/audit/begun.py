"""What workers of an audit begin with; in a module of its own, which they import by its name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from proutt.export.reading import subject_of
from proutt.quality.audit import CHECKS, Check, Finding, Setup, Severity, Subject
from proutt.quality.audit.check import each_row
from quality.audit.pairs import clean_pair


def subject(number: int) -> Subject | None:
    """A row; of every seventh there is none to look at."""
    return None if number % 7 == 0 else subject_of(clean_pair(dialogue_id=f"d{number}"), where=f"rows.jsonl:{number}")


@dataclass(frozen=True)
class Begin:
    """What a worker makes for itself: some checks, and one that a worker does not survive.

    folder  where it is counted
    deaths  a row's place → how many workers it kills
    """

    folder: Path
    deaths: Mapping[str, int]
    checks: tuple[str, ...] = ("same-sides", "repetition", "copied-prediction")

    def __call__(self) -> tuple[Setup, Mapping[str, Check]]:
        dying = Check("dying", "kills who looks", Severity.WARNING, 1.0, "these tests", each_row(self._look))
        return Setup(), {**{name: CHECKS[name] for name in self.checks}, "dying": dying}

    def _look(self, subject: Subject, /) -> Iterable[Finding]:
        for number in range(self.deaths.get(subject.where, 0)):
            try:
                (self.folder / f"{subject.where}-{number}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return ()
