"""What an export of dialogues counts on the way: how many, why some are left out, what made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proutt.errors import UserError
from proutt.export.origin import Made, Origin

FLAGGED, INCOMPLETE = "flagged by a check", "cut off before a summary"
DIFFICULT, UNSCORED = "difficult", "scored by nobody"
NO_PAIR = "without a reply that the critic preferred to the first"

#: What takes the dialogues of a reason all the same.
TAKEN_BY = {
    FLAGGED: "--include-flagged",
    INCOMPLETE: "--include-flagged",
    DIFFICULT: "--difficulty all",
    UNSCORED: "--difficulty all",
}


def dialogues_of(manifest: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a manifest says of SynPT's or UPC's dialogues; None where pairs were exported."""
    return manifest.get("synpt") or manifest.get("upc")


@dataclass(slots=True)
class DialogueTally:
    """Sums over dialogues; none is kept."""

    read: int = 0
    exported: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    origin: Origin = field(default_factory=Origin)

    def add_made(self, dialogue: Made) -> None:
        """Count a dialogue that is exported, and what made it."""
        self.exported += 1
        self.origin.add(dialogue)

    def refuse_empty(self) -> None:
        """Raise UserError where nothing is left, with what takes the dialogues all the same."""
        if self.read == 0:
            remedy = "See its summary.json for what became of them."
            raise UserError("nothing to export: the run has no dialogues.", remedy=remedy)
        if self.exported == 0:
            reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(self.left_out.items()))
            options = sorted({TAKEN_BY[reason] for reason in self.left_out if reason in TAKEN_BY})
            raise UserError(
                f"nothing to export: {self.read} dialogues were read and all left out ({reasons}).",
                remedy=f"Take them with {' '.join(options)}." if options else "Export SFT rows: --to messages-sft.",
            )

    def counts(self) -> dict[str, Any]:
        """The manifest's numbers: read = exported + left out."""
        return {
            "read": self.read,
            "exported": self.exported,
            "left_out": dict(sorted(self.left_out.items())),
        }
