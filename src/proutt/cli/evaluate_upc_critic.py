"""`proutt evaluate upc-critic`: how far UPC's critic can be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.run_options import CALLS, CEILINGS, LAST, MODEL, again, opened_name, said, with_options
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.evaluation.critic.config import CriticsConfig

_OPTIONS = with_options(
    click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
                 help="Folder of the check; the same command again goes on where it stopped.  [required]"),
    click.option("--critic", "critics", multiple=True, metavar="MODEL[@URL]",
                 help="A critic, at --base-url or at its own address; may be given again.  [default: --model]"),
    click.option("--critic-key", "keys", multiple=True, metavar="MODEL=VARIABLE",
                 help="Variable with the key of a critic that has an address of its own."),
    *MODEL,
    click.option("--people", multiple=True, type=click.Path(), metavar="DIR",
                 help="What people said of the same responses (proutt annotate); may be given again."),
    click.option("--limit", type=click.IntRange(min=1), metavar="N",
                 help="Most responses, drawn by --seed; a larger N goes on.  [default: 100]"),
    click.option("--small-steps/--whole-steps", default=None,
                 help="One score a call, or all in one answer.  [default: small where embedded]"),
    click.option("--dry-run", is_flag=True, help="Say what it would take: calls, tokens, money. Calls nothing."),
    *CALLS,
    *CEILINGS,
    *again("questions", "not-json"),
    *LAST,
)  # fmt: skip


@click.command("upc-critic")
@click.argument("files", nargs=-1, metavar="RUN...")
@_OPTIONS
@click.pass_context
def upc_critic(context: click.Context, /, **given: Any) -> None:
    """What moves the scores of UPC's critic though it should not.

    Each critic scores the responses of RUN again: as in a run, once more, with its aspects and its scale in another
    order, with an empty polite sentence added, and with a demand for the best score. Two critics and chatbots of two
    families or more show self-preference; --people shows agreement with people (docs/upc.md).

    \b
      proutt evaluate upc-critic run-a run-b --critic gpt-4.1 --critic qwen-max@https://host/v1 --out checked
      proutt annotate run-a run-b --limit 50 --out people
      proutt evaluate upc-critic run-a run-b --critic gpt-4.1 --people people --out checked

    Exit codes are those of proutt synthesize.
    """
    from proutt.evaluation.critic.config import CriticsConfig, critics_config_of

    values = said(context, given, CriticsConfig)
    if isinstance(values.get("critics"), list):
        values["critics"] = [opened_name(each) for each in values["critics"]]
    config = critics_config_of(values)
    if not config.inputs:
        remedy = "Give runs, e.g. proutt evaluate upc-critic run --out checked"
        raise UserError("no runs named.", remedy=remedy)
    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    if given["dry_run"]:
        from proutt.evaluation.critic.estimate import estimated

        _print_estimates(estimated(config), shown)
        return
    if given["out"] is None:
        raise UserError("no folder named.", remedy="Give one, e.g. --out checked")
    context.exit(run(config, given["out"], shown, given))


def run(config: CriticsConfig, out: Path, shown: Shown, given: Mapping[str, Any]) -> int:
    """Do or resume a check, and say what has come of it; the exit code."""
    from proutt.cli.evaluate_view import print_results
    from proutt.cli.run_summary import spent
    from proutt.cli.session import DONE, LATER, SOME_FAILED, STOPPED, Display
    from proutt.cli.terminal import plain
    from proutt.evaluation.critic.checking import check

    checked = check(config, out, Display(shown), reuse=given["reuse"], retry_failed=given["retry_failed"])
    print_results(
        {**checked.results, "evaluation": {"complete": checked.complete, "failed": _failures(checked.made)}},
        checked.tables, out, shown, why=checked.why,
    )  # fmt: skip
    if not (shown.quiet or shown.as_json):
        for each in checked.made:
            click.echo(plain(f"{each.summary['critic']}, {spent(each.summary)}"))
    if not checked.complete:
        return LATER if checked.why else STOPPED
    return SOME_FAILED if checked.failed else DONE


def _failures(made: Sequence[Any]) -> dict[str, int]:
    """Questions without an answer, by critic and reason."""
    return {
        f"{each.summary['critic']}: {reason}": count
        for each in made
        for reason, count in each.summary["failed"].items()
    }


def _print_estimates(estimates: Sequence[Mapping[str, Any]], shown: Shown) -> None:
    from proutt.cli.terminal import one_line

    if shown.as_json:
        shown.event("estimate", {"critics": list(estimates)})
        return
    for each in estimates:
        cost = "not known" if each["cost"] is None else f"{each['cost']:.4g} {each['currency']}"
        click.echo(
            f"{one_line(each['critic'], 60)}: {each['responses']} responses, {each['calls']} calls, about "
            f"{each['prompt_tokens']:,} prompt and {each['completion_tokens']:,} answer tokens; cost {cost}."
        )
