"""`proutt experiment`: one file from dialogues to the paper's table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.progress import Shown
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.experiments.reading import Experiment

#: As in `experiments/stage.py` (a test says so): `--help` loads neither.
STAGES = (
    *("synthesize", "simulate", "audit", "statistics", "export", "sft", "align", "serve", "curriculum", "predict"),
    *("inquiries", "mining", "proactivity", "evaluate", "pairwise", "agreement", "report"),
)


@click.command("experiment")
@click.argument("file", metavar="FILE.yaml", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where everything is kept; the same command again goes on.  [default: runs/FILE]",
)
@click.option("--only", type=click.Choice(STAGES), metavar="STAGE", help="Work on this kind of stage only.")
@click.option(
    "--from",
    "first",
    type=click.Choice(STAGES),
    metavar="STAGE",
    help="Work on this kind and those after it; what comes before has to be done.",
)
@click.option("--arm", "arms", multiple=True, metavar="NAME", help="These arms only; may be given again.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Over the file, dots in the key: --set models.judge=NAME, --set data.lmsys=FILE.",
)
@click.option("--dry-run", is_flag=True, help="Say what is kept, what would be done and what it costs; call nothing.")
@click.option("--list", "listing", is_flag=True, help="Say which stages there are and how they stand.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines: stages, progress, at last the results.")
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    *,
    out: Path | None,
    only: str | None,
    first: str | None,
    arms: tuple[str, ...],
    sets: tuple[str, ...],
    dry_run: bool,
    listing: bool,
    quiet: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Run an experiment: synthesize or simulate, audit, export, train, predict, evaluate, report.

    FILE names models, data and arms (docs/experiments.md; experiments/ has one for each table and figure of the
    three papers).
    Stages that arms have in common are done once. A stage whose settings and inputs did not change is kept; one that
    was stopped goes on where it was.

    \b
      proutt experiment experiments/smoke.yaml --out smoke
      proutt experiment experiments/table-3.yaml --set models.judge=NAME --dry-run

    STAGE is one of synthesize, simulate, audit, statistics, export, sft, align, serve, curriculum, predict,
    inquiries, mining, proactivity, evaluate, pairwise, agreement, report. Exit code 0: done. 2: something to mend.
    3: a stage has to wait (a ceiling, people). 130: stopped.
    """
    from proutt.experiments.reading import read_experiment

    if only is not None and first is not None:
        raise UserError("--only and --from are two wishes.", remedy="Give one of them.")
    experiment = read_experiment(file, sets, os.environ, arms)
    shown = Shown(quiet=quiet, as_json=as_json)
    folder = out or Path("runs") / file.stem
    if dry_run or listing:
        context.exit(_said(experiment, folder, shown, with_costs=dry_run))
    from proutt.cli.experiment_session import run_experiment

    context.exit(run_experiment(experiment, folder, shown, only=only, first=first))


def _said(experiment: Experiment, out: Path, shown: Shown, *, with_costs: bool) -> int:
    from proutt.cli.experiment_view import print_plan
    from proutt.experiments.planning import planned
    from proutt.experiments.running import standings

    found = standings(planned(experiment), out)
    costs = {}
    if with_costs:
        from proutt.experiments.estimating import costs as costs_of

        costs = costs_of(found)
    print_plan(experiment, found, costs, shown)
    return 0
