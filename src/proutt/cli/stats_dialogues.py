"""`proutt stats` of SynPT's dialogues: tables by task, then what they are made of and what they cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proutt.cli.reading import BadRows
from proutt.cli.run_summary import counts

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.methods.synpt.record import SynPTDialogue
    from proutt.quality.dialogue_statistics import DialogueStatistics, Range


def print_statistics(source: Path, *, skip_bad: bool, as_json: bool) -> None:
    """Read the dialogues and print. Raises UserError where there are none."""
    from proutt.errors import UserError
    from proutt.export.reading.dialogues import dialogues_in
    from proutt.quality.dialogue_statistics import dialogue_statistics

    bad, unread = BadRows(), Counter[str]()

    def dialogues() -> Iterator[SynPTDialogue]:
        for row in dialogues_in(source, on_bad=bad.add if skip_bad else None):
            unread.update(each.rpartition(": ")[2] for each in row.unread)
            yield row.dialogue

    groups = dialogue_statistics(dialogues())
    bad.tell()
    if not groups["all"].dialogues:
        remedy = "See its summary.json for what became of them."
        raise UserError("the run has no dialogues.", where=str(source), remedy=remedy)
    if as_json:
        told = {name: each.as_json() for name, each in groups.items()}
        numbers = {"unreadable": bad.count, "not_read": dict(sorted(unread.items())), "groups": told}
        click.echo(json.dumps(numbers, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.print(_by_task(groups))
    console.print("Initial inquiries are measured in words; a Chinese character is a word.\n")
    for line in _lines(groups["all"]):
        console.print(line)
    if unread:
        console.print(f"Not read of released thinking: {_by_name(unread)}")
    if groups["all"].modules:
        console.print(_by_module(groups["all"]))


def _by_task(groups: Mapping[str, DialogueStatistics]) -> Table:
    from rich.text import Text

    from proutt.cli.terminal import one_line

    table = _table("Task", ("Dialogues", "Turns", "Complete", "Flagged", "Reluctant", "Words", "σ", "Chars", "Tokens"))
    for name, group in groups.items():
        complete = group.dialogues - group.ends["most-turns"]
        tokens = group.usage["prompt_tokens"] + group.usage["completion_tokens"]
        table.add_row(
            Text(one_line(name, 24)),
            f"{group.dialogues:,}",
            f"{group.turns.moments.mean:.2f}",
            f"{complete / group.dialogues:.0%}",
            f"{group.flagged / group.dialogues:.0%}",
            f"{group.reluctant / group.dialogues:.0%}",
            f"{group.words.moments.mean:.1f}",
            f"{group.words.moments.sigma:.1f}",
            f"{group.characters.moments.mean:.1f}",
            f"{tokens / group.dialogues:,.0f}",
        )
    return table


def _lines(group: DialogueStatistics) -> list[str]:
    from proutt.cli.terminal import one_line

    low, high = group.reluctant_interval
    share = group.reluctant / group.dialogues
    lines = [
        f"Methods: {_by_name(group.methods)}",
        f"Languages: {_by_name(group.languages)}",
        f"Ends: {_by_name(group.ends)}",
        f"Reluctant users: {group.reluctant} of {group.dialogues} ({share:.0%}, 95% {low:.0%}–{high:.0%})",
        f"Initial inquiries: {_range(group.words)} words, {_range(group.characters)} characters",
    ]
    if group.chosen:
        lines.append(f"Intentions chosen for them: {_by_size(group.chosen)}")
    if group.given:
        lines.append(f"Intentions given by them: {_by_size(group.given)}")
    if group.flags:
        lines.append(f"Flags: {', '.join(f'{one_line(name, 40)} {n}' for name, n in group.flags.most_common())}")
    if group.again:
        lines.append(f"Made again until valid: {group.again}")
    return lines


def _range(found: Range) -> str:
    return f"{found.moments.mean:.1f} (σ {found.moments.sigma:.1f}, {found.least}–{found.most})"


def _by_name(found: Mapping[str, int]) -> str:
    return counts(dict(sorted(found.items())))


def _by_size(found: Mapping[int, int]) -> str:
    return ", ".join(f"{size}: {count:,}" for size, count in sorted(found.items()))


def _by_module(group: DialogueStatistics) -> Table:
    """What a dialogue takes, by what was asked: the token rows of Tables III, VI, VII and X."""
    from rich.text import Text

    from proutt.cli.terminal import one_line

    table = _table("Module", ("Calls", "Prompt tokens", "Completion tokens", "Tokens a dialogue"))
    for name, usage in [*sorted(group.modules.items()), ("all", group.usage)]:
        tokens = usage["prompt_tokens"] + usage["completion_tokens"]
        table.add_row(
            Text(one_line(name, 40)),
            f"{usage['calls']:,}",
            f"{usage['prompt_tokens']:,}",
            f"{usage['completion_tokens']:,}",
            f"{tokens / group.dialogues:,.1f}",
        )
    return table


def _table(first: str, headings: tuple[str, ...]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(first)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table
