"""`proutt personas stats`: what a set of personas is like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from proutt.cli.personas_reading import READING, read_all
from proutt.cli.run_options import with_options
from proutt.cli.run_summary import counts
from proutt.cli.terminal import one_line

#: Near-duplicates that are listed.
_SHOWN = 5


@click.command("stats")
@with_options(*READING, click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON."))
def command(*, files: tuple[str, ...], language: str | None, strict: bool, as_json: bool) -> int:
    """Say what personas are like: groups, words, names, near-duplicates, vocabulary.

    \b
      proutt personas stats people/personas.jsonl
    """
    from proutt.simulation.upc.persona_statistics import persona_statistics

    found = persona_statistics(read_all(files, language, strict=strict))
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else as_text(found))
    return 0


def as_text(found: Mapping[str, Any]) -> str:
    """The numbers for a person."""
    from proutt.simulation.upc.occupations import group_name

    words, near = found["words"], found["near"]
    languages = counts(found["languages"], most=5)
    lines = [
        f"{found['personas']} personas in {len(set(found['groups']) - {'-'})} groups; {languages}",
        f"Words (of Chinese, characters): {words['mean']:g} (σ {words['sigma']:g}, {words['least']}–{words['most']}); "
        f"{found['words_in_bounds']} of the length asked for",
        f"Names: {found['names']} different"
        + (f"; more than once: {counts(found['doubled_names'], most=8)}" if found["doubled_names"] else "")
        + (f"; frequent given names: {counts(found['given_names'], most=5)}" if found["given_names"] else ""),
        f"Vocabulary: {found['vocabulary']:,} words, {found['new_words']:g} for each 1000 of the text",
        f"Near-duplicates: {len(near)}" + "".join(f"\n  {_id(one)} and {_id(other)}" for one, other in near[:_SHOWN]),
        "Groups:",
        *(
            f"  {count:>4}  {_id(code)}{_named(code, group_name(code, 'en'))}"
            for code, count in found["groups"].items()
        ),
    ]
    return "\n".join(lines)


def _named(code: str, name: str) -> str:
    return "  no group" if code == "-" else "" if name == code else f"  {name}"


def _id(text: str) -> str:
    return one_line(text, 60)
