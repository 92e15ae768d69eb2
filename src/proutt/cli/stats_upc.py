"""`proutt stats` of UPC's dialogues: regenerations (Table 3), scores by turn, how both sides speak, who is easy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.reading import BadRows
from proutt.cli.stats_dialogues import counts_line, plain_table
from proutt.prompts.upc.heard import ASPECTS

if TYPE_CHECKING:
    from rich.table import Table

    from proutt.methods.upc.record import UPCDialogue


def print_statistics(source: Path, *, tokenizer: str | None, skip_bad: bool, as_json: bool) -> None:
    """Read the dialogues and print. Raises UserError where there are none."""
    from proutt.errors import UserError
    from proutt.export.reading.upc import upc_dialogues_in
    from proutt.quality.tokens import ESTIMATE, tokenizer_counter
    from proutt.quality.upc_statistics import upc_statistics
    from proutt.simulation.upc.summary import CorpusFacts

    bad, facts = BadRows(), CorpusFacts()

    def dialogues() -> Iterator[UPCDialogue]:
        for row in upc_dialogues_in(source, on_bad=bad.add if skip_bad else None):
            facts.add(row.dialogue)
            yield row.dialogue

    counter = ESTIMATE if tokenizer is None else tokenizer_counter(tokenizer)
    spoken = upc_statistics(dialogues(), counter)
    bad.tell()
    if not facts.dialogues:
        raise UserError("no dialogue of it can be read.", where=str(source), remedy="Mend the file, or name another.")
    numbers = {"unreadable": bad.count, **facts.shown(), **spoken.as_json()}
    if as_json:
        click.echo(json.dumps(numbers, ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for line in _lines(numbers):
        console.print(line)
    if numbers["scores"]["said"] is not None:
        console.print(_scores(numbers))
    console.print(_speech(numbers["said"]))
    how = "estimated; give --tokenizer to count" if counter.estimated else "counted"
    console.print(
        f"Words, tokens and questions are means of an utterance. A Chinese character is a word. Tokens: {how}."
    )
    if len(numbers["groups"]) > 1:
        console.print(_groups(numbers["groups"]))


def _lines(numbers: Mapping[str, Any]) -> list[str]:
    dialogues, responses, again = numbers["dialogues"], numbers["responses"], numbers["regenerations"]
    lines = [
        f"Dialogues: {dialogues['all']:,}, {dialogues['flagged']:,} flagged; {numbers['turns']['mean']:.1f} turns each",
        f"Languages: {counts_line(numbers['languages'])}",
        f"Strategies: {counts_line(numbers['strategies'])}",
        f"Responses: {responses['all']:,} ({counts_line(responses['ended'])})",
    ]
    if again["rate"] is not None:
        lines += [
            f"Regeneration rate: {again['rate']:.1%} (Table 3)",
            f"Regenerations of a response: {again['mean']:.2f} on average (Table 3); "
            + ", ".join(f"{number}: {count:,}" for number, count in again["counts"].items()),
        ]
    if numbers["easy"] is not None:
        both = (f"{count:,} of {dialogues['all']:,} by “{name}”" for name, count in numbers["easy"].items())
        lines.append(f"Easy dialogues (alpha 3, beta 2): {'; '.join(both)}")
    if numbers["flags"]:
        lines.append(f"Flags: {counts_line(numbers['flags'])}")
    return lines


def _scores(numbers: Mapping[str, Any]) -> Table:
    """Scores of the responses that were said, turn by turn; of first attempts and of said ones over all."""
    table = plain_table("Scores", ("Relevance", "Value", "Interest"))
    rows = [(f"turn {turn}", scores) for turn, scores in numbers["scores_by_turn"].items() if scores is not None]
    both = numbers["scores"]
    for name, scores in [*rows, ("first attempts", both["first"]), ("said", both["said"])]:
        table.add_row(name, *(f"{scores[aspect]:.2f}" for aspect in ASPECTS))
    return table


def _speech(said: Mapping[str, Any]) -> Table:
    table = plain_table("What is said", tuple(name.capitalize() for name in said))
    rows: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "utterances": lambda each: f"{each['utterances']:,}",
        "words": lambda each: f"{each['words']['mean']:.1f} (σ {each['words']['sigma']:.1f})",
        "tokens": lambda each: f"{each['tokens']:.1f}",
        "questions": lambda each: f"{each['questions']:.2f}",
        "with a question": lambda each: f"{each['asking']:.0%}",
        "different words": lambda each: f"{each['vocabulary']:,}",
        "distinct-1": lambda each: "–" if each["distinct_1"] is None else f"{each['distinct_1']:.3f}",
        "distinct-2": lambda each: "–" if each["distinct_2"] is None else f"{each['distinct_2']:.3f}",
    }
    for name, shown in rows.items():
        table.add_row(name, *map(shown, said.values()))
    return table


def _groups(groups: Mapping[str, Any]) -> Table:
    from rich.text import Text

    from proutt.cli.terminal import one_line

    table = plain_table("Group", ("Dialogues", "Regenerated", "Relevance", "Value", "Interest"))
    for name, group in groups.items():
        rate, scores = group["regeneration_rate"], group["scores"]
        table.add_row(
            Text(one_line(name, 24)),
            f"{group['dialogues']:,}",
            "–" if rate is None else f"{rate:.0%}",
            *("–" if scores is None else f"{scores[aspect]:.2f}" for aspect in ASPECTS),
        )
    return table
