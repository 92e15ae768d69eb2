"""`proutt synthesize`: dialogues in, preference pairs out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from proutt.cli.progress import Shown
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.runs.config import SynthesisConfig

ROLES = ("annotator", "reasoner", "editor", "judge")
ABLATIONS = ("intent-tree", "sentence-type", "future-path-negatives")
METHODS = ("proutt", "magpie", "baize", "spar", "socratic", "usp")
#: What `--retry-failed` without a reason stands for.
EVERY_REASON = "*"


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Every option; one whose name is a key of the configuration file sets that key."""
    options = [
        click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                     help="Run directory; the same command again goes on where it stopped."),
        click.option("--model", envvar="PROUTT_MODEL", show_envvar=True,
                     help="A name that the endpoint knows, or local, local:tiny, local:PATH.gguf.  [default: local]"),
        click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                     help="OpenAI-compatible endpoint; none for embedded models."),
        click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                     help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
        *(click.option(f"--{role}-model", envvar=f"PROUTT_{role.upper()}_MODEL", metavar="MODEL",
                       help=f"Another model for the {role}.") for role in ROLES),
        click.option("--method", type=click.Choice(METHODS),
                     help="ProUtt, or a baseline it is compared with.  [default: proutt]"),
        click.option("--judge", type=click.Choice(("llm", "embedding")),
                     help="What scores similarity.  [default: llm; embedding with an embedded model]"),
        click.option("--annotator", type=click.Choice(("llm", "rules")),
                     help="What names sentence types.  [default: llm; rules with an embedded model]"),
        click.option("--small-steps/--whole-steps", default=None,
                     help="One small question a call, or one step.  [default: small with an embedded model]"),
        click.option("--q", type=click.IntRange(1, 8), help="Candidates per perspective.  [default: 2]"),
        click.option("--tau-high", type=click.FloatRange(0, 1), help="J_max from which on to choose.  [default: 0.8]"),
        click.option("--tau-low", type=click.FloatRange(0, 1), help="J_max up to which to reject.  [default: 0.3]"),
        click.option("--turns", type=click.Choice(("all", "last", "random")), help="Which K.  [default: all]"),
        click.option("--ablate", multiple=True, type=click.Choice(ABLATIONS), help="Leave a component out."),
        click.option("--verify/--no-verify", default=None, help="Let the judge check edited sides.  [default: verify]"),
        click.option("--verify-tries", type=click.IntRange(1, 10), help="Most edits of a side.  [default: 3]"),
        click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer."),
        click.option("--thinking-tokens", type=click.IntRange(min=0), metavar="N",
                     help="Room for a reasoning model's thinking, on top of each answer's.  [default: 0]"),
        click.option("--timeout-s", type=click.FloatRange(1, 86400), help="For one call."),
        click.option("--concurrency", type=click.IntRange(min=1), help="Calls in flight.  [default: 64; embedded 2]"),
        click.option("--format", help="Corpus format, where it is not to be recognised."),
        click.option("--language", metavar="CODE", help="Language of all dialogues (en, zh, ...)."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N dialogues only."),
        click.option("--strict", is_flag=True, default=None, help="Stop at the first bad record."),
        click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="MONEY",
                     help="Stop, resumably, when the run has cost that much (prices: proutt models prices)."),
        click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                     help="Stop, resumably, when the run has used that many prompt and answer tokens."),
        click.option("--dry-run", is_flag=True, help="Say what it would take: calls, tokens, money. Calls nothing."),
        click.option("--like", type=click.Path(path_type=Path), metavar="RUN",
                     help="With --dry-run: a finished run of these models, whose measures the estimate takes."),
        click.option("--batch", is_flag=False, flag_value="api", type=click.Choice(("api", "files")),
                     metavar="[api|files]", help="Send calls as batches: to the endpoint's Batch API, or as files for "
                     "vLLM's run-batch (--batch=files)."),
        click.option("--reuse", multiple=True, type=click.Path(path_type=Path), metavar="RUN",
                     help="Take answers of an older run where the question is the same."),
        click.option("--retry-failed", is_flag=False, flag_value=EVERY_REASON, metavar="[REASON]",
                     help="Take failed turns up again, all or those of a reason: --retry-failed=timeout."),
        click.option("--seed", type=int, help="Keys all chance.  [default: 0]"),
        click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
                     help="Settings by the options' names; flags and environment go first."),
        click.option("--quiet", is_flag=True, help="No progress, no summary."),
        click.option("--json", "as_json", is_flag=True,
                     help="Print JSON Lines: progress now and then (not with --quiet), at last the summary."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("synthesize")
@click.argument("files", nargs=-1, metavar="FILE...")
@_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Turn dialogues into preference pairs with intent reasoning (ProUtt, Algorithm 1).

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. Without an endpoint a small embedded model does the work; its weights (1.1 GB) come once.

    \b
      proutt synthesize chats.jsonl --out run
      proutt synthesize chats.jsonl --out run --base-url http://localhost:8000/v1 --model Qwen/Qwen3-8B

    Exit code 0: done. 1: done, but some turns failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached, or a batch is under way. 130: stopped. After 3 and 130 the same command goes on.
    """
    config = _config(context, given)
    if given["dry_run"]:
        if config.method != "proutt":
            raise UserError(
                f"a run of {config.method} can't be estimated: an estimate rehearses ProUtt's steps.",
                where="--dry-run",
                remedy="Try it on a few dialogues: --limit 5 --max-cost MONEY.",
            )
        from proutt.cli.prices import dry_run

        return dry_run(config, as_json=given["as_json"], like=given["like"], out=given["out"], batch=given["batch"])
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out run")
    from proutt.cli.session import run

    return run(
        config,
        given["out"],
        shown=Shown(quiet=given["quiet"], as_json=given["as_json"]),
        reuse=given["reuse"],
        retry_failed=given["retry_failed"],
        batch=given["batch"],
    )


def _config(context: click.Context, given: Mapping[str, Any]) -> SynthesisConfig:
    """The configuration: flags and environment over the configuration file over defaults."""
    from proutt.cli.models import with_role_models
    from proutt.runs.config import SynthesisConfig, config_of, read_config

    values = {} if given["config_file"] is None else read_config(given["config_file"])
    said = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    for name, value in given.items():
        if name in SynthesisConfig.model_fields and context.get_parameter_source(name) in said:
            values[name] = list(value) if isinstance(value, tuple) else value
    if given["files"]:
        values["inputs"] = list(given["files"])
    config = config_of(with_role_models(values, given))
    if config.method != "proutt":
        _refuse_needless(config, given)
    if not config.inputs:
        raise UserError("no dialogues named.", remedy="Give files, e.g. proutt synthesize chats.jsonl --out run")
    return config


def _refuse_needless(config: SynthesisConfig, given: Mapping[str, Any]) -> None:
    """Raises UserError where an option is given that a baseline has no use for."""
    from proutt.methods.baselines import BASELINES

    needless = {"--annotator": given["annotator"] is not None}
    needless["--small-steps"] = given["small_steps"] is not None and BASELINES[config.method].simulates
    for option, there in needless.items():
        if there:
            raise UserError(f"{config.method} has no such steps.", where=option, remedy="Leave it out.")
