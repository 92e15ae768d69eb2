"""`proutt audit`: what is wrong with preference data, row by row and over all, against thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.run_options import ENGINES, WORKERS, number_of

if TYPE_CHECKING:
    from proutt.cli.audit_session import Order
    from proutt.quality.audit import Check


@click.command("audit")
@click.argument("path", metavar="RUN|FILE", required=False)
@click.option("--list", "as_list", is_flag=True, help="Show the checks with their thresholds and sources.")
@click.option("--only", multiple=True, metavar="CHECK", help="Make this check only; may be given again.")
@click.option("--skip", multiple=True, metavar="CHECK", help="Leave this check out; may be given again.")
@click.option("--thresholds", type=click.Path(path_type=Path), help="YAML file with thresholds of your own.")
@click.option("--format", "format_name", metavar="NAME", help="The rows' format, where it is not to be recognised.")
@click.option(
    "--include-unverified", is_flag=True, help="Audit pairs that failed verification and flagged dialogues, too."
)
@click.option(
    "--tokenizer", metavar="NAME", help="Count tokens with this tokenizer.json or hub name.  [default: estimate]"
)
@click.option("--max-length", type=click.IntRange(min=1), help="Tokens that the trainer keeps of prompt and answer.")
@click.option("--embeddings", is_flag=True, help="Compare rejected predictions with the truth by meaning, too.")
@click.option("--rejudge", metavar="MODEL", help="Have another model judge a sample of pairs again.")
@click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", help="That model's server.")
@click.option("--api-key-env", metavar="NAME", help="The variable with its key.")
@click.option("--sample", type=click.IntRange(min=1), default=200, show_default=True, help="Pairs to judge again.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which pairs are in the sample.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for flags and summary.  [default: RUN/audit]")
@click.option(
    "--write-clean", type=click.Path(path_type=Path), metavar="OUT", help="Write the data without what errors flag."
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="Let several workers look at rows: processes of this machine, or a Ray cluster (docs/scale.md).",
)
@WORKERS
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def command(ctx: click.Context, /, path: str | None, **given: Any) -> None:
    """Look for what is wrong with preference data, or with dialogues, and fail where there is too much of it.

    RUN is the --out directory of `proutt synthesize`; FILE an export, a released ProUtt file, or preference or SFT
    data of TRL, LLaMA-Factory, axolotl or OpenAI. Runs of `proutt simulate` and released SynPT dialogues have checks of
    their own: --list with a path shows them. Exit code 1: a check of severity error is beyond its threshold. Checks:
    docs/audits.md, docs/synpt.md, docs/upc.md.
    """
    from proutt.cli.audit_view import print_checks, print_summary
    from proutt.errors import UserError
    from proutt.quality.audit import read_thresholds, selected

    known = checks_for(path)
    checks = selected(given["only"], given["skip"], known)
    levels = {} if given["thresholds"] is None else read_thresholds(given["thresholds"], known)
    if given["as_list"]:
        print_checks(checks, levels, as_json=given["as_json"])
        return
    if path is None:
        raise UserError("there is nothing to audit.", where="proutt audit", remedy="Name a run or a file of rows.")
    from proutt.cli.audit_session import audit
    from proutt.quality.audit import CHECKS

    if known is not CHECKS:
        _refuse([option for name, option in _OF_PAIRS.items() if given[name]], path)
    done = audit(_order(path, checks, levels, given, dialogues=known is not CHECKS))
    if not given["quiet"] or given["as_json"]:
        print_summary(done, as_json=given["as_json"])
    ctx.exit(0 if done.summary["passed"] else 1)


#: Options that dialogues have no use for, by name.
_OF_PAIRS = {
    "rejudge": "--rejudge",
    "embeddings": "--embeddings",
    "format_name": "--format",
    "max_length": "--max-length",
}


def _order(
    path: str,
    checks: Mapping[str, Check],
    levels: Mapping[str, Mapping[str, float]],
    given: Mapping[str, Any],
    *,
    dialogues: bool,
) -> Order:
    """What is asked for. levels: thresholds of the user's own; given: the options."""
    from proutt.cli.audit_session import LookingEngine, Order, SecondJudge

    workers = number_of(given)
    judge = [given[name] for name in ("rejudge", "base_url", "api_key_env", "sample", "seed")]
    same = ("include_unverified", "tokenizer", "max_length", "embeddings", "out", "write_clean")
    return Order(
        path=path,
        format=given["format_name"],
        checks=checks,
        levels=levels,
        dialogues=dialogues,
        judge=None if given["rejudge"] is None else SecondJudge(*judge),
        quiet=given["quiet"] or given["as_json"],
        engine=None if workers is None else LookingEngine(given["engine"], workers),
        **{name: given[name] for name in same},
    )


def checks_for(path: str | None) -> Mapping[str, Check]:
    """All checks that there are for what a path names; those of pairs where it names nothing."""
    from proutt.export.reading.dialogues import holds_dialogues
    from proutt.export.reading.upc import holds_upc
    from proutt.quality.audit import CHECKS

    if path is not None and holds_upc(path):
        from proutt.quality.audit.upc_checks import UPC_CHECKS

        return UPC_CHECKS
    if path is None or not holds_dialogues(path):
        return CHECKS
    from proutt.quality.audit.dialogue_checks import DIALOGUE_CHECKS

    return DIALOGUE_CHECKS


def _refuse(options: list[str], path: str) -> None:
    from proutt.errors import UserError

    if options:
        raise UserError(f"{options[0]} is for pairs.", where=path, remedy="Leave it out for dialogues.")
