"""`proutt evaluate`: how good suggestions are, by a judge, by embeddings, side by side; and what may be said of it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from proutt.cli.evaluate_judging import FIGURES, pairwise, pointwise
from proutt.cli.evaluate_synpt import synpt, synpt_compare, synpt_lengths
from proutt.cli.evaluate_upc import upc, upc_compare
from proutt.cli.evaluate_upc_critic import upc_critic
from proutt.cli.progress import Shown
from proutt.errors import UserError


class _Evaluate(click.Group):
    """A group whose first word may be a file: then it is the pointwise evaluation."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            near = get_close_matches(args[0], self.commands, n=1)
            if near and not Path(args[0]).exists():
                ctx.fail(f"{args[0]!r} is no file and no command: did you mean {near[0]!r}?")
            args = ["pointwise", *args]
        return super().parse_args(ctx, args)


@click.group("evaluate", cls=_Evaluate)
def command() -> None:
    """Measure suggestions: `proutt evaluate PREDICTIONS... --judge MODEL --out DIR`.

    \b
      proutt evaluate PREDICTIONS... --out DIR           pointwise (see: proutt evaluate pointwise --help)
      proutt evaluate pairwise A B --judge M --out DIR   side by side, in both orders
      proutt evaluate agreement JUDGEMENTS...            of people and judges
      proutt evaluate plan --difference 0.03             test cases that a difference needs
      proutt evaluate tables DIR                         tables again, without a call
      proutt evaluate synpt SEEDS --model M --out DIR    how well a model mines implicit intentions
      proutt evaluate synpt-compare DIR...               several of these evaluations beside each other
      proutt evaluate synpt-lengths RUN...               how long initial inquiries are
      proutt evaluate upc-critic RUN... --out DIR        what moves the scores of UPC's critic
      proutt evaluate upc PERSONAS --model M --out DIR   how proactive a chatbot is
      proutt evaluate upc-compare DIR...                 several of these evaluations beside each other
      proutt report DIR...                               tables and figures as one page

    PREDICTIONS is what `proutt predict` wrote: its --out, or the file in it. What the numbers mean: docs/evaluation.md.
    """


@command.command("tables")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--figures", multiple=True, type=click.Choice(FIGURES), help="Draw the figures, too; may be given again.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def tables(folder: Path, *, figures: tuple[str, ...], quiet: bool, as_json: bool) -> None:
    """Write results and tables again from stored judgements, without a call: the same, to the last byte.

    DIR may be of proutt evaluate synpt or proutt evaluate upc, too.
    """
    from proutt.cli.evaluate_view import print_results
    from proutt.evaluation.stored import rebuilt
    from proutt.evaluation.synpt import stored as mining
    from proutt.evaluation.upc import stored as proactivity

    if mining.holds_evaluation(folder):
        results, made = mining.rebuilt(folder)
        if figures:
            from proutt.evaluation.synpt.figures import draw_metrics

            draw_metrics(results, folder, figures)
    elif proactivity.holds_evaluation(folder):
        results, made = proactivity.rebuilt(folder)
        if figures:
            from proutt.evaluation.upc.figures import draw_turns

            draw_turns(results, folder, figures)
    else:
        results, made = rebuilt(folder)
        if figures:
            from proutt.evaluation.figures import draw

            draw(folder, figures)
    print_results(results, made, folder, Shown(quiet=quiet, as_json=as_json))


@command.command("plan")
@click.option(
    "--difference",
    type=click.FloatRange(0, 1, min_open=True),
    required=True,
    metavar="D",
    help="Of two mean scores, 0..1: 0.03 is three points of 100.",
)
@click.option(
    "--sd",
    type=click.FloatRange(0, min_open=True),
    default=0.3,
    show_default=True,
    help="Spread of the differences, test case by test case.",
)
@click.option("--power", type=click.FloatRange(0.05, 0.999), default=0.8, show_default=True, help="Chance to find it.")
@click.option("--comparisons", type=click.IntRange(min=1), default=1, show_default=True, help="Made together (Holm).")
@click.option(
    "--per-dialogue", type=click.FloatRange(min=1), default=1.0, show_default=True, help="Test cases a dialogue gives."
)
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of differences within a dialogue, where it gives several.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(
    *,
    difference: float,
    sd: float,
    power: float,
    comparisons: int,
    per_dialogue: float,
    correlation: float,
    as_json: bool,
) -> None:
    """How many test cases a comparison of two systems needs to find a difference.

    By the normal approximation of a paired, two-sided test at 5% (of several comparisons, at 5% divided by their
    number).
    """
    import json
    import math

    from proutt.evaluation.power import LEVEL, cases_needed

    n = cases_needed(
        difference, sd, power=power, level=LEVEL / comparisons, per_dialogue=per_dialogue, correlation=correlation
    )
    dialogues = math.ceil(n / per_dialogue)
    if as_json:
        click.echo(json.dumps({"cases": n, "dialogues": dialogues}))
    else:
        click.echo(f"{n:,} test cases of {dialogues:,} dialogues find a difference of {difference:g} at sd {sd:g} "
                   f"in {power * 100:g}% of evaluations.")  # fmt: skip


@command.command("agreement")
@click.argument("judgements", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="JUDGEMENTS...")
@click.option(
    "--gate",
    type=click.FloatRange(0, 1),
    default=0.75,
    show_default=True,
    help="Agreement that a batch of two people must reach to count as valid, as in the paper.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write results, tables and figures here.")
@click.option("--figures", multiple=True, type=click.Choice(FIGURES), help="Draw figures 4 and 5; needs --out.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def agreement(
    judgements: tuple[Path, ...], *, gate: float, out: Path | None, figures: tuple[str, ...], quiet: bool, as_json: bool
) -> None:
    """How far people and judges agree: rate, Cohen's κ, AC1, Krippendorff's α, confusion (ProUtt, figures 4 and 5).

    JUDGEMENTS are folders of `proutt annotate`, `proutt evaluate pairwise` or `proutt evaluate pointwise`, or the
    verdicts.jsonl and scores.jsonl in them. Of scores: weighted κ, Krippendorff's α, correlations, mean difference.
    """
    from proutt.cli.evaluate_view import print_results
    from proutt.evaluation.agreeing import agreement_of, write_agreement

    if figures and out is None:
        raise UserError("--figures needs a folder.", remedy="Give --out DIR.")
    results, made = agreement_of(judgements, gate=gate)
    if out is not None:
        write_agreement(out, results, made)
        if figures:
            from proutt.evaluation.figures import draw

            draw(out, figures)
    print_results(results, made, out, Shown(quiet=quiet, as_json=as_json))


command.add_command(pointwise)
command.add_command(pairwise)
command.add_command(synpt)
command.add_command(synpt_compare)
command.add_command(synpt_lengths)
command.add_command(upc_critic)
command.add_command(upc)
command.add_command(upc_compare)
