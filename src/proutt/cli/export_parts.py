"""`proutt export --parts-to`: an export once more, in parts, in a folder or behind a URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from proutt.cli.run_options import with_options
from proutt.errors import UserError

#: Adds `--parts-to` (parts_to) and `--part-rows` (part_rows).
parts_options = with_options(
    click.option(
        "--parts-to",
        metavar="FOLDER|URL",
        help="Write the rows there, too, in parts with a manifest; s3://, gs://, ... need pip install 'proutt[cloud]'.",
    ),
    click.option(
        "--part-rows",
        type=click.IntRange(min=1),
        metavar="N",
        help="With --parts-to: rows of a part.  [default: 100000]",
    ),
)


def refuse_parts(names: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise UserError for options that don't go together, before anything is read."""
    if given["parts_to"] is None:
        if given["part_rows"] is not None:
            raise UserError("there is nowhere to put parts.", where="--part-rows", remedy="Give --parts-to, too.")
        return
    if len(names) > 1:
        remedy = "Give one --to at a time, and a place each."
        raise UserError("a place of parts has one format.", where="--parts-to", remedy=remedy)
    from proutt.export.store import store_of

    store_of(given["parts_to"])


def parts_line(folder: Path, manifest: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Put an export in parts where they are wanted; what came of it."""
    from proutt.dialogue.sources import shown
    from proutt.export.parts import PART_ROWS, put_in_parts

    put = put_in_parts(folder, manifest, given["parts_to"], rows=given["part_rows"] or PART_ROWS)
    kept = f" ({put.kept} were there already)" if put.kept else ""
    return f"Put {len(put.manifest['files'])} files{kept} and their manifest into {shown(given['parts_to'])}"
