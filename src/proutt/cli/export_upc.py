"""What `proutt export` does with UPC's dialogues: its options, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from proutt.cli.export_dialogues import Exporting

#: option → what the command calls it; they are for UPC's dialogues alone
OWN = {"--difficulty": "difficulty", "--alpha": "alpha", "--beta": "beta", "--untouched": "untouched"}

OPTIONS = (
    click.option(
        "--difficulty",
        type=click.Choice(("easy", "all")),
        help="UPC: which dialogues.  [default: easy ones as SFT rows, where they were scored; of pairs all]",
    ),
    click.option("--alpha", type=click.IntRange(1, 5), help="UPC: the least score of an easy turn.  [default: 3]"),
    click.option(
        "--beta", type=click.IntRange(0, 3), help="UPC: how many scores a regeneration must raise.  [default: 2]"
    ),
    click.option(
        "--untouched",
        type=click.Choice(("pass", "letter")),
        help="UPC: a turn that was not written again is held to alpha alone, or to the letter of equation (3).  "
        "[default: pass]",
    ),
)


def upc_order(run: str, names: Sequence[str], given: Mapping[str, Any]) -> Exporting:
    """What writes a format of the run. Raises UserError for a format that can't hold such rows, before anything is
    written."""
    from proutt.cli.export_dialogues import check_apart
    from proutt.errors import UserError
    from proutt.export.reading.upc import upc_dialogues_in
    from proutt.export.upc import UPCExport, export_upc
    from proutt.export.upc_rows import check_whole, rows_of
    from proutt.methods.upc.difficulty import Difficulty

    check_apart(given)
    if given["apart"] not in (None, "group"):
        raise UserError("personas are kept apart by group alone.", where="--apart", remedy="Give --apart group.")
    if given["difficulty"] == "all" and any(given[name] is not None for name in ("alpha", "beta", "untouched")):
        remedy = "Leave --alpha, --beta and --untouched out, or give --difficulty easy."
        raise UserError("all dialogues are taken, however difficult.", where="--difficulty", remedy=remedy)
    for name in names:
        check_whole(name) if given["whole_dialogues"] else rows_of(name)
    measure = {name: given[name] for name in ("alpha", "beta", "untouched") if given[name] is not None}
    order = UPCExport(
        instruction="none" if given["instruction"] == "none" else "chatbot",
        difficulty=given["difficulty"],
        measure=Difficulty(**measure),
        include_flagged=given["include_flagged"],
        apart=given["apart"] is not None,
    )
    return lambda folder, settings: export_upc(upc_dialogues_in(run), folder, settings, order)
