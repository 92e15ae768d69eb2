"""`proutt stats`: lengths and length differences of pairs (ProUtt, Table II), and what they are made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows, reading_options
from proutt.cli.run_summary import counts

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.export.reading import Row, TextPair
    from proutt.methods.record import PreferencePair
    from proutt.quality import GroupStatistics, TokenCounter


@dataclass(slots=True)
class _Seen:
    """Where the rows came from: their formats, and their parts of a split."""

    formats: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)

    def pairs(self, rows: Iterable[Row]) -> Iterator[PreferencePair | TextPair]:
        from proutt.export.reading import with_language

        for row in rows:
            self.formats[row.format] += 1
            if row.part is not None:
                self.parts[row.part] += 1
            yield with_language(row.pair)


@click.command("stats")
@click.argument("source", metavar="RUN|FILE")
@click.option(
    "--tokenizer", metavar="NAME", help="Count tokens with this tokenizer.json or hub name.  [default: estimate]"
)
@click.option(
    "--instruction",
    type=click.Choice(("structured", "minimal")),
    default="structured",
    show_default=True,
    help="The instruction of the prompts whose length is taken; rows of texts have their own.",
)
@reading_options
@click.option("--json", "as_json_text", is_flag=True, help="Print JSON.")
def command(
    source: str,
    *,
    tokenizer: str | None,
    instruction: str,
    format_name: str | None,
    skip_bad: bool,
    as_json_text: bool,
) -> None:
    """Lengths and length differences of pairs (ProUtt, Table II); of dialogues, how they go and end.

    RUN is the --out directory of `proutt synthesize`. FILE is an export, a released ProUtt file, or any preference or
    SFT file that trainers read (docs/released.md). Lengths of a run's pairs are of the texts that `proutt export`
    writes; differences are chosen minus rejected. Of a run of `proutt simulate synpt`, or of released SynPT dialogues:
    turns, ends, flags, detail of initial inquiries, tokens by module. Of a run of `proutt simulate upc`: regenerations
    (UPC, Table 3), scores by turn and by group, how both sides speak, how many dialogues are easy.
    """
    from proutt.errors import UserError
    from proutt.export.reading.dialogues import holds_dialogues
    from proutt.export.reading.upc import holds_upc

    if holds_upc(source):
        from proutt.cli.stats_upc import print_statistics as print_of_upc

        print_of_upc(Path(source), tokenizer=tokenizer, skip_bad=skip_bad, as_json=as_json_text)
        return
    if holds_dialogues(source):
        from proutt.cli.stats_dialogues import print_statistics

        print_statistics(Path(source), skip_bad=skip_bad, as_json=as_json_text)
        return
    from proutt.export import Instruction
    from proutt.export.reading import rows_in, texts_of
    from proutt.quality import ESTIMATE, statistics, tokenizer_counter

    counter = ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer)
    kind: Instruction = "minimal" if instruction == "minimal" else "structured"
    seen, bad = _Seen(), BadRows()
    rows = rows_in(source, format=format_name, on_bad=bad.add if skip_bad else None)
    groups = statistics(seen.pairs(rows), texts=lambda pair: texts_of(pair, kind), tokens=counter.tokens)
    bad.tell()
    if groups["all"].samples == 0:
        remedy = "See its summary.json for what became of them."
        raise UserError("the run has no pairs.", where=source, remedy=remedy)
    if as_json_text:
        click.echo(_json(groups, counter, seen, bad))
    else:
        _print(groups, counter, seen)


def _json(groups: dict[str, GroupStatistics], counter: TokenCounter, seen: _Seen, bad: BadRows) -> str:
    from proutt.quality import as_json

    numbers = {
        "tokens": {"tokenizer": counter.name, "estimated": counter.estimated},
        "formats": dict(sorted(seen.formats.items())),
        "parts": dict(sorted(seen.parts.items())),
        "unreadable": bad.count,
        "groups": {name: as_json(group) for name, group in groups.items()},
    }
    return json.dumps(numbers, ensure_ascii=False, indent=2)


def _print(groups: dict[str, GroupStatistics], counter: TokenCounter, seen: _Seen) -> None:
    from rich.console import Console

    from proutt.cli.terminal import one_line

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_lengths(groups))
    source = (
        "estimated; give --tokenizer to count" if counter.estimated else f"counted with {one_line(counter.name, 60)}"
    )
    console.print(f"Lengths are of one response, chosen or rejected. Δ = chosen − rejected. Tokens: {source}.\n")
    for line in [*_origin(seen), *_composition(groups["all"])]:
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
        own = [f"{group.samples:,}", f"{group.chars.response.mean:,.2f}", f"{group.tokens.response.mean:,.2f}"]
        between = [
            f"{group.chars.delta.mean:,.2f}",
            f"{delta.mean:,.2f}",
            f"{delta.sigma:,.2f}",
            f"{delta.max_abs:,.0f}",
        ]
        table.add_row(Text(one_line(name, 12)), *own, *(between if delta.count else ["–"] * 4))
    return table


def _origin(seen: _Seen) -> list[str]:
    """What the rows were read as, but for a run's."""
    if set(seen.formats) == {"pairs"}:
        return []
    lines = [f"Read as: {counts(dict(sorted(seen.formats.items())))}"]
    return lines + ([f"Parts: {counts(dict(sorted(seen.parts.items())))}"] if seen.parts else [])


def _composition(group: GroupStatistics) -> list[str]:
    """What the pairs are made of, as far as they have records."""
    if not group.records:
        return []
    rows = {
        "Branch": group.branches,
        "Perspective of the truth": group.perspectives,
        "Sentence type, chosen": group.sentence_types,
        "Sentence type, rejected": group.rejected_sentence_types,
        "Edits": group.edits,
    }
    unchecked = f", {group.unchecked} not checked" if group.unchecked else ""
    lines = [f"Verified: {group.verified} of {group.records} ({group.verified_share:.0%}){unchecked}"]
    lines += [f"{title}: {counts(dict(sorted(found.items())))}" for title, found in rows.items()]
    return [*lines, f"J_max: mean {group.j_max.mean:.2f}, σ {group.j_max.sigma:.2f}"]
