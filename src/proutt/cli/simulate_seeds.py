"""`proutt simulate synpt-tasks` and `synpt-seeds`: a task file to start from, and seeds for the tasks of one."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown, line
from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, MODEL, again, said, with_options
from proutt.cli.run_summary import spent, stopped
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.runs.run import Made
    from proutt.simulation.synpt.growing_config import GrowingConfig

_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped."),
    click.option("--tasks", type=click.Path(), metavar="TASKS.yaml",
                 help="What the seeds have to say.  [default: the six tasks that ship]"),
    click.option("--language", type=click.Choice(("en", "zh")), help="Of the tasks that ship.  [default: en]"),
    click.option("--task", multiple=True, metavar="NAME", help="Only seeds for this task; may be given again."),
    click.option("--count", type=click.IntRange(1, 100_000), metavar="N",
                 help="New seeds for each task.  [default: 20]"),
    click.option("--per-round", type=click.IntRange(1, 30), metavar="N",
                 help="Seeds a call.  [default: 10; embedded 3]"),
    *MODEL,
    *CALLS,
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record of SEEDS."),
    *CEILINGS,
    *DRY_RUN,
    *again("rounds", "timeout"),
    *LAST,
)  # fmt: skip


@click.command("synpt-tasks")
@click.option("--language", type=click.Choice(("en", "zh")), default="en", show_default=True, help="Of the file.")
def tasks(language: str) -> int:
    """Print the task file that ships with proutt, to start one of your own from.

    \b
      proutt simulate synpt-tasks > tasks.yaml
    """
    from proutt.simulation.synpt.tasks import shipped_text

    click.echo(shipped_text(language), nl=False)
    return 0


@click.command("synpt-seeds")
@click.argument("files", nargs=-1, metavar="[SEEDS...]")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Grow seeds for tasks with a model, without duplicates.

    RUN/seeds.jsonl is what `proutt simulate synpt` reads. SEEDS are files of seeds that you have already: the model is
    shown some of them, and none like them is written. A task is left when it has --count new seeds, or when several
    rounds have brought nothing new.

    \b
      proutt simulate synpt-seeds --tasks tasks.yaml --out seeds --count 50
      proutt simulate synpt seeds/seeds.jsonl --tasks tasks.yaml --out run

    Exit code 0: done. 1: done, but a task has fewer seeds than wanted, or rounds failed. 2: something to mend.
    3: --max-cost or --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    from proutt.cli.session import Display, ended
    from proutt.simulation.synpt.growing import WORDS, grow_seeds
    from proutt.simulation.synpt.growing_config import GrowingConfig, growing_config_of

    config = growing_config_of(said(context, given, GrowingConfig))
    out = given["out"]
    if given["dry_run"]:
        return dry_run(config, as_json=given["as_json"], like=given["like"], out=out)
    if out is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out seeds")
    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    display = Display(shown, partial(line, made=WORDS.made, items=WORDS.items))
    made = grow_seeds(config, out, display, reuse=given["reuse"], retry_failed=given["retry_failed"])
    summary = made.summary
    missing = summary["wanted"] - summary["seeds"]
    return ended(made, shown, lambda: as_text(made, out), failed=missing + sum(summary["failed"].values()))


def dry_run(config: GrowingConfig, *, as_json: bool, like: Path | None, out: Path | None) -> int:
    """Say what a run would take; the exit code. Calls no model. like, out: as in `rehearsed`."""
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport
    from proutt.runs.prices import read_prices
    from proutt.simulation.synpt.growing_estimate import estimate

    report, tasks = ReadingReport(), len(config.chosen_tasks())
    found = rehearsed(
        lambda journal: estimate(config, report, prices=read_prices(), like=journal), like=like, out=out, state="grown"
    )
    wanted = f"{tasks * config.count:,} seeds for {tasks:,} tasks, at least {found.dialogues:,} rounds"
    show_estimate(found, report, as_json=as_json, inputs=wanted)
    return 0


def as_text(made: Made, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    lines = stopped(complete=made.complete, why=made.why)
    lines.append(f"{summary['seeds']} of {summary['wanted']} seeds")
    for name, task in summary["tasks"].items():
        dropped = ", ".join(f"{why} {count}" for why, count in task["dropped"].items())
        lines.append(
            f"  {name}: {task['seeds']} of {task['wanted']} in {task['rounds']} rounds"
            + (f"; left out: {dropped}" if dropped else "")
        )
    if summary["failed"]:
        failed = ", ".join(f"{why} {count}" for why, count in summary["failed"].items())
        lines.append(f"  rounds that failed: {failed}; why: failures.jsonl. --retry-failed takes them up again.")
    if summary["skipped_records"]:
        lines += [f"    {problem.place}: {problem.message}" for problem in made.report.problems[:3]]
    lines.append(spent(summary))
    if summary["seeds"]:
        lines.append(f"Seeds: {shlex.quote(str(out))}/seeds.jsonl")
    return "\n".join(lines)
