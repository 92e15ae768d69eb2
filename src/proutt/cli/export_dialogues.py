"""What `proutt export` does with SynPT's dialogues: its options, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from proutt.export import ExportSettings
    from proutt.export.dialogues import DialogueExport

#: option → what the command calls it; none of them is for pairs
_OWN = {
    "--whole-dialogues": "whole_dialogues",
    "--no-thinking": "no_thinking",
    "--include-flagged": "include_flagged",
    "--apart": "apart",
}

_options = (
    click.option("--whole-dialogues", is_flag=True, help="SynPT: a row for each dialogue, not for each answer."),
    click.option("--no-thinking", is_flag=True, help="SynPT: replies without what was thought."),
    click.option("--include-flagged", is_flag=True, help="SynPT: flagged and incomplete dialogues, too."),
    click.option(
        "--apart",
        metavar="INTENTION",
        help="SynPT: with --split, seeds that agree in this intention stay on one side: destination.",
    ),
)


def dialogue_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that are for dialogues alone."""
    for option in reversed(_options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class DialogueOrder:
    """What is exported of which run."""

    run: str
    order: DialogueExport

    def export(self, folder: Path, settings: ExportSettings) -> dict[str, Any]:
        """Write one format; the manifest."""
        from proutt.export.dialogues import export_dialogues
        from proutt.export.reading.dialogues import dialogues_in

        return export_dialogues(dialogues_in(self.run), folder, settings, self.order)


def dialogue_order(run: str | None, names: Sequence[str], given: Mapping[str, Any]) -> DialogueOrder | None:
    """What the options say of a run of dialogues; None where the run has none. run: None of feedback.

    Raises UserError for options and formats that are for the other kind.
    """
    from proutt.errors import UserError
    from proutt.export.reading.dialogues import holds_dialogues

    if run is None or not holds_dialogues(run):
        wrong = next((option for option, name in _OWN.items() if given[name]), None)
        if wrong is None and given["instruction"] in ("task", "none"):
            wrong = f"--instruction {given['instruction']}"
        if wrong is not None:
            remedy = "Leave it out, or name a run of `proutt simulate synpt`."
            raise UserError(f"{wrong} is for SynPT's dialogues.", where=run or "--from-feedback", remedy=remedy)
        return None
    if given["instruction"] in ("structured", "minimal"):
        raise UserError(
            f"--instruction {given['instruction']} is for pairs.", where=run, remedy="Give `task` or `none`."
        )
    if given["apart"] is not None and given["split"] is None:
        raise UserError("--apart says how --split deals dialogues out.", where="--apart", remedy="Give --split, too.")
    from proutt.export.dialogue_rows import DialogueForm, check_form
    from proutt.export.dialogues import DialogueExport

    form = DialogueForm(
        rows="whole" if given["whole_dialogues"] else "answers",
        thinking=not given["no_thinking"],
        instruction="task" if given["instruction"] == "task" else "none",
    )
    for name in names:
        check_form(name, form)
    return DialogueOrder(run, DialogueExport(form, given["include_flagged"], given["apart"]))


def exported_line(manifest: Mapping[str, Any]) -> str:
    """How many dialogues became how many rows."""
    synpt, rows = manifest["synpt"], manifest["pairs"]["exported"]
    return f"{synpt['exported']} of {synpt['read']} dialogues ({'1 row' if rows == 1 else f'{rows:,} rows'})"


def left_out_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Which dialogues were left out, and what takes them all the same."""
    left_out = manifest["synpt"]["left_out"] if "synpt" in manifest else {}
    return [f"Left out: {count} {reason} (--include-flagged takes them)" for reason, count in left_out.items()]
