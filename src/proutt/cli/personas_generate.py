"""`proutt personas generate`: personas of occupation groups, written by a model."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown, line
from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, MODEL, again, said, with_options
from proutt.cli.run_summary import counts, spent, stopped
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.runs.run import Made
    from proutt.simulation.upc.generating_config import GeneratingConfig

_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped."),
    click.option("--language", type=click.Choice(("en", "zh")), help="Of the backgrounds.  [default: en]"),
    click.option("--groups", type=click.IntRange(1, 43), metavar="N",
                 help="Sub-major groups of ISCO-08, drawn by the seed.  [default: 40]"),
    click.option("--each", type=click.IntRange(1, 500), metavar="N", help="Personas of each group.  [default: 20]"),
    click.option("--difficult", type=click.FloatRange(0, 1), metavar="SHARE",
                 help="People with a difficult temper.  [default: 0.3]"),
    click.option("--rough", type=click.FloatRange(0, 1), metavar="SHARE",
                 help="People with a rough career.  [default: 0.4]"),
    click.option("--per-call", type=click.IntRange(1, 20), metavar="N",
                 help="People a call.  [default: 5; small steps 1]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="A form of short sentences for each, or some people a call.  [default: small if embedded]"),
    *MODEL,
    *CALLS,
    *CEILINGS,
    *DRY_RUN,
    *again("rounds", "timeout"),
    *LAST,
)  # fmt: skip


@click.command("generate")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Write personas: name, career, education, personality, hobbies in 50 to 100 words (UPC 4.4).

    Occupation groups are drawn from the 43 of ISCO-08. Sex, age, place, initials, temper, luck and a pastime are drawn
    for each person before the model writes. Who has a background of another length, a name that somebody has already,
    or nearly somebody's background is asked for again, three times more at most. RUN/personas.jsonl is what
    `proutt simulate upc` reads.

    \b
      proutt personas generate --out people --model NAME --base-url URL
      proutt personas generate --out few --groups 2 --each 5      on the embedded model

    Exit code 0: done. 1: done, but there are fewer personas than wanted, or rounds failed. 2: something to mend.
    3: --max-cost or --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    from proutt.cli.session import Display, ended
    from proutt.simulation.upc.generating import WORDS, generate_personas
    from proutt.simulation.upc.generating_config import GeneratingConfig, generating_config_of

    config = generating_config_of(said(context, {**given, "files": ()}, GeneratingConfig))
    out = given["out"]
    if given["dry_run"]:
        return dry_run(config, as_json=given["as_json"], like=given["like"], out=out)
    if out is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out people")
    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    display = Display(shown, partial(line, made=WORDS.made, items=WORDS.items))
    made = generate_personas(config, out, display, reuse=given["reuse"], retry_failed=given["retry_failed"])
    missing = made.summary["wanted"] - made.summary["personas"]
    return ended(made, shown, lambda: as_text(made, out), failed=missing + sum(made.summary["failed"].values()))


def dry_run(config: GeneratingConfig, *, as_json: bool, like: Path | None, out: Path | None) -> int:
    """Say what a run would take; the exit code. Calls no model. like, out: as in `rehearsed`."""
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport
    from proutt.runs.prices import read_prices
    from proutt.simulation.upc.generating_estimate import estimate

    found = rehearsed(
        lambda journal: estimate(config, prices=read_prices(), like=journal), like=like, out=out, state="grown"
    )
    wanted = f"{config.groups * config.each:,} personas of {config.groups} groups, at least {found.dialogues:,} rounds"
    show_estimate(found, ReadingReport(), as_json=as_json, inputs=wanted)
    return 0


def as_text(made: Made, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    lines = stopped(complete=made.complete, why=made.why)
    lines.append(f"{summary['personas']} of {summary['wanted']} personas in {len(summary['groups'])} groups")
    if summary["personas"]:
        lines.append(f"  tempers: {counts(summary['tempers'])}; careers: {counts(summary['careers'])}")
    if summary["refused"]:
        lines.append(f"  refused and asked for again: {counts(summary['refused'])}")
    wanted = summary["wanted"] // max(len(summary["groups"]), 1)
    short = {code: group for code, group in summary["groups"].items() if group["personas"] < wanted}
    if made.complete:
        lines += [f"  {code} {group['name']}: only {group['personas']}" for code, group in short.items()]
    if summary["failed"]:
        lines.append(
            f"  rounds that failed: {counts(summary['failed'])}; why: failures.jsonl. "
            "--retry-failed takes them up again."
        )
    lines.append(spent(summary))
    if summary["personas"]:
        lines.append(f"Personas: {shlex.quote(str(out))}/personas.jsonl")
    return "\n".join(lines)
