"""`proutt personas split`: personas by occupation group, none in two splits."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from proutt.cli.personas_reading import READING, read_all
from proutt.cli.run_options import with_options
from proutt.errors import UserError


@click.command("split")
@with_options(
    *READING,
    click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files."),
    click.option("--train", type=click.IntRange(min=0), default=500, show_default=True, help="Personas to train on."),
    click.option("--validation", type=click.IntRange(min=0), default=100, show_default=True,
                 help="Personas that tell when to stop."),
    click.option("--test", type=click.IntRange(min=0), default=200, show_default=True, help="Personas to measure on."),
    click.option("--seed", type=int, default=0, show_default=True, help="Shuffles the groups."),
    click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON."),
)  # fmt: skip
def command(
    *,
    files: tuple[str, ...],
    language: str | None,
    strict: bool,
    out: Path | None,
    train: int,
    validation: int,
    test: int,
    seed: int,
    as_json: bool,
) -> int:
    """Split personas into train.jsonl, validation.jsonl and test.jsonl by occupation group.

    No group is in two splits. The sizes are met exactly where the groups' sizes allow it, else as nearly as can be.
    Where there are fewer personas than wanted in all, each split gets its share of them.

    \b
      proutt personas split people/personas.jsonl --out splits
    """
    from proutt.simulation.upc.split_files import write_splits

    if out is None:
        raise UserError("no folder named.", remedy="Give one, e.g. --out splits")
    if not train + validation + test:
        raise UserError("all three splits are to be empty.", remedy="Give --train, --validation or --test a number.")
    personas = read_all(files, language, strict=strict)
    account = write_splits(personas, (train, validation, test), out, seed=seed)
    click.echo(json.dumps(account, ensure_ascii=False, indent=2) if as_json else as_text(account, out))
    return 0


def as_text(account: Mapping[str, Any], out: Path) -> str:
    """What was done, for a person."""
    lines = []
    for name, split in account["splits"].items():
        lines.append(f"{name:<10}  {split['personas']:>5}  in {len(split['groups'])} groups{_asked(split)}")
    if account["unused"]:
        lines.append(f"{'unused':<10}  {account['unused']:>5}")
    return "\n".join([*lines, f"Files: {shlex.quote(str(out))}"])


def _asked(split: Mapping[str, Any]) -> str:
    """What was asked for, where it is not what came of it."""
    if split["personas"] == split["wanted"]:
        return ""
    if split["aimed"] != split["wanted"]:
        return f" (wanted {split['wanted']}; there are too few, so its share is {split['aimed']})"
    return f" (wanted {split['wanted']}; whole groups come no nearer)"
