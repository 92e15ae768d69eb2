"""`proutt simulate`: dialogues between a user agent and an assistant or a chatbot, by the method of a paper."""

from __future__ import annotations

import click

from proutt.cli.lazy import LazyGroup

VERBS = {
    "synpt": ("proutt.cli.simulate_synpt", "Make a dialogue of each seed, in which implicit intentions are mined."),
    "synpt-seeds": ("proutt.cli.simulate_seeds", "Grow seeds for tasks with a model, without duplicates."),
    "upc": ("proutt.cli.simulate_upc", "Make a dialogue with each persona, guided by a critic."),
    "synpt-tasks": ("proutt.cli.simulate_seeds:tasks", "Print a task file to start from."),
}


@click.group("simulate", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Make dialogues: of what users want, with the agents' reasoning in them, or of who users are.

    \b
      proutt simulate synpt seeds.jsonl --out run
      proutt simulate upc personas.jsonl --out run
      proutt show run
    """
