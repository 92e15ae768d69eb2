"""`proutt synthesize`: dialogues in, preference pairs out."""

from __future__ import annotations

from collections.abc import Mapping
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
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.runs.config import SynthesisConfig

ROLES = ("annotator", "reasoner", "editor", "judge")
ABLATIONS = ("intent-tree", "sentence-type", "future-path-negatives")
METHODS = ("proutt", "magpie", "baize", "spar", "socratic", "usp")
_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="RUN",
                 help="Run directory; the same command again goes on where it stopped."),
    *MODEL,
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
    *CALLS,
    *DIALOGUES,
    *CEILINGS,
    *SHARED,
    *DRY_RUN,
    click.option("--batch", is_flag=False, flag_value="api", type=click.Choice(("api", "files")),
                 metavar="[api|files]", help="Send calls as batches: to the endpoint's Batch API, or as files for "
                 "vLLM's run-batch (--batch=files)."),
    *again("turns", "timeout"),
    *LAST,
)  # fmt: skip


@click.command("synthesize")
@click.argument("files", nargs=-1, metavar="FILE...")
@_OPTIONS
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Turn dialogues into preference pairs with intent reasoning (ProUtt, Algorithm 1).

    FILE is a JSON, JSON Lines or Parquet file, plain or gzip, a folder or a URL of them, - for standard input, or
    hf:OWNER/NAME[:SPLIT]. Without an endpoint a small embedded model does the work; its weights (1.1 GB) come once.

    \b
      proutt synthesize chats.jsonl --out run
      proutt synthesize chats.jsonl --out run --base-url http://localhost:8000/v1 --model Qwen/Qwen3-8B

    Exit code 0: done. 1: done, but some turns failed (failures.jsonl). 2: something to mend. 3: --max-cost or
    --max-tokens is reached, or a batch is under way. 130: stopped. After 3 and 130 the same command goes on.
    """
    config = _config(context, given)
    if given["dry_run"]:
        from proutt.cli.prices import dry_run

        return dry_run(config, as_json=given["as_json"], like=given["like"], out=given["out"], batch=given["batch"])
    if given["out"] is None:
        raise UserError("no run directory named.", remedy="Give one, e.g. --out run")
    if given["engine"] is not None and given["batch"] is not None:
        remedy = "Leave one of them out; --shard with --batch works."
        raise UserError("batches are sent by one process.", where="--engine", remedy=remedy)
    from proutt.cli.session import run

    return run(
        config,
        given["out"],
        shown=Shown(quiet=given["quiet"], as_json=given["as_json"]),
        reuse=given["reuse"],
        retry_failed=given["retry_failed"],
        batch=given["batch"],
        workers=workers_of(given),
    )


def _config(context: click.Context, given: Mapping[str, Any]) -> SynthesisConfig:
    from proutt.cli.models import with_role_models
    from proutt.runs.config import SynthesisConfig, config_of

    config = config_of(with_role_models(said(context, given, SynthesisConfig), given))
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
