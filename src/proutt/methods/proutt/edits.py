"""Which side of a pair is edited, where, and with which path (ProUtt III-D.2 and III-D.3); pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from proutt.intent import Candidate, IntentPath, IntentTree, Perspective, Truth, near_paths, perspective_of


class Edit(StrEnum):
    KEEP = "keep"
    REVISE = "revise"
    PERTURB = "perturb"


@dataclass(frozen=True, slots=True)
class Edits:
    """What is done to the predicted reasoning to get each side."""

    chosen: Edit
    rejected: Edit

    @property
    def branch(self) -> str:
        """high, middle or low: which branch of Algorithm 1, lines 8 to 18."""
        if self.chosen is Edit.KEEP:
            return "high"
        return "low" if self.rejected is Edit.KEEP else "middle"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A path that takes the place of a candidate's: position over all 2Q from 0; turn None where a model wrote it."""

    position: int
    path: IntentPath
    turn: int | None


def edits_for(j_max: float, *, tau_low: float, tau_high: float) -> Edits:
    """Which side of a pair is edited, and how (Algorithm 1, lines 8-18).

    j_max is the best judge score of the 2Q utterances, 0..1. Both thresholds belong to their branch, as in the paper.
    """
    if j_max >= tau_high:
        return Edits(chosen=Edit.KEEP, rejected=Edit.PERTURB)
    if j_max <= tau_low:
        return Edits(chosen=Edit.REVISE, rejected=Edit.KEEP)
    return Edits(chosen=Edit.REVISE, rejected=Edit.PERTURB)


def revised_position(candidates: Sequence[Candidate], truth: Truth, rng: Random) -> int:
    """Where p_{K+1} goes: a random position of its perspective.

    Where a candidate has that path already, its position: the side would otherwise propose one intent twice.
    """
    positions = [at for at, each in enumerate(candidates) if each.perspective is truth.perspective]
    drawn = rng.choice(positions)
    same = [at for at in positions if _near_any(candidates[at].path, (truth.path,))]
    return same[0] if same else drawn


def perturbed_positions(
    candidates: Sequence[Candidate], scores: Sequence[float], truth: Truth, *, tau_low: float
) -> tuple[int, ...]:
    """Every candidate of the truth's perspective that came near the truth; at least the best. And `true_positions`.

    scores: one per candidate, 0..1. A score above tau_low is near.
    """
    positions = [at for at, each in enumerate(candidates) if each.perspective is truth.perspective]
    true = true_positions(candidates, truth)
    close = {at for at in positions if scores[at] > tau_low or at in true}
    return tuple(sorted({*(close or {max(positions, key=lambda at: scores[at])}), *true}))


def true_positions(candidates: Sequence[Candidate], truth: Truth) -> tuple[int, ...]:
    """Positions whose path is near a path of turn K+1, whatever their utterance scored and their perspective is.

    In the low branch too they cannot stay on the rejected side: no negative path is the truth.
    """
    return tuple(at for at, each in enumerate(candidates) if _near_any(each.path, truth.paths))


def future_replacements(
    futures: Sequence[tuple[IntentPath, int]],
    *,
    tree: IntentTree | None,
    truth: Truth,
    perspective: Perspective,
    staying: Sequence[IntentPath],
    rng: Random,
) -> list[tuple[IntentPath, int]]:
    """SAMPLEFUTUREPATH: the p_{K+ε}, ε ≥ 2, that may stand as wrong paths, in random order, with their turns.

    Left out are those near to a path of turn K+1 (III-D.3), to a path that stays on the side, to one another, and those
    that T^(K) already holds. Those of the perspective come first: they fit the place they take.
    """
    drawn = list(futures)
    rng.shuffle(drawn)
    kept: list[tuple[IntentPath, int]] = []
    for path, turn in drawn:
        barred = (*truth.paths, *staying, *(other for other, _ in kept))
        if not _near_any(path, barred) and not (tree is not None and tree.holds(path)):
            kept.append((path, turn))
    if tree is not None:
        kept.sort(key=lambda each: perspective_of(each[0], tree) is not perspective)
    return kept


def _near_any(path: IntentPath | None, others: Sequence[IntentPath]) -> bool:
    return path is not None and any(near_paths(path, other) for other in others)
