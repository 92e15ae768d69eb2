"""`proutt predict`: dialogues in, suggestions for what the user says next out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.run_options import (
    CALLS,
    CEILINGS,
    DIALOGUES,
    DRY_RUN,
    LAST,
    MODEL,
    SHARED,
    again,
    said,
    with_options,
    workers_of,
)
from proutt.cli.run_summary import counts, failed, left_out, reused, spent, stopped
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.prediction.config import PredictConfig
    from proutt.runs.estimate import Estimate
    from proutt.runs.journal import Journal
    from proutt.runs.run import Made
    from proutt.runs.sharded import Workers

#: `METHODS` and `TURNS` have the same (a test says so): `--help` loads neither.
METHOD_NAMES = ("proutt", "proutt-pipeline", "prompt", "follow-up", "user-header", "socratic", "usp")
TURN_NAMES = ("all", "last", "random", "next")
ABLATED = ("intent-tree", "sentence-type", "perspectives")
_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped.  [not with --chat]"),
    click.option("--method", type=click.Choice(METHOD_NAMES),
                 help="How suggestions are made (docs/predict.md).  [default: proutt]"),
    click.option("--system", metavar="NAME", help="What the predictions are called in tables.  "
                 "[default: METHOD (MODEL)]"),
    click.option("--turns", type=click.Choice(TURN_NAMES),
                 help="Test cases: every turn with a next utterance, the last such, one at random, or what comes "
                 "next after the whole dialogue.  [default: all]"),
    click.option("--q", type=click.IntRange(1, 8), help="Suggestions per perspective, 2q in all.  [default: 2]"),
    click.option("--chat", is_flag=True, help="Talk to the model here, with suggestions after each answer."),
    *MODEL,
    click.option("--instruction", type=click.Choice(("structured", "minimal")),
                 help="The training instruction, for method proutt.  [default: structured]"),
    click.option("--ablate", multiple=True, type=click.Choice(ABLATED),
                 help="What the model's training data lacks, for method proutt; a baseline's lacks perspectives."),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One small question a call, or one step, for method proutt-pipeline.  "
                 "[default: small with an embedded model]"),
    click.option("--tries", type=click.IntRange(1, 10), help="Most draws where suggestions are too few.  "
                 "[default: 3]"),
    *CALLS,
    *DIALOGUES,
    *CEILINGS,
    *SHARED,
    *DRY_RUN,
    *again("cases", "cut-off"),
    *LAST,
)  # fmt: skip


@click.command("predict")
@click.argument("files", nargs=-1, metavar="FILE...")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Propose what the user will say next, with any model and method.

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder or a URL of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. RUN/predictions.jsonl gets one line for each test case: 2q suggestions in rank order, with
    perspective, sentence type, intent path, tree and reasoning where the method has them.

    \b
      proutt predict chats.jsonl --out predictions --base-url http://localhost:8000/v1 --model my-proutt
      proutt predict chats.jsonl --out baseline --method prompt --turns last
      proutt predict --chat --method follow-up

    Exit code 0: done. 1: done, but some cases failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    config = _config(context, given)
    if given["chat"]:
        from proutt.cli.chat import chat

        if config.inputs or given["out"] is not None:
            raise UserError("--chat takes no dialogues and writes no run.", remedy="Leave FILE and --out out.")
        return chat(config)
    if not config.inputs:
        raise UserError("no dialogues named.", remedy="Give files, e.g. proutt predict chats.jsonl --out predictions")
    if given["dry_run"]:
        return dry_run(config, as_json=given["as_json"], like=given["like"], out=given["out"])
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out predictions")
    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    how = {"reuse": given["reuse"], "retry_failed": given["retry_failed"], "workers": workers_of(given)}
    return run(config, given["out"], shown, **how)


def _config(context: click.Context, given: Mapping[str, Any]) -> PredictConfig:
    from proutt.prediction.config import PredictConfig, predict_config_of

    return predict_config_of(said(context, given, PredictConfig))


def dry_run(config: PredictConfig, *, as_json: bool, like: Path | None = None, out: Path | None = None) -> int:
    """Say what a run would take; the exit code. Calls no model.

    like  a run of the same model and settings, whose measures the estimate takes
    out   where the run would be, or is: without `like` its own measures count, as soon as it has predictions
    """
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport
    from proutt.prediction.estimate import estimate
    from proutt.runs.prices import read_prices

    report = ReadingReport()

    def by(journal: Journal | None) -> Estimate:
        return estimate(config, config.part.taken(config.dialogues(report)), prices=read_prices(), like=journal)

    found = rehearsed(by, like=like, out=out, state="predicted")
    show_estimate(found, report, as_json=as_json, noun="test cases")
    return 0


def run(
    config: PredictConfig,
    out: Path,
    shown: Shown,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    workers: Workers | None = None,
) -> int:
    """Do or resume a run of predictions, and say what has come of it; the exit code."""
    from proutt.cli.session import Display, ended
    from proutt.prediction.run import predict

    made = predict(config, out, Display(shown), reuse=reuse, retry_failed=retry_failed, workers=workers)
    return ended(made, shown, lambda: as_text(made, out), failed=made.summary["cases"]["failed"])


def as_text(made: Made, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    cases = summary["cases"]
    lines = stopped(complete=made.complete, why=made.why)
    lines.append(
        f"{summary['system']}: {summary['dialogues']} dialogues, {cases['in']} test cases: "
        f"{cases['predicted']} predicted + {cases['failed']} failed"
        + (f" + {cases['undecided']} not yet done" if cases["undecided"] else "")
    )
    if summary["dialogues_without_a_case"]:
        lines.append(
            f"  without a test case: {summary['dialogues_without_a_case']} dialogues "
            "(no next utterance; --turns next takes them)"
        )
    lines += left_out(summary, made.report)
    lines += failed(summary["failed"])
    if cases["predicted"]:
        lines.append(f"  suggestions of a case: {', '.join(f'{n} ×{c}' for n, c in summary['suggestions'].items())}")
        lines.append(f"  repaired or missing: {counts(summary['problems']) or 'nothing'}")
    lines += [spent(summary), *reused(summary)]
    if cases["predicted"]:
        lines.append(f"Predictions: {out}/predictions.jsonl")
    return "\n".join(lines)
