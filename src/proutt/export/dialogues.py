"""Exporting SynPT's dialogues: which are taken, which stay together in a split, and what the manifest says of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.dialogue_rows import DialogueForm, check_form, dialogue_instruction_version, examples_of
from proutt.export.dialogue_tally import FLAGGED, INCOMPLETE, DialogueTally
from proutt.export.example import Example
from proutt.export.reading.dialogues import DialogueRow
from proutt.export.write import ExportSettings, export_examples
from proutt.methods.synpt.record import SynPTDialogue


@dataclass(frozen=True, slots=True)
class DialogueExport:
    """What is taken and how it is split.

    include_flagged  take dialogues that a check flagged and those without a summary, too
    apart            an intention: dialogues whose seeds agree in it stay on one side of a split, as the paper's test
                     set has other cities than its training set; None: only seeds of the same values do
    """

    form: DialogueForm = field(default_factory=DialogueForm)
    include_flagged: bool = False
    apart: str | None = None


@dataclass(slots=True)
class _Seen(DialogueTally):
    known_apart: bool = False
    tasks: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def add(self, dialogue: SynPTDialogue) -> None:
        self.add_made(dialogue)
        self.tasks[dialogue.task] += 1
        self.ends[dialogue.end] += 1


def export_dialogues(
    rows: Iterable[DialogueRow], out: Path, settings: ExportSettings, order: DialogueExport
) -> dict[str, Any]:
    """Write the dialogues into the folder `out` and return the manifest that was written beside them.

    Raises UserError where the format can't hold such rows, and as `export_pairs` does.
    """
    check_form(settings.format, order.form)
    seen = _Seen()
    return export_examples(_examples(rows, order, seen), out, settings, lambda: _about(seen, order))


def _examples(
    rows: Iterable[DialogueRow], order: DialogueExport, seen: _Seen
) -> Iterator[tuple[Example, tuple[str, ...]]]:
    for row in rows:
        dialogue = row.dialogue
        seen.read += 1
        seen.known_apart = seen.known_apart or order.apart in dialogue.values
        reason = None if order.include_flagged else left_out(dialogue)
        if reason is not None:
            seen.left_out[reason] += 1
            continue
        seen.add(dialogue)
        marks = marks_of(dialogue, order.apart)
        for example in examples_of(dialogue, order.form):
            yield example, marks
    _refuse(seen, order)


def left_out(dialogue: SynPTDialogue) -> str | None:
    """Why a dialogue is not exported by default; None where it is."""
    if not dialogue.complete:
        return INCOMPLETE
    return FLAGGED if dialogue.flags else None


def marks_of(dialogue: SynPTDialogue, apart: str | None) -> tuple[str, ...]:
    """What keeps a dialogue with others: the values of its seed, and the value of one intention."""
    if not dialogue.values:
        return ()
    seed = json.dumps([dialogue.task, *sorted(dialogue.values.items())], ensure_ascii=False)
    value = dialogue.values.get(apart) if apart is not None else None
    return (seed,) if value is None else (seed, f"{apart}={value}")


def _refuse(seen: _Seen, order: DialogueExport) -> None:
    """Say why nothing is left, or that no seed has the intention that a split goes by."""
    seen.refuse_empty()
    if order.apart is not None and not seen.known_apart:
        remedy = "Name an intention by its key, as the seeds do: destination."
        raise UserError(f"no seed has an intention {order.apart!r}.", where="--apart", remedy=remedy)


def _about(seen: _Seen, order: DialogueExport) -> dict[str, Any]:
    """The manifest's part on dialogues; what it says of models and methods stands where it does for pairs."""
    form = order.form
    return {
        "instruction": form.instruction,
        "instruction_version": dialogue_instruction_version(),
        "synpt": {
            "rows": form.rows,
            "thinking": form.thinking,
            "apart": order.apart,
            **seen.counts(),
            "tasks": dict(sorted(seen.tasks.items())),
            "ends": dict(sorted(seen.ends.items())),
        },
        **seen.origin.as_json(),
    }
