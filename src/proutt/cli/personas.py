"""`proutt personas`: the people whom user agents play, written, told apart and counted."""

from __future__ import annotations

import click

from proutt.cli.lazy import LazyGroup

VERBS = {
    "generate": ("proutt.cli.personas_generate", "Write personas of ISCO-08's occupation groups with a model."),
    "split": ("proutt.cli.personas_split", "Split personas by occupation group, none in two splits."),
    "stats": ("proutt.cli.personas_stats", "Groups, words, names and near-duplicates of personas."),
}


@click.group("personas", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Make and look at personas: who a user agent is, and what a chatbot has to find out (UPC).

    \b
      proutt personas generate --out people
      proutt personas split people/personas.jsonl --out splits
      proutt personas stats people/personas.jsonl
    """
