"""Which dialogues of a corpus are trained on, and with whom the next one is made (Algorithm 2, lines 3 to 14). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from proutt.methods.upc.difficulty import Difficulty, Untouched
from proutt.methods.upc.record import UPCDialogue


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen by.

    measure          what is easy
    easy             easy dialogues alone are trained on (CL); False: all are
    include_flagged  dialogues that a check flagged, too
    """

    measure: Difficulty
    easy: bool
    include_flagged: bool

    def takes(self, dialogue: UPCDialogue) -> bool:
        """Whether a dialogue is trained on. Raises ValueError where its difficulty counts and nobody scored it."""
        if dialogue.flags and not self.include_flagged:
            return False
        return not self.easy or self.measure.is_easy(dialogue)


@dataclass(frozen=True, slots=True)
class Selection:
    """What became of a corpus. taken, easy: ids of personas, in the order of the corpus.

    easy   those whose dialogue is easy, trained on or not; None where nobody scored
    by     how many are easy by each reading of equation (3), alpha and beta the same; None where nobody scored
    """

    dialogues: int
    taken: tuple[str, ...]
    flagged: int
    easy: tuple[str, ...] | None
    by: dict[str, int] | None

    @property
    def easy_share(self) -> float | None:
        """Of the dialogues made, 0..1 (the bars of figure 5)."""
        return None if self.easy is None or not self.dialogues else len(self.easy) / self.dialogues

    def as_record(self) -> dict[str, Any]:
        return {
            "dialogues": self.dialogues,
            "flagged": self.flagged,
            "taken": len(self.taken),
            "easy": None if self.easy is None else len(self.easy),
            "easy_share": None if self.easy_share is None else round(self.easy_share, 4),
            "easy_by_reading": self.by,
        }


def selection_of(dialogues: Iterable[UPCDialogue], choice: Choice) -> Selection:
    """What is trained on of a corpus."""
    measure = choice.measure
    readings = {name: Difficulty(measure.alpha, measure.beta, name) for name in get_args(Untouched)}
    count = flagged = 0
    scored = True
    taken, easy, by = [], [], dict.fromkeys(readings, 0)
    for each in dialogues:
        count += 1
        flagged += bool(each.flags)
        if choice.takes(each):
            taken.append(each.persona_id)
        scored = scored and all(turn.scores is not None for turn in each.turns)
        if not scored:
            continue
        for name, reading in readings.items():
            by[name] += reading.is_easy(each)
        if measure.is_easy(each):
            easy.append(each.persona_id)
    known = scored and count > 0
    return Selection(count, tuple(taken), flagged, tuple(easy) if known else None, by if known else None)
