"""Exporting UPC's dialogues: which are taken, which stay together in a split, and what the manifest says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from proutt.errors import UserError
from proutt.export.dialogue_tally import DIFFICULT, FLAGGED, NO_PAIR, UNSCORED, DialogueTally
from proutt.export.example import Example
from proutt.export.reading.upc import UPCRow
from proutt.export.upc_rows import (
    UPCForm,
    UPCInstruction,
    UPCRows,
    examples_of,
    preferred,
    rows_of,
    upc_instruction_version,
)
from proutt.export.write import ExportSettings, export_examples
from proutt.methods.upc.difficulty import Difficulty
from proutt.methods.upc.record import UPCDialogue

Taken = Literal["easy", "all"]


@dataclass(frozen=True, slots=True)
class UPCExport:
    """What is taken and how it is split.

    difficulty       "easy": what the curriculum trains on (Algorithm 2), and nothing that nobody scored; "all"; None:
                     of SFT rows the easy dialogues and those that nobody scored, of pairs all
    measure          what is easy
    include_flagged  take dialogues that a check flagged, too
    apart            personas of one group stay on one side of a split
    """

    instruction: UPCInstruction = "chatbot"
    difficulty: Taken | None = None
    measure: Difficulty = field(default_factory=Difficulty)
    include_flagged: bool = False
    apart: bool = False

    def taken(self, rows: UPCRows) -> Taken:
        """What is taken of scored dialogues."""
        return self.difficulty or ("all" if rows == "pairs" else "easy")

    def left_out(self, dialogue: UPCDialogue, rows: UPCRows) -> str | None:
        """Why a dialogue is not exported; None where it is."""
        if dialogue.flags and not self.include_flagged:
            return FLAGGED
        if self.taken(rows) == "easy" and not dialogue.scored and self.difficulty is not None:
            return UNSCORED
        if self.taken(rows) == "easy" and dialogue.scored and not self.measure.is_easy(dialogue):
            return DIFFICULT
        return NO_PAIR if rows == "pairs" and not any(map(preferred, dialogue.turns)) else None


@dataclass(slots=True)
class _Seen(DialogueTally):
    unscored: int = 0
    groups: set[str] = field(default_factory=set)
    strategies: Counter[str] = field(default_factory=Counter)

    def add(self, dialogue: UPCDialogue) -> None:
        self.add_made(dialogue)
        self.unscored += not dialogue.scored
        self.strategies[str(dialogue.settings.get("strategy", "unknown"))] += 1
        if dialogue.group is not None:
            self.groups.add(dialogue.group)


def export_upc(rows: Iterable[UPCRow], out: Path, settings: ExportSettings, order: UPCExport) -> dict[str, Any]:
    """Write the dialogues into the folder `out` and return the manifest that was written beside them.

    The format decides what a row is (`rows_of`). Raises UserError where it can't hold such rows, where nothing is left,
    and as `export_pairs` does.
    """
    form, seen = UPCForm(rows_of(settings.format), order.instruction), _Seen()
    return export_examples(_examples(rows, form, order, seen), out, settings, lambda: _about(seen, form, order))


def _examples(
    rows: Iterable[UPCRow], form: UPCForm, order: UPCExport, seen: _Seen
) -> Iterator[tuple[Example, tuple[str, ...]]]:
    for row in rows:
        dialogue = row.dialogue
        seen.read += 1
        reason = order.left_out(dialogue, form.rows)
        if reason is not None:
            seen.left_out[reason] += 1
            continue
        seen.add(dialogue)
        marks = _marks(dialogue, apart=order.apart)
        for example in examples_of(dialogue, form):
            yield example, marks
    seen.refuse_empty()
    if order.apart and not seen.groups:
        remedy = "Leave it out, or name personas with a group."
        raise UserError("no persona of this run has a group.", where="--apart", remedy=remedy)


def _marks(dialogue: UPCDialogue, *, apart: bool) -> tuple[str, ...]:
    """What keeps a dialogue with others: whom it is with, and on demand the persona's group. It is written nowhere."""
    person = f"{dialogue.name}\n{dialogue.background}"
    return (person, f"group={dialogue.group}") if apart and dialogue.group is not None else (person,)


def _about(seen: _Seen, form: UPCForm, order: UPCExport) -> dict[str, Any]:
    """The manifest's part on dialogues; what it says of models and methods stands where it does for pairs."""
    taken = order.taken(form.rows)
    return {
        "instruction": form.instruction,
        "instruction_version": upc_instruction_version(),
        "upc": {
            "rows": form.rows,
            "difficulty": {"taken": taken, **(order.measure.as_record() if taken == "easy" else {})},
            "apart": "group" if order.apart else None,
            **seen.counts(),
            "unscored": seen.unscored,
            "strategies": dict(sorted(seen.strategies.items())),
            "groups": len(seen.groups),
        },
        **seen.origin.as_json(),
    }
