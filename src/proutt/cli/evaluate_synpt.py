"""`proutt evaluate synpt`: how well a model mines implicit intentions, over a simulated user (SynPT IV-B to V)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.evaluate_judging import FIGURES
from proutt.cli.progress import Shown
from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, again, opened_name, said, with_options
from proutt.cli.run_summary import spent, stopped
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.evaluation.synpt.config import EvaluateConfig
    from proutt.evaluation.synpt.record import Failed
    from proutt.runs.estimate import Estimate
    from proutt.runs.journal import Journal
    from proutt.runs.run import Made

_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped.  [required]"),
    click.option("--tasks", metavar="TASKS.yaml", help="The seeds' tasks.  [default: the shipped ones of --language]"),
    click.option("--language", type=click.Choice(("en", "zh")), help="Of the shipped tasks.  [default: both]"),
    click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                 help="The model under test: a name that the endpoint knows, local, local:PATH.gguf, or a directory "
                 "of proutt train.  [default: local]"),
    click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                 help="Its OpenAI-compatible endpoint; none for embedded models."),
    click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                 help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
    click.option("--subject", type=click.Choice(("plain", "prompted", "assistant-agent")),
                 help="As it was trained; told of task and intentions; or as SynPT's assistant agent.  "
                 "[default: plain]"),
    click.option("--system", metavar="NAME", help="What it is called in tables.  [default: SUBJECT (MODEL)]"),
    click.option("--user-model", metavar="MODEL", help="Plays the user.  [required]"),
    click.option("--user-base-url", metavar="URL", help="Its endpoint.  [default: --base-url]"),
    click.option("--user-api-key-env", metavar="VARIABLE", help="Variable with its key."),
    click.option("--judge", metavar="MODEL", help="Tells what replies ask for where fields and names do not, and "
                 "scores options; none: nobody does.  [default: the user's model]"),
    click.option("--judge-base-url", metavar="URL", help="Its endpoint.  [default: --base-url]"),
    click.option("--judge-api-key-env", metavar="VARIABLE", help="Variable with its key."),
    click.option("--per-task", type=click.IntRange(min=1), metavar="N",
                 help="Most seeds of a task, drawn by --seed.  [default: 20, as in the paper]"),
    click.option("--inquiries", metavar="RUN", help="Take test cases and first words of an earlier evaluation, so "
                 "that both can be compared pair by pair."),
    click.option("--repeats", type=click.IntRange(1, 100), metavar="N",
                 help="Dialogues of each test case; the paper has 5 runs.  [default: 1]"),
    click.option("--temperature", type=click.FloatRange(0, 2), metavar="T",
                 help="Of the model under test.  [default: 0.01, as in the paper]"),
    click.option("--emotions", is_flag=True, default=None, help="Measure how it takes unwilling users, too (V-B)."),
    click.option("--options", is_flag=True, default=None, help="Score its reference options 0 to 3, too (V-C)."),
    click.option("--failed", type=click.Choice(("wrong", "left-out")),
                 help="How dialogues count in which the model under test failed: its context too small, its answers "
                 "unusable.  [default: wrong]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One small question a call, or whole steps, for the agents.  [default: small where embedded]"),
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad seed."),
    *CALLS,
    *CEILINGS,
    *DRY_RUN,
    *again("dialogues", "not-json"),
    *LAST,
)  # fmt: skip


@click.command("synpt")
@click.argument("files", nargs=-1, metavar="SEEDS...")
@_OPTIONS
@click.pass_context
def synpt(context: click.Context, /, **given: Any) -> None:
    """How well a model finds out what its user left unsaid (SynPT).

    A simulated user talks to the model under test: of the first words 20% name no intention, 20% all. Measured are
    vagueness judgement, implicit intention mining, intention summary, turns and tokens (docs/synpt.md).

    \b
      proutt evaluate synpt seeds.jsonl --model my-synpt --user-model gpt-4.1 --base-url URL --out trained
      proutt evaluate synpt seeds.jsonl --subject prompted --model gpt-4.1 --user-model gpt-4.1 --base-url URL \\
        --inquiries trained --out prompted
      proutt evaluate synpt-compare trained prompted

    Exit codes are those of proutt synthesize.
    """
    from proutt.evaluation.synpt.config import EvaluateConfig, evaluate_config_of

    values = said(context, given, EvaluateConfig)
    for name in ("user_model", "judge"):
        if isinstance(values.get(name), str):
            values[name] = opened_name(values[name])
    config = evaluate_config_of(values)
    if not config.inputs:
        raise UserError("no seeds named.", remedy="Give files, e.g. proutt evaluate synpt seeds.jsonl --out RUN")
    if given["dry_run"]:
        context.exit(dry_run(config, as_json=given["as_json"], like=given["like"], out=given["out"]))
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out evaluation")
    context.exit(run(config, given["out"], given))


def dry_run(config: EvaluateConfig, *, as_json: bool, like: Path | None = None, out: Path | None = None) -> int:
    """Say what an evaluation would take; the exit code. Calls no model. like, out: as in `rehearsed`."""
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport
    from proutt.evaluation.synpt.estimate import estimate
    from proutt.runs.prices import read_prices

    report = ReadingReport()

    def by(journal: Journal | None) -> Estimate:
        return estimate(config, report, prices=read_prices(), like=journal)

    found = rehearsed(by, like=like, out=out, state="evaluated")
    inputs = f"{found.dialogues:,} test cases, {found.dialogues * config.repeats:,} dialogues"
    show_estimate(found, report, as_json=as_json, inputs=inputs)
    return 0


def run(config: EvaluateConfig, out: Path, given: Mapping[str, Any]) -> int:
    """Do or resume an evaluation, and say what has come of it; the exit code."""
    from proutt.cli.session import Display, ended
    from proutt.evaluation.synpt.run import evaluate

    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    made = evaluate(config, out, Display(shown), reuse=given["reuse"], retry_failed=given["retry_failed"])
    return ended(made, shown, lambda: as_text(made, out), failed=made.summary["dialogues"]["failed"])


def as_text(made: Made, out: Path) -> str:
    """The summary for a person: counts, tables, what to do next."""
    from proutt.evaluation.synpt.tables import tables_of
    from proutt.evaluation.tables import as_markdown

    summary = made.summary
    dialogues = summary["dialogues"]
    lines = stopped(complete=made.complete, why=made.why)
    parts = ", ".join(f"{part} {count}" for part, count in summary["parts"].items())
    lines.append(f"{summary['system']}: {summary['cases']} test cases (first words tell {parts}), "
                 f"{dialogues['in']} dialogues: {dialogues['evaluated']} evaluated + {dialogues['failed']} failed"
                 + (f" + {dialogues['undecided']} not yet done" if dialogues["undecided"] else ""))  # fmt: skip
    for name in ("skipped_records", "failed"):
        if summary[name]:
            counts = ", ".join(f"{reason} {count}" for reason, count in summary[name].items())
            lines.append(f"  {name.replace('_', ' ')}: {counts}" + (" (failures.jsonl)" if name == "failed" else ""))
    if summary["results"] is not None:
        lines += ["", as_markdown(tables_of(summary["results"]))]
    lines.append(spent(summary))
    if dialogues["evaluated"]:
        lines.append(f"Dialogues: {out}/evaluated.jsonl. Beside others: proutt evaluate synpt-compare {out} ...")
    return "\n".join(lines)


_written = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write results and tables here."),
    click.option("--figures", multiple=True, type=click.Choice(FIGURES),
                 help="Draw the figure, too; may be given again; needs --out (and proutt[figures])."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("--json", "as_json", is_flag=True, help="Print the results as JSON."),
)  # fmt: skip


@click.command("synpt-compare")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option(
    "--failed",
    type=click.Choice(("wrong", "left-out")),
    default="wrong",
    show_default=True,
    help="How dialogues count in which the model under test failed.",
)
@_written
def synpt_compare(
    folders: tuple[Path, ...], *, failed: Failed, out: Path | None, figures: tuple[str, ...], quiet: bool, as_json: bool
) -> None:
    """Several evaluations of proutt evaluate synpt beside each other (Tables III to X), without a call.

    Runs of one --system count as repeats of it: mean ± standard error. Systems are compared pair by pair on the first
    words that they share.
    """
    from proutt.cli.evaluate_view import print_results
    from proutt.evaluation.stored import write
    from proutt.evaluation.synpt.stored import derived, evaluation_in

    results, tables, files = derived([evaluation_in(folder) for folder in folders], failed)
    if out is not None:
        write(out, files)
    if figures:
        from proutt.evaluation.synpt.figures import draw_metrics

        draw_metrics(results, _folder(out), figures)
    print_results(results, tables, out, Shown(quiet=quiet, as_json=as_json))


@click.command("synpt-lengths")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@_written
def synpt_lengths(
    runs: tuple[Path, ...], *, out: Path | None, figures: tuple[str, ...], quiet: bool, as_json: bool
) -> None:
    """How long the initial inquiries of runs of proutt simulate synpt are (figure 4: with probability control, and
    with --ablate probability-control)."""
    import json

    from proutt.cli.evaluate_view import print_results
    from proutt.evaluation.stored import write
    from proutt.evaluation.synpt.lengths import lengths_in, lengths_table, spread_of
    from proutt.evaluation.tables import as_csv, as_markdown

    lengths = {str(run): lengths_in(run) for run in runs}
    spreads = {name: spread_of(each) for name, each in lengths.items()}
    table = lengths_table(spreads)
    if out is not None:
        text = json.dumps({"lengths": spreads}, ensure_ascii=False, indent=2) + "\n"
        write(out, {"lengths.json": text, "lengths.md": as_markdown([table]), f"{table.name}.csv": as_csv(table)})
    if figures:
        from proutt.evaluation.synpt.figures import draw_lengths

        draw_lengths(lengths, _folder(out), figures)
    print_results({"lengths": spreads}, [table], out, Shown(quiet=quiet, as_json=as_json))


def _folder(out: Path | None) -> Path:
    if out is None:
        raise UserError("--figures needs a folder.", remedy="Give --out DIR.")
    return out
