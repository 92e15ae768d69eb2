"""One session of an experiment: what a person, or a machine, sees of it; the exit code that it ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown, progressing
from proutt.cli.session import DONE, LATER, STOPPED
from proutt.cli.terminal import one_line, plain
from proutt.cli.train_session import TrainDisplay

if TYPE_CHECKING:
    from proutt.experiments.reading import Experiment
    from proutt.experiments.sections import Audit
    from proutt.experiments.stage import Stage


@dataclass
class Display(TrainDisplay):
    """An `Observer` of experiments: stages as lines, and within them what their verbs show."""

    def working(self, now: Callable[[float], Mapping[str, Any]]) -> AbstractAsyncContextManager[None]:
        return progressing(now, self.shown, _line)

    def stage(self, number: int, of: int, stage: Stage, said: str) -> None:
        if self.shown.quiet:
            return
        if self.shown.as_json:
            facts = {"number": number, "of": of, "kind": stage.kind, "title": stage.title, "said": said}
            self.shown.event("stage", facts)
            return
        self.shown.out.write(f"[{number}/{of}] {stage.kind}: {one_line(stage.title, 80)}: {one_line(said, 200)}\n")
        self.shown.out.flush()


#: What runs of SynPT's and UPC's make, and what they make it of (a test says so).
_WORDS = (("dialogues", "seeds"), ("dialogues", "personas"), ("inquired", "inquiries"), ("evaluated", "dialogues"))


def _line(now: Mapping[str, Any]) -> str:
    """Progress of a run of pairs, predictions or dialogues, or of an evaluation."""
    from proutt.cli.evaluate_view import line as of_evaluation
    from proutt.cli.progress import line as of_run

    if "judged" in now:
        return of_evaluation(now)
    words = next((each for each in _WORDS if f"{each[0]}_per_minute" in now and each[1] in now), None)
    return of_run(now) if words is None else of_run(now, made=words[0], items=words[1])


def run_experiment(experiment: Experiment, out: Path, shown: Shown, *, only: str | None, first: str | None) -> int:
    """Do what is wanted and not done, report what is there, and say what came of it; the exit code."""
    from proutt.cli.experiment_view import print_results
    from proutt.experiments.planning import planned
    from proutt.experiments.reporting import report
    from proutt.experiments.running import Wanted, run, standings
    from proutt.experiments.stage import Paused

    plan = planned(experiment)
    paused: list[str] | None = None
    try:
        run(plan, out, Display(shown), _audited, Wanted.of(only, first))
    except Paused as pause:
        paused = pause.why
    found = standings(plan, out)
    done = report(experiment, plan, found, out)
    if shown.as_json:
        shown.event("results", done.results)
    elif not shown.quiet:
        print_results(done, out)
        for why in paused or ():
            click.echo(plain(f"Stopped: {why}"))
        if paused is not None:
            click.echo("Run the same command to go on; nothing finished is lost.")
    if paused is not None:
        return LATER if paused else STOPPED
    return LATER if any(each.state == "waits" for each in found.values()) else DONE


def _audited(run: Path, folder: Path, clean: Path | None, said: Audit) -> Mapping[str, Any]:
    """`proutt audit` of a run, quietly; its summary."""
    from proutt.cli.audit import checks_for
    from proutt.cli.audit_session import Order, audit
    from proutt.quality.audit import CHECKS, selected

    known = checks_for(str(run))
    order = Order(
        path=str(run),
        format=None,
        checks=selected((), (), known),
        levels={},
        include_unverified=said.include_unverified,
        tokenizer=None,
        max_length=None,
        embeddings=said.embeddings,
        judge=None,
        out=folder,
        write_clean=clean,
        quiet=True,
        dialogues=known is not CHECKS,
    )
    return audit(order).summary
