"""One evaluation of a report: settings, warnings, tables and figures, and what its kinds have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.evaluation.figures import Panel
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.evaluation.tables import Table
from proutt.evaluation.upc.record import UPCEvaluated

#: What each kind of evaluation is called.
TITLES = {
    **{"pointwise": "Pointwise", "pairwise": "Pairwise", "agreement": "Agreement", "experiment": "Experiment"},
    **{"mining": "Mining intentions", "proactivity": "Proactivity"},
}


@dataclass(frozen=True)
class Part:
    """One evaluation. name: of its folder; settings: what and its value, as text; dialogues, scored: of SynPT, of
    UPC, to be read one by one."""

    kind: str
    name: str
    lead: str
    settings: Sequence[tuple[str, str]]
    warnings: Sequence[str]
    tables: Sequence[Table]
    panels: Sequence[Panel]
    dialogues: Sequence[EvaluatedDialogue] = ()
    scored: Sequence[UPCEvaluated] = ()

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def inconclusive(comparisons: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What to keep in mind where systems were compared with too few test cases."""
    open_ones = sum(each["finding"] == "inconclusive" for each in comparisons)
    if open_ones:
        yield (
            f"{open_ones} of {count(len(comparisons), 'comparison')} of systems inconclusive: too few test cases to "
            "find the difference that matters. This is not the same as no difference."
        )


def count(number: int, what: str) -> str:
    """The number with its noun: 1 dialogue, 12 dialogues."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
