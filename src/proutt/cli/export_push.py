"""`proutt export --push`: an export uploaded to the hub, as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from proutt.cli.run_options import with_options
from proutt.cli.terminal import plain
from proutt.errors import UserError

#: Adds `--push` (push_to) and `--public`.
push_options = with_options(
    click.option("--push", "push_to", metavar="OWNER/NAME", help="Upload the files to the hub, as a private data set."),
    click.option("--public", is_flag=True, help="With --push: for everybody to see."),
)


def refuse_push(names: Sequence[str], push_to: str | None, *, public: bool) -> None:
    """Raise UserError for options that don't go together, before anything is read."""
    if push_to is None:
        if public:
            remedy = "Give --push OWNER/NAME, too."
            raise UserError("--public says how --push publishes.", where="--public", remedy=remedy)
        return
    from proutt.export.hub import checked_name

    checked_name(push_to)
    if len(names) > 1:
        remedy = "Give one --to at a time, and a name each."
        raise UserError("a data set of the hub has one format.", where="--push", remedy=remedy)


def push(folder: Path, name: str, *, public: bool, say: bool) -> None:
    """Upload an export. say: what goes where is told, before and after."""
    from proutt.export import hub

    plan = hub.plan_push(folder, name, public=public)
    if say:
        seen = "for everybody to see" if public else "private"
        size = f"{plan.size / 1e6:,.1f} MB"
        click.echo(plain(f"\nUploading {len(plan.files)} files, {size}, to the data set {plan.name} ({seen})."))
        click.echo("Dialogues can hold personal data: `proutt audit` looks for it. The card names no licence yet.")
    address = hub.push(plan)
    if say:
        click.echo(plain(f"Uploaded: {address}"))
