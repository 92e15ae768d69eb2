"""What `proutt export` does with dialogues: their options, SynPT's order, and what is said of either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.export_upc import OPTIONS, OWN, upc_order

if TYPE_CHECKING:
    from proutt.export import ExportSettings

#: Writes one format into a folder, as the settings say; the manifest.
Exporting = Callable[[Path, "ExportSettings"], dict[str, Any]]

#: option → what the command calls it; none of them is for pairs
_SHARED = {"--whole-dialogues": "whole_dialogues", "--include-flagged": "include_flagged", "--apart": "apart"}
_SYNPT = {"--no-thinking": "no_thinking"}

_options = (
    click.option(
        "--whole-dialogues", is_flag=True, help="A row for each dialogue: the default of UPC, where it can be."
    ),
    click.option("--no-thinking", is_flag=True, help="SynPT: replies without what was thought."),
    click.option("--include-flagged", is_flag=True, help="Flagged and incomplete dialogues, too."),
    click.option(
        "--apart",
        metavar="INTENTION",
        help="With --split, seeds that agree in this intention stay on one side: destination. UPC: group.",
    ),
)


def dialogue_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that are for dialogues alone."""
    for option in reversed((*_options, *OPTIONS)):
        command = option(command)
    return command


def dialogue_order(run: str | None, names: Sequence[str], given: Mapping[str, Any]) -> Exporting | None:
    """What writes a format of a run of dialogues; None where the run has none. run: None of feedback.

    Raises UserError for options and formats that are for another kind.
    """
    from proutt.export.reading.dialogues import dialogues_in, holds_dialogues
    from proutt.export.reading.upc import holds_upc

    if run is not None and holds_upc(run):
        refuse_foreign(run, given, _SYNPT, ("structured", "minimal", "task"), "UPC's dialogues")
        return upc_order(run, names, given)
    if run is None or not holds_dialogues(run):
        refuse_foreign(run, given, _SHARED | _SYNPT | OWN, ("task", "chatbot", "none"), "pairs")
        return None
    refuse_foreign(run, given, OWN, ("structured", "minimal", "chatbot"), "SynPT's dialogues")
    check_apart(given)
    from proutt.export.dialogue_rows import DialogueForm, check_form
    from proutt.export.dialogues import DialogueExport, export_dialogues

    form = DialogueForm(
        rows="whole" if given["whole_dialogues"] else "answers",
        thinking=not given["no_thinking"],
        instruction="task" if given["instruction"] == "task" else "none",
    )
    for name in names:
        check_form(name, form)
    order = DialogueExport(form, given["include_flagged"], given["apart"])
    return lambda folder, settings: export_dialogues(dialogues_in(run), folder, settings, order)


def refuse_foreign(
    run: str | None, given: Mapping[str, Any], options: Mapping[str, str], instructions: Sequence[str], kind: str
) -> None:
    """Raise UserError where an option was given that is not for what the run holds."""
    from proutt.errors import UserError

    wrong = next((option for option, name in options.items() if given[name]), None)
    if wrong is None and given["instruction"] in instructions:
        wrong = f"--instruction {given['instruction']}"
    if wrong is not None:
        remedy = "Leave it out, or name a run that it is for (`proutt export --help`)."
        raise UserError(f"{wrong} is not for {kind}.", where=run or "--from-feedback", remedy=remedy)


def check_apart(given: Mapping[str, Any]) -> None:
    """Raise UserError where --apart stands alone."""
    from proutt.errors import UserError

    if given["apart"] is not None and given["split"] is None:
        raise UserError("--apart says how --split deals dialogues out.", where="--apart", remedy="Give --split, too.")


def exported_line(manifest: Mapping[str, Any]) -> str:
    """How many dialogues became how many rows."""
    from proutt.export.dialogue_tally import dialogues_of

    dialogues, rows = dialogues_of(manifest) or {}, manifest["pairs"]["exported"]
    return f"{dialogues['exported']} of {dialogues['read']} dialogues ({'1 row' if rows == 1 else f'{rows:,} rows'})"


def left_out_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Which dialogues were left out, and what takes them all the same."""
    from proutt.export.dialogue_tally import TAKEN_BY, dialogues_of

    left_out = (dialogues_of(manifest) or {"left_out": {}})["left_out"]
    hints = {reason: f" ({option} takes them)" for reason, option in TAKEN_BY.items()}
    return [f"Left out: {count} {reason}{hints.get(reason, '')}" for reason, count in left_out.items()]
