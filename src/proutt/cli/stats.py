"""`proutt stats`: lengths and length differences of a run's pairs (ProUtt, Table II), and what they are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.quality import GroupStatistics, TokenCounter


@click.command("stats")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--tokenizer", metavar="NAME", help="Count tokens with this tokenizer.json or hub name.  [default: estimate]"
)
@click.option(
    "--instruction",
    type=click.Choice(("structured", "minimal")),
    default="structured",
    show_default=True,
    help="The instruction of the prompts whose length is taken.",
)
@click.option("--json", "as_json_text", is_flag=True, help="Print JSON.")
def command(run: Path, tokenizer: str | None, instruction: str, as_json_text: bool) -> None:
    """Lengths and length differences of a run's pairs (ProUtt, Table II).

    RUN is the --out directory of `proutt synthesize`, or a pairs.jsonl. Lengths are of the texts that
    `proutt export` writes; differences are chosen minus rejected.
    """
    from proutt.errors import UserError
    from proutt.export import Instruction, training_text
    from proutt.quality import ESTIMATE, as_json, statistics, tokenizer_counter
    from proutt.runs.pairs import read_pairs

    counter = ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer)
    kind: Instruction = "minimal" if instruction == "minimal" else "structured"
    groups = statistics(read_pairs(run), texts=lambda pair: training_text(pair, kind), tokens=counter.tokens)
    if groups["all"].samples == 0:
        raise UserError("the run has no pairs.", where=str(run), remedy="See its summary.json for what became of them.")
    if as_json_text:
        numbers = {name: as_json(group) for name, group in groups.items()}
        tokens = {"tokenizer": counter.name, "estimated": counter.estimated}
        click.echo(json.dumps({"tokens": tokens, "groups": numbers}, ensure_ascii=False, indent=2))
        return
    _print(groups, counter)


def _print(groups: dict[str, GroupStatistics], counter: TokenCounter) -> None:
    from rich.console import Console

    from proutt.cli.terminal import one_line

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_lengths(groups))
    source = (
        "estimated; give --tokenizer to count" if counter.estimated else f"counted with {one_line(counter.name, 60)}"
    )
    console.print(f"Lengths are of one response, chosen or rejected. Δ = chosen − rejected. Tokens: {source}.\n")
    for line in _composition(groups["all"]):
        console.print(line)


def _lengths(groups: dict[str, GroupStatistics]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from proutt.cli.terminal import one_line

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("Language")
    for heading in ("Pairs", "Chars", "Tokens", "Δ chars", "Δ tokens μ", "σ", "max|Δ|"):
        table.add_column(heading, justify="right")
    for name, group in groups.items():
        delta = group.tokens.delta
        cells = [
            f"{group.samples:,}",
            f"{group.chars.response.mean:,.2f}",
            f"{group.tokens.response.mean:,.2f}",
            f"{group.chars.delta.mean:,.2f}",
            f"{delta.mean:,.2f}",
            f"{delta.sigma:,.2f}",
            f"{delta.max_abs:,.0f}",
        ]
        table.add_row(Text(one_line(name, 12)), *cells)
    return table


def _composition(group: GroupStatistics) -> list[str]:
    rows = {
        "Branch": group.branches,
        "Perspective of the truth": group.perspectives,
        "Sentence type, chosen": group.sentence_types,
        "Sentence type, rejected": group.rejected_sentence_types,
        "Edits": group.edits,
    }
    unchecked = f", {group.unchecked} not checked" if group.unchecked else ""
    lines = [f"Verified: {group.verified} of {group.samples} ({group.verified_share:.0%}){unchecked}"]
    for title, counts in rows.items():
        lines.append(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return [*lines, f"J_max: mean {group.j_max.mean:.2f}, σ {group.j_max.sigma:.2f}"]
