"""What a person, or a machine, sees of one session of a run; the exit code that it ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown, line, progressing
from proutt.cli.terminal import plain

if TYPE_CHECKING:
    from proutt.llm.fetch import Progress
    from proutt.runs.config import SynthesisConfig
    from proutt.runs.run import Made
    from proutt.runs.sharded import Workers

DONE, SOME_FAILED, LATER, STOPPED = 0, 1, 3, 130


@dataclass(frozen=True)
class Display:
    """An `Observer` (`runs/session.py`) that shows what it is told. line: what it says of how far the work is."""

    shown: Shown
    line: Callable[[Mapping[str, Any]], str] = line

    def note(self, text: str) -> None:
        self.shown.note(text)

    def fetching(self) -> AbstractContextManager[Callable[[Progress], None]]:
        from proutt.cli.models import ProgressBar

        return ProgressBar(quiet=self.shown.quiet or self.shown.as_json)

    def working(self, now: Callable[[float], Mapping[str, Any]]) -> AbstractAsyncContextManager[None]:
        return progressing(now, self.shown, self.line)


def run(
    config: SynthesisConfig,
    out: Path,
    *,
    shown: Shown,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    batch: str | None = None,
    workers: Workers | None = None,
) -> int:
    """Do or resume a run that makes pairs (`make_pairs`), and say what has come of it; the exit code."""
    from proutt.runs.pair_run import make_pairs

    made = make_pairs(config, out, Display(shown), reuse=reuse, retry_failed=retry_failed, batch=batch, workers=workers)

    def text() -> str:
        from proutt.cli.run_summary import as_text

        to = "trl-preference" if config.makes_preferences else "trl-sft"
        return as_text(made.summary, out, made.report, why=made.why, to=to)

    return ended(made, shown, text, failed=made.summary["turns"]["failed"])


def ended(made: Made, shown: Shown, text: Callable[[], str], *, failed: int) -> int:
    """Say what has come of a run, as JSON or by its text; the exit code. failed: items that did."""
    if shown.as_json:
        shown.event("summary", made.summary)
    elif not shown.quiet:
        click.echo(plain(text()))
    if not made.complete:
        return LATER if made.why else STOPPED
    return SOME_FAILED if failed else DONE
