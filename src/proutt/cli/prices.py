"""`proutt models prices`, and what `--dry-run` says: money comes from prices that the user gave, or is unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.terminal import one_line, plain
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.dialogue import ReadingReport
    from proutt.runs.config import SynthesisConfig
    from proutt.runs.estimate import Batches, Estimate
    from proutt.runs.estimate_amounts import Amounts, Range
    from proutt.runs.estimate_profile import Profile
    from proutt.runs.prices import Price


@click.command(name="prices")
@click.option("--set", "set_model", metavar="MODEL", help="Give MODEL (or 'MODEL @ BASE_URL') a price.")
@click.option("--input", "input_price", type=float, metavar="MONEY", help="A million prompt tokens.")
@click.option("--output", "output_price", type=float, metavar="MONEY", help="A million answer tokens.")
@click.option(
    "--cached", type=float, metavar="MONEY", help="A million cached prompt tokens.  [default: as other prompt tokens]"
)
@click.option("--batch-share", type=float, metavar="SHARE", help="What a batch costs, as a share of live calls.")
@click.option("--currency", metavar="CODE", help="Three letters.  [default: USD]")
@click.option("--remove", metavar="MODEL", help="Take a price of your own away.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    set_model: str | None,
    input_price: float | None,
    output_price: float | None,
    cached: float | None,
    batch_share: float | None,
    currency: str | None,
    remove: str | None,
    as_json: bool,
) -> None:
    """Show what models cost per million tokens, or set a price of your own.

    No price of a hosted model ships with proutt: they change. A model without a price costs "unknown", never 0.

    \b
      proutt models prices --set my-model --input 0.15 --output 0.60
      proutt models prices --set 'my-model @ https://host/v1' --input 0.15 --output 0.60 --cached 0.075
    """
    from proutt.runs.price_changes import remove_price, set_price

    given = (input_price, output_price, cached, batch_share, currency)
    if set_model is not None and remove is not None:
        raise UserError("--set and --remove are two wishes.", remedy="Give one of them.")
    if set_model is None and any(each is not None for each in given):
        raise UserError("a price is given, but no model.", remedy="Say which: --set MODEL")
    if set_model is not None:
        if input_price is None or output_price is None:
            raise UserError("a price has two parts.", where="--set", remedy="Give --input and --output.")
        path = set_price(set_model, _price(input_price, output_price, cached, batch_share, currency))
        click.echo(plain(f"Written to {path}."), err=True)
    elif remove is not None:
        path = remove_price(remove)
        click.echo(plain(f"Taken out of {path}."), err=True)
    _list(as_json=as_json)


def _price(
    input_price: float, output_price: float, cached: float | None, batch_share: float | None, currency: str | None
) -> Price:
    from proutt.runs.prices import CURRENCY, Price

    try:
        return Price(input_price, output_price, cached, batch_share, (currency or CURRENCY).upper())
    except ValueError as error:
        raise UserError(f"{error}.", where="--set", remedy="Prices are per million tokens.") from None


def _list(*, as_json: bool) -> None:
    from proutt.runs.prices import own_prices, prices_path, read_prices

    own = own_prices()
    table = {**read_prices(), **own}
    if as_json:
        shown = {name: {**_fields(price), "own": name in own} for name, price in table.items()}
        click.echo(json.dumps({"file": str(prices_path()), "prices": shown}, ensure_ascii=False, indent=2))
    else:
        click.echo(plain(prices_as_text(table, own, prices_path())))


def _fields(price: Price) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(price)


def prices_as_text(table: Mapping[str, Price], own: Mapping[str, Price], path: Path) -> str:
    """The table, a line a model."""
    width = max(5, *(len(one_line(name, 60)) for name in table)) + 2
    lines = [f"{'model':<{width}}{'input':>9}{'output':>9}{'cached':>9}  per million tokens, from"]
    for name, price in table.items():
        numbers = "".join(f"{_number(each):>9}" for each in (price.input, price.output, price.cached_input))
        batch = "" if price.batch_share is None else f", batch ×{price.batch_share:g}"
        source = "your file" if name in own else "proutt"
        lines.append(f"{one_line(name, 60):<{width}}{numbers}  {price.currency}{batch}, {source}")
    return "\n".join([*lines, "", f"your file: {path}" + ("" if path.exists() else " (not there yet)")])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


# The dry run.


def dry_run(
    config: SynthesisConfig,
    *,
    as_json: bool,
    like: Path | None = None,
    out: Path | None = None,
    batch: Batches | None = None,
) -> int:
    """Say what a run would take; the exit code. Calls no model.

    like   a finished run of the same models, or its journal, whose measures the estimate takes
    out    where the run would be, or is: without `like` its own measures count, as soon as it has pairs
    batch  how its calls would go in batches; None: they go live
    """
    from proutt.dialogue import ReadingReport
    from proutt.runs.estimate import estimate
    from proutt.runs.prices import read_prices

    if like is not None and config.method != "proutt":
        raise UserError(
            f"an estimate of {config.method} takes no measures of a run.",
            where="--like",
            remedy="Leave it out; --limit 5 --out PILOT measures the method itself.",
        )
    prices = read_prices()
    if like is not None:
        profile: Profile | None = _profile(like)
    else:
        profile = _own_profile(out) if config.method == "proutt" else None
    report = ReadingReport()
    found = estimate(config, config.part.taken(config.dialogues(report)), prices=prices, profile=profile, batch=batch)
    show_estimate(found, report, as_json=as_json, batch=batch)
    return 0


def show_estimate(
    found: Estimate,
    report: ReadingReport,
    *,
    as_json: bool,
    batch: Batches | None = None,
    noun: str = "turns",
    inputs: str | None = None,
) -> None:
    """The estimate on standard output. noun: what is predicted for; inputs: all that there is, where it is not that."""
    from dataclasses import asdict

    if as_json:
        shown = {**asdict(found), "skipped_records": dict(report.skipped)}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        click.echo(plain(estimate_as_text(found, report, batch=batch, noun=noun, inputs=inputs)))


def _own_profile(out: Path | None) -> Profile | None:
    """What the run itself has measured so far; None where it has not begun or has no pair yet."""
    from proutt.runs.directory import JOURNAL
    from proutt.runs.journal import Journal

    if out is None or not (out / JOURNAL).is_file():
        return None
    journal = Journal(out / JOURNAL, reading=True)
    try:
        paired = next(iter(journal.items("paired")), None) is not None
    finally:
        journal.close()
    return _profile(out) if paired else None


def _profile(run: Path) -> Profile:
    """What a run measured. Raises UserError where it is no run or has no pair."""
    from proutt.runs.directory import JOURNAL
    from proutt.runs.estimate_fit import profile_of
    from proutt.runs.journal import Journal

    path = run / JOURNAL if run.is_dir() else run
    if not path.is_file():
        raise UserError("is no run: it has no journal.", where=str(run), remedy="Name a run's directory.")
    journal = Journal(path, reading=True)
    try:
        return profile_of(journal)
    finally:
        journal.close()


def estimate_as_text(
    estimate: Estimate,
    report: ReadingReport | None = None,
    *,
    batch: Batches | None = None,
    noun: str = "turns",
    inputs: str | None = None,
) -> str:
    """The estimate for a person: what, how much as low, expected and high, what it rests on, and how to know better."""
    inputs = inputs or f"{estimate.dialogues:,} dialogues, {estimate.turns:,} {noun} to predict"
    lines = [f"{inputs}. Nothing was called."]
    if report is not None and report.skipped:
        left_out = ", ".join(f"{reason} {count}" for reason, count in report.skipped.items())
        lines.append(f"  records left out: {left_out}")
    lines += ["", f"{'':<28}{'low':>14}{'expected':>14}{'high':>14}"]
    total = estimate.total
    lines += [
        _row("calls", total.calls),
        _row("prompt tokens", total.prompt_tokens),
        _row("  with prefix caching", total.prompt_tokens_computed),
        _row("answer tokens", total.completion_tokens),
    ]
    lines += _money(estimate, batch)
    if estimate.seconds is not None:
        lines.append(_money_row("minutes", estimate.seconds.times(1 / 60)))
    lines += ["", f"{'expected, by step':<28}{'calls':>14}{'prompt':>14}{'answer':>14}"]
    lines += [_step(name, each) for name, each in estimate.by_step.items()]
    lines += ["", "What this rests on:", *(f"- {each}" for each in estimate.rests_on)]
    return "\n".join([*lines, *_better(estimate)])


def _better(estimate: Estimate) -> list[str]:
    """How to get an estimate that rests on the user's own model: a small run, which the large one then takes over."""
    if estimate.pilot is None:
        return []
    calls = estimate.total.calls.expected * estimate.pilot / estimate.dialogues
    return [
        "",
        f"To know within about 15 %, measure your model on {estimate.pilot} dialogues first (some {calls:,.0f} calls):",
        f"  1. this command with  --limit {estimate.pilot} --out PILOT  in place of --dry-run",
        "  2. this command with  --like PILOT",
        "  3. the run itself with  --out RUN --reuse PILOT  (what the pilot has paid is not paid again)",
    ]


def _row(name: str, each: Range) -> str:
    return f"{name:<28}{each.low:>14,.0f}{each.expected:>14,.0f}{each.high:>14,.0f}"


def _step(name: str, each: Amounts) -> str:
    numbers = (each.calls.expected, each.prompt_tokens.expected, each.completion_tokens.expected)
    return f"  {name:<26}" + "".join(f"{number:>14,.0f}" for number in numbers)


def _money(estimate: Estimate, batch: Batches | None) -> list[str]:
    """Money in all, live and in batches, and of each model where there are several or one has no price."""
    lines = []
    if estimate.money is not None:
        lines.append(_money_row(f"money, {estimate.currency}" if estimate.currency else "money", estimate.money))
    else:
        lines.append(f"{'money':<28}{'unknown':>14}")
    if estimate.money_cached is not None:
        lines.append(_money_row("  with prefix caching", estimate.money_cached))
    if estimate.money_batch is not None:
        lines.append(_money_row("  in batches", estimate.money_batch))
    elif batch is not None:
        hint = "" if estimate.money is None else "  proutt models prices --set MODEL … --batch-share SHARE"
        lines.append(f"{'  in batches':<28}{'unknown':>14}{hint}")
    for each in estimate.models if len(estimate.models) > 1 or estimate.money is None else ():
        name = f"  {one_line(each.model, 24)}"
        if each.money is None:
            lines.append(f"{name:<28}{'no price':>14}  proutt models prices --set MODEL --input … --output …")
        else:
            lines.append(_money_row(name, each.money) + f"  {each.currency}")
    return lines


def _money_row(name: str, each: Range) -> str:
    return f"{name:<28}" + "".join(f"{_amount(value):>14}" for value in (each.low, each.expected, each.high))


def _amount(value: float) -> str:
    """Money with cents, or with three figures where it is less than that tells."""
    return f"{value:,.2f}" if value >= 1 or not value else f"{value:.3g}"
