"""`proutt evaluate upc`: how proactive a chatbot is, over simulated users and a critic (UPC 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.run_options import CALLS, CEILINGS, DRY_RUN, LAST, Option, again, opened_name, said, with_options
from proutt.cli.run_summary import failed, left_out, reused, spent, stopped
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.evaluation.upc.config import UPCEvaluateConfig
    from proutt.runs.run import Made

#: The record has the same (a test says so): `--help` does not load it.
BASELINES = ("plain", "procot", "target-oriented")
FAILED = ("lowest", "left-out")
_TEMPERATURE = click.FloatRange(0, 2)


def _another(name: str, what: str) -> tuple[Option, ...]:
    """A further model, with its address and key."""
    return (
        click.option(f"--{name}-model", metavar="MODEL", help=what),
        click.option(f"--{name}-base-url", metavar="URL", help="Its endpoint.  [default: --base-url]"),
        click.option(f"--{name}-api-key-env", metavar="VARIABLE", help="Variable with its key."),
    )


_FAILED = click.option("--failed", type=click.Choice(FAILED), help="What turns count as that the chatbot failed to "
                       "answer: 1 in all scores, or nothing.  [default: lowest]")  # fmt: skip
_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped.  [required]"),
    click.option("--language", metavar="CODE", help="Language of all personas.  [default: told from each]"),
    click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                 help="The chatbot under test: a name that the endpoint knows, local, local:PATH.gguf, or a directory "
                 "of proutt train.  [default: local]"),
    click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                 help="Its OpenAI-compatible endpoint; none for embedded models."),
    click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                 help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
    click.option("--baseline", type=click.Choice(BASELINES),
                 help="How it is asked: as in the corpus, planning before it speaks, or with a target topic.  "
                 "[default: plain]"),
    click.option("--system", metavar="NAME",
                 help="What it is called in tables.  [default: MODEL, or BASELINE (MODEL)]"),
    *_another("user", "Plays the users.  [required]"),
    *_another("critic", "Scores the responses.  [default: the users' model]"),
    *_another("perplexity", "Measures perplexity of the responses: embedded, llama.cpp's server, vLLM.  [default: not "
              "measured]"),
    click.option("--turns", type=click.IntRange(2, 50), metavar="T",
                 help="Turns of a dialogue, the greeting's counted.  [default: 5]"),
    click.option("--repeats", type=click.IntRange(1, 100), metavar="N",
                 help="Dialogues with each persona.  [default: 1]"),
    _FAILED,
    click.option("--temperature-chatbot", type=_TEMPERATURE, help="[default: 0.75]"),
    click.option("--temperature-user", type=_TEMPERATURE, help="[default: 0.75]"),
    click.option("--temperature-critic", type=_TEMPERATURE, help="[default: 0]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One small question a call, or whole steps, for users and critic.  [default: small where one is "
                 "embedded]"),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N personas only."),
    click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
    *CALLS,
    click.option("--unseen-from", multiple=True, metavar="RUN",
                 help="What the chatbot was trained with, runs or files of personas: a test persona of it is an error, "
                 "an occupation group is told; may be given again."),
    *CEILINGS,
    *DRY_RUN,
    *again("dialogues", "not-json"),
    *LAST,
)  # fmt: skip


@click.command("upc")
@click.argument("files", nargs=-1, metavar="PERSONAS...")
@_OPTIONS
@click.pass_context
def upc(context: click.Context, /, **given: Any) -> None:
    """How proactive a chatbot is: relevance, interest and value of what it says, 1 to 5 (UPC, Table 1).

    Each persona is played by a user agent that talks with the chatbot; a critic scores every response. The chatbot
    never sees a background, and nothing is written again (docs/upc.md).

    \b
      proutt evaluate upc splits/test.jsonl --model my-upc --user-model U --critic-model C --base-url URL --out ours
      proutt evaluate upc splits/test.jsonl --model U --baseline procot --user-model U --critic-model C \\
        --base-url URL --out procot
      proutt evaluate upc-compare ours procot

    Exit codes are those of proutt synthesize.
    """
    config = _config(context, given)
    if not config.inputs:
        raise UserError("no personas named.", remedy="Give files, e.g. proutt evaluate upc test.jsonl --out RUN")
    if given["dry_run"]:
        context.exit(dry_run(config, as_json=given["as_json"], like=given["like"], out=given["out"]))
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out evaluation")
    context.exit(run(config, given["out"], given))


def _config(context: click.Context, given: Mapping[str, Any]) -> UPCEvaluateConfig:
    from proutt.evaluation.upc.config import UPCEvaluateConfig, upc_evaluate_config_of

    values = said(context, given, UPCEvaluateConfig)
    for name in ("user_model", "critic_model", "perplexity_model"):
        if isinstance(values.get(name), str):
            values[name] = opened_name(values[name])
    return upc_evaluate_config_of(values)


def dry_run(config: UPCEvaluateConfig, *, as_json: bool, like: Path | None = None, out: Path | None = None) -> int:
    """Say what an evaluation would take; the exit code. Calls no model. like, out: as of `proutt simulate upc`."""
    from proutt.cli.prices import show_estimate
    from proutt.cli.rehearsing import rehearsed
    from proutt.dialogue import ReadingReport
    from proutt.evaluation.upc.estimate import estimate
    from proutt.runs.prices import read_prices

    report = ReadingReport()
    found = rehearsed(
        lambda journal: estimate(config, config.personas(report), prices=read_prices(), like=journal),
        like=like, out=out, state="evaluated",
    )  # fmt: skip
    each = "a dialogue" if config.repeats == 1 else f"{config.repeats} dialogues"
    show_estimate(found, report, as_json=as_json, inputs=f"{found.dialogues:,} personas, {each} with each")
    return 0


def run(config: UPCEvaluateConfig, out: Path, given: Mapping[str, Any]) -> int:
    """Do or resume an evaluation, and say what has come of it; the exit code."""
    from proutt.cli.session import Display, ended
    from proutt.evaluation.upc.run import evaluate

    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    made = evaluate(config, out, Display(shown), reuse=given["reuse"], retry_failed=given["retry_failed"])
    return ended(made, shown, lambda: "\n".join(_lines(made, out)), failed=made.summary["dialogues"]["failed"])


def _lines(made: Made, out: Path) -> Iterator[str]:
    """The summary for a person: counts, tables, what to do next."""
    from proutt.evaluation.tables import as_markdown
    from proutt.evaluation.upc.tables import tables_of

    summary = made.summary
    dialogues = summary["dialogues"]
    yield from stopped(complete=made.complete, why=made.why)
    undecided = f" + {dialogues['undecided']} not yet done" if dialogues["undecided"] else ""
    yield (
        f"{summary['system']}: {summary['personas']} personas, {dialogues['in']} dialogues: "
        f"{dialogues['evaluated']} evaluated + {dialogues['failed']} failed{undecided}"
    )
    yield from left_out(summary, made.report)
    yield from failed(summary["failed"])
    if summary["results"] is not None:
        yield from ("", as_markdown(tables_of(summary["results"])))
    yield spent(summary)
    yield from reused(summary)
    if dialogues["evaluated"]:
        yield f"Dialogues: {out}/evaluated.jsonl. Beside others: proutt evaluate upc-compare {out} ..."


@click.command("upc-compare")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@_FAILED
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write results and tables here.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def upc_compare(folders: Sequence[Path], *, failed: Any, out: Path | None, quiet: bool, as_json: bool) -> None:
    """Several evaluations of proutt evaluate upc beside each other (Table 1), without a call.

    Runs of one --system under one critic count as repeats of it. Systems of one critic are compared pair by pair on
    the personas that they share.
    """
    from proutt.cli.evaluate_view import print_results
    from proutt.evaluation.stored import write
    from proutt.evaluation.upc.stored import derived, evaluation_in

    found = derived([evaluation_in(folder) for folder in folders], failed=failed or "lowest")
    results, tables, files = found
    if out is not None:
        write(out, files)
    print_results(results, tables, out, Shown(quiet=quiet, as_json=as_json))
