"""An experiment's plan and results on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.evaluate_view import print_tables
from proutt.cli.terminal import one_line, plain
from proutt.cli.train_session import duration

if TYPE_CHECKING:
    from proutt.cli.progress import Shown
    from proutt.experiments.estimating import Cost
    from proutt.experiments.reading import Experiment
    from proutt.experiments.reporting import Reported
    from proutt.experiments.running import Standing


def print_plan(experiment: Experiment, found: Mapping[str, Standing], costs: Mapping[str, Cost], shown: Shown) -> None:
    """Every stage with how it stands, and what it would take where that was asked for."""
    if shown.as_json:
        from dataclasses import asdict

        for id, each in found.items():
            facts = {"kind": each.stage.kind, "title": each.stage.title, "state": each.state}
            folder = {"folder": None if each.folder is None else str(each.folder)}
            shown.event("stage", facts | folder | ({"cost": asdict(costs[id])} if id in costs else {}))
        return
    done = sum(each.state == "done" for each in found.values())
    arms = "1 arm" if len(experiment.arms) == 1 else f"{len(experiment.arms)} arms"
    lines = [f"{experiment.said.title}: {arms}, {len(found)} stages, {done} of them kept."]
    for id, each in found.items():
        state = f"waits for {each.stage.waits_for}" if each.stage.waits_for else each.state
        line = f"  {each.stage.kind:<11} {one_line(each.stage.title, 60):<44} {state}"
        lines.append(line + (f": {said}" if (said := cost_text(costs.get(id))) else ""))
    lines += _total(costs)
    click.echo(plain("\n".join(lines)))


def cost_text(cost: Cost | None) -> str:
    """What a stage would take, in a few words; empty where it takes next to nothing."""
    if cost is None:
        return ""
    parts = [f"{cost.calls:,.0f} calls", f"{cost.tokens:,.0f} tokens"] if cost.calls else []
    if cost.calls:
        parts.append("price not known" if cost.money is None else f"{cost.money:.4g} {cost.currency}".strip())
    parts += [cost.said] if cost.said else []
    parts += [f"about {duration(cost.seconds)}"] if cost.seconds is not None else []
    return ", ".join(parts)


def _total(costs: Mapping[str, Cost]) -> list[str]:
    calls, tokens = sum(each.calls for each in costs.values()), sum(each.tokens for each in costs.values())
    if not calls:
        return []
    open_ones = sum(each.money is None for each in costs.values())
    more = f", and {open_ones} stages whose cost is not known yet" if open_ones else ""
    return [f"In all, expected: {calls:,.0f} calls, {tokens:,.0f} tokens{more}. Nothing was called."]


def print_results(done: Reported, out: Path) -> None:
    """Tables, then what keeps them from being compared with the paper's, then where everything is."""
    from proutt.experiments.reporting import NOT_COMPARABLE, PAGE, RESULTS, TABLE

    print_tables(done.tables)
    remarks = done.results["not_comparable"]
    lines = [NOT_COMPARABLE, *(f"- {each}" for each in remarks)] if remarks else []
    lines += [f"The paper ({done.results['paper']}): {each}" for each in done.results["said"]]
    if not done.results["complete"]:
        lines.append("Not complete: what is missing is not measured yet.")
    if done.missing is not None:
        lines.append(f"Without figures: {done.missing}")
    lines.append(f"Written: {', '.join(str(out / name) for name in (RESULTS, TABLE, PAGE))}")
    click.echo(plain("\n".join(lines)))
