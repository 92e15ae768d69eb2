"""How hard a user is to talk with (UPC 4.3, equations 2 and 3), and which dialogues are easy (Algorithm 2). Pure.

What a turn counts as whose response was not written again is open to reading. S - S' is zero there, so by the letter of
equation (3) fewer than β scores were boosted and the turn is difficult: the best responses would make a dialogue
difficult. The released code lets such a turn pass. Both are here, and whoever uses them records which was chosen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from proutt.methods.upc.record import UPCDialogue, UPCTurn

#: What a turn without regeneration is held to: both conditions ("letter"), or the scores alone ("pass").
Untouched = Literal["letter", "pass"]


@dataclass(frozen=True, slots=True)
class Difficulty:
    """The Communication Difficulty Measurer.

    alpha      least score of an easy turn, 1..5
    beta       least number of scores that regeneration boosted, 0..3
    untouched  what holds of a turn without regeneration
    """

    alpha: int = 3
    beta: int = 2
    untouched: Untouched = "pass"

    def __post_init__(self) -> None:
        if not 1 <= self.alpha <= 5 or not 0 <= self.beta <= 3 or self.untouched not in ("letter", "pass"):
            raise ValueError(f"no measure of difficulty: alpha={self.alpha}, beta={self.beta}, {self.untouched!r}")

    def difficult(self, first: tuple[int, ...], said: tuple[int, ...], *, regenerated: bool) -> bool:
        """Dif of a response. first: S' of the first attempt; said: S of the response that was said."""
        if min(said) < self.alpha:
            return True
        if not regenerated and self.untouched == "pass":
            return False
        boosted = sum(now > before for now, before in zip(said, first, strict=True))
        return boosted < self.beta

    def of_turn(self, turn: UPCTurn) -> bool:
        """Whether a turn is difficult. Raises ValueError where nobody scored it."""
        first, said = turn.first_scores, turn.scores
        if first is None or said is None:
            raise ValueError("a turn without scores has no difficulty")
        return self.difficult(first.numbers, said.numbers, regenerated=turn.regenerations > 0)

    def is_easy(self, dialogue: UPCDialogue) -> bool:
        """Whether no turn of a dialogue is difficult (Algorithm 2, lines 5 to 12); the greeting, which nobody scores,
        does not count. Raises ValueError where nobody scored it."""
        return not any(self.of_turn(turn) for turn in dialogue.turns)

    def as_record(self) -> dict[str, Any]:
        """The choice, for what records it."""
        return asdict(self)
