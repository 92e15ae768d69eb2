"""`proutt simulate synpt`: seeds in, dialogues with explicit reasoning out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, MODEL, SHARED, again, said, with_options
from proutt.cli.run_summary import counts, failed, left_out, reused, spent, stopped
from proutt.cli.simulating import Verb, simulated

if TYPE_CHECKING:
    from proutt.dialogue import ReadingReport
    from proutt.runs.estimate import Estimate
    from proutt.runs.journal import Journal
    from proutt.runs.run import Made
    from proutt.simulation.synpt.config import SynPTConfig

#: The configuration has the same (a test says so): `--help` does not load it.
ROLES = ("user-agent", "assistant-agent")
METHODS = ("synpt", "single-agent", "dual-agent")
ABLATIONS = ("probability-control", "memory-stack")
_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped."),
    click.option("--tasks", type=click.Path(), metavar="TASKS.yaml",
                 help="What the seeds' tasks have to know.  [default: six tasks of travel, in English and Chinese]"),
    click.option("--language", type=click.Choice(("en", "zh")), help="Of the tasks that ship.  [default: both]"),
    *MODEL,
    *(click.option(f"--{role}-model", envvar=f"PROUTT_{role.upper().replace('-', '_')}_MODEL", metavar="MODEL",
                   help=f"Another model for the {role.replace('-', ' ')}.") for role in ROLES),
    click.option("--method", type=click.Choice(METHODS),
                 help="SynPT, or a method it is compared with.  [default: synpt]"),
    click.option("--ablate", multiple=True, type=click.Choice(ABLATIONS), help="Leave a component out."),
    click.option("--reflection/--no-reflection", default=None,
                 help="Let intention thinking be looked at again.  [default: no-reflection]"),
    click.option("--reluctant", type=click.FloatRange(0, 1), metavar="SHARE",
                 help="Share of users who grow tired of questions.  [default: 0.33]"),
    click.option("--require-valid", is_flag=True, default=None,
                 help="Make a dialogue again where a check flags it."),
    click.option("--valid-tries", type=click.IntRange(1, 10),
                 help="Most dialogues of a seed under --require-valid.  [default: 3]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One small question a call, or one step.  [default: small with an embedded model]"),
    *CALLS,
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N seeds only."),
    click.option("--share", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
                 help="Take about this share of the seeds, by chance; a larger share has all of a smaller one."),
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
    *CEILINGS,
    *SHARED,
    *DRY_RUN,
    *again("seeds", "timeout"),
    *LAST,
)  # fmt: skip


@click.command("synpt")
@click.argument("files", nargs=-1, metavar="SEEDS...")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Make a dialogue of each seed: an assistant finds out what the user's first words left out (SynPT).

    SEEDS is a JSON Lines, JSON or Parquet file, plain or gzip, a folder of them, or - for standard input. A record
    names its task and gives a value to each of the task's intentions (docs/synpt.md). RUN/dialogues.jsonl gets one
    line for each seed: the dialogue, what both agents thought, and what the checks found.

    \b
      proutt simulate synpt seeds.jsonl --out run
      proutt simulate synpt seeds.jsonl --tasks TASKS.yaml --out run --base-url http://localhost:8000/v1 --model m

    Exit code 0: done. 1: done, but some seeds failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    return simulated(_verb(), _config(context, given), given)


def _config(context: click.Context, given: Mapping[str, Any]) -> SynPTConfig:
    from proutt.cli.models import with_role_models
    from proutt.simulation.synpt.config import SynPTConfig, synpt_config_of

    values = said(context, given, SynPTConfig)
    return synpt_config_of(with_role_models(values, given, SynPTConfig.role_names))


def _verb() -> Verb[SynPTConfig]:
    from proutt.simulation.synpt.run import WORDS, simulate

    return Verb(WORDS, "a dialogue to make of each", _estimate, simulate, as_text)


def _estimate(config: SynPTConfig, report: ReadingReport, like: Journal | None) -> Estimate:
    from proutt.runs.prices import read_prices
    from proutt.simulation.synpt.estimate import estimate

    return estimate(config, config.part.taken(config.seeds(report)), prices=read_prices(), like=like)


def as_text(made: Made, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    seeds = summary["seeds"]
    lines = stopped(complete=made.complete, why=made.why)
    lines.append(
        f"{summary['method']}: {seeds['in']} seeds: {seeds['simulated']} simulated + {seeds['failed']} failed"
        + (f" + {seeds['undecided']} not yet done" if seeds["undecided"] else "")
    )
    lines += left_out(summary, made.report)
    lines += failed(summary["failed"])
    if seeds["simulated"]:
        lines += _dialogues(summary)
    lines += [spent(summary), *reused(summary)]
    for module, used in summary["usage_by_module"].items():
        lines.append(f"  {module:<18}{used['calls']:>6} calls {used['prompt_tokens']:>9} + {used['completion_tokens']}")
    if seeds["simulated"]:
        place = shlex.quote(str(out))
        lines += ["", f"Dialogues: {place}/dialogues.jsonl", "Next:"]
        lines += [f"  proutt {verb} {place}" for verb in ("show", "audit")]
        lines.append(f"  proutt export {place} --to trl-sft")
    return "\n".join(lines)


def _dialogues(summary: Mapping[str, Any]) -> list[str]:
    """How the dialogues ended, what the checks found, and the same by task."""
    made = summary["dialogues"]
    lines = [
        f"dialogues: {made['all']}, {made['mean_turns']:g} turns on average; ended: {counts(summary['ends'])}",
        f"  checks: {made['valid']} valid, {made['flagged']} flagged"
        + (f" ({counts(summary['flags'])})" if summary["flags"] else ""),
    ]
    if made["made_again"]:
        lines.append(f"  made more than once: {made['made_again']}")
    for name, task in summary["tasks"].items():
        lines.append(f"  {name}: {task['dialogues']}, {task['mean_turns']:g} turns, {counts(task['ends'])}")
        if task["inquiry_sizes"]:
            sizes = task["inquiry_sizes"]
            named, expected = (sum(each["n"] * each[share] for each in sizes) for share in ("share", "p"))
            lines.append(f"    first words name {named:.1f} of {sizes[-1]['n']} intentions (expected {expected:.1f})")
    return lines
