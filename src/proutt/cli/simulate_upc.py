"""`proutt simulate upc`: personas in, dialogues that a critic guides out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, MODEL, SHARED, again, said, with_options
from proutt.cli.run_summary import counts, failed, left_out, reused, spent, stopped
from proutt.cli.simulating import Verb, simulated
from proutt.cli.terminal import one_line

if TYPE_CHECKING:
    from proutt.dialogue import ReadingReport
    from proutt.runs.estimate import Estimate
    from proutt.runs.journal import Journal
    from proutt.runs.run import Made
    from proutt.simulation.upc.config import UPCConfig

#: The configuration has the same (a test says so): `--help` does not load it.
ROLES = ("assistant-agent", "user-agent", "critic")
STRATEGIES = ("guided", "unguided")
_PARTS = {"assistant-agent": "chatbot", "user-agent": "user agent", "critic": "critic"}
_TEMPERATURE = click.FloatRange(0, 2)
_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped."),
    click.option("--language", metavar="CODE", help="Language of all personas.  [default: told from each]"),
    *MODEL,
    *(click.option(f"--{role}-model", envvar=f"PROUTT_{role.upper().replace('-', '_')}_MODEL", metavar="MODEL",
                   help=f"Another model for the {_PARTS[role]}.") for role in ROLES),
    click.option("--strategy", type=click.Choice(STRATEGIES),
                 help="With the critic, or first responses alone.  [default: guided]"),
    click.option("--turns", type=click.IntRange(2, 50), metavar="T",
                 help="Turns of a dialogue, the greeting's counted.  [default: 5]"),
    click.option("--regenerations", type=click.IntRange(0, 20), metavar="R",
                 help="Most regenerations of a response.  [default: 3]"),
    click.option("--threshold", type=click.IntRange(1, 5), metavar="SCORE",
                 help="A response with a score below it is written again.  [default: 4]"),
    click.option("--temperature-chatbot", type=_TEMPERATURE, help="[default: 0.75]"),
    click.option("--temperature-user", type=_TEMPERATURE, help="[default: 0.75]"),
    click.option("--temperature-critic", type=_TEMPERATURE, help="[default: 0]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One small question a call, or one step.  [default: small with an embedded model]"),
    *CALLS,
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N personas only."),
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
    *CEILINGS,
    *SHARED,
    *DRY_RUN,
    *again("personas", "timeout"),
    *LAST,
)  # fmt: skip


@click.command("upc")
@click.argument("files", nargs=-1, metavar="PERSONAS...")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Make a dialogue with each persona: a chatbot that a critic guides finds out who it talks with (UPC).

    PERSONAS is a JSON, JSON Lines or Parquet file, plain or gzip, a folder of them, or - for standard input. A record
    has a name and a background (or prompt); the chatbot never sees either. RUN/dialogues.jsonl gets one line for each
    persona: what was said, every attempt at a response with its scores, and what the checks found (docs/upc.md).

    \b
      proutt simulate upc personas.jsonl --out run
      proutt simulate upc personas.jsonl --out run --base-url http://localhost:8000/v1 --model m --critic-model c

    Exit code 0: done. 1: done, but some personas failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached. 130: stopped. After 3 and 130 the same command goes on.
    """
    return simulated(_verb(), _config(context, given), given)


def _config(context: click.Context, given: Mapping[str, Any]) -> UPCConfig:
    from proutt.cli.models import with_role_models
    from proutt.simulation.upc.config import UPCConfig, upc_config_of

    values = said(context, given, UPCConfig)
    return upc_config_of(with_role_models(values, given, UPCConfig.role_names))


def _verb() -> Verb[UPCConfig]:
    from proutt.simulation.upc.run import WORDS, simulate

    return Verb(WORDS, "a dialogue to make with each", _estimate, simulate, as_text)


def _estimate(config: UPCConfig, report: ReadingReport, like: Journal | None) -> Estimate:
    from proutt.runs.prices import read_prices
    from proutt.simulation.upc.estimate import estimate

    return estimate(config, config.part.taken(config.personas(report)), prices=read_prices(), like=like)


def as_text(made: Made, out: Path) -> str:
    """The summary for a person."""
    summary = made.summary
    personas, calls = summary["personas"], summary["calls"]
    lines = stopped(complete=made.complete, why=made.why)
    lines.append(
        f"upc, {summary['strategy']}: {personas['in']} personas: {personas['simulated']} simulated + "
        f"{personas['failed']} failed" + (f" + {personas['undecided']} not yet done" if personas["undecided"] else "")
    )
    lines += left_out(summary, made.report)
    lines += failed(summary["failed"])
    if personas["simulated"]:
        lines += _dialogues(summary)
    lines += [spent(summary), *reused(summary)]
    for role, used in calls["by_role"].items():
        lines.append(f"  {role:<18}{used['calls']:>6} calls {used['prompt_tokens']:>9} + {used['completion_tokens']}")
    if personas["simulated"]:
        place = shlex.quote(str(out))
        lines += ["", f"Dialogues: {place}/dialogues.jsonl", "Next:"]
        lines += [f"  proutt {verb} {place}" for verb in ("show", "audit")]
    return "\n".join(lines)


def _dialogues(summary: Mapping[str, Any]) -> Iterator[str]:
    """Regenerations and scores, what the checks found, and the same by group."""
    made, again, responses = summary["dialogues"], summary["regenerations"], summary["responses"]
    yield f"dialogues: {made['all']}, {responses['all']} responses; ended: {counts(responses['ended'])}"
    if again["rate"] is not None:
        yield f"  regeneration rate {again['rate']:.1%}, {again['mean']:.3f} regenerations on average"
        yield f"  scores: first {_scores(summary['scores']['first'])}; said {_scores(summary['scores']['said'])}"
        for turn, scores in summary["scores_by_turn"].items():
            yield f"    turn {turn}: {_scores(scores)}"
        easy = summary["easy"]
        yield f"  easy to talk with: {easy['pass']} (by the letter of equation 3: {easy['letter']})"
    if responses["rejected_drafts"] or responses["withheld_advice"]:
        yield (
            f"  drafts that the rules rejected: {responses['rejected_drafts']}; sentences of advice kept from the "
            f"chatbot: {responses['withheld_advice']}"
        )
    yield f"  checks: {made['valid']} valid, {made['flagged']} flagged" + (
        f" ({counts(summary['flags'])})" if summary["flags"] else ""
    )
    if len(summary["groups"]) > 1:
        for name, group in summary["groups"].items():
            scores = f", {_scores(group['scores'])}" if group["scores"] else ""
            yield f"  group {one_line(name, 40)}: {group['dialogues']}{scores}"


def _scores(scores: Mapping[str, float] | None) -> str:
    """In the paper's order."""
    if scores is None:
        return "–"
    return f"Rel. {scores['relevance']:.2f} Int. {scores['interest']:.2f} Val. {scores['value']:.2f}"
