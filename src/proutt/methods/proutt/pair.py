"""What Algorithm 1 makes of one dialogue and one K: a prediction, two sides, a pair; or the reason why no pair."""

from __future__ import annotations

from dataclasses import dataclass, replace

from proutt.dialogue import Context
from proutt.intent import Candidate, IntentTree, SentenceType, Trajectory, Truth, normal
from proutt.judge import JudgeScore
from proutt.methods.proutt.edits import Edit, Edits, Replacement


@dataclass(frozen=True)
class Side:
    """One side of a pair: its trajectory and what was done to get it.

    changed  positions whose utterance is not the predicted one
    worded   of them, those that the last try wrote
    scores   the judge's, one per candidate; empty where nothing was verified
    tries    how many edits it took
    """

    trajectory: Trajectory
    edit: Edit
    replaced: tuple[Replacement, ...] = ()
    changed: tuple[int, ...] = ()
    worded: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    tries: int = 1


@dataclass(frozen=True)
class Prediction:
    """(R^p, Û, J): the 2Q candidates before any edit, their scores, and the chains r_s of all sentence types."""

    candidates: tuple[Candidate, ...]
    scores: tuple[JudgeScore, ...]
    chains: dict[SentenceType, str]

    @property
    def j_max(self) -> float:
        return max(each.score for each in self.scores)


@dataclass(frozen=True)
class Pair:
    """One element of 𝒮 before it is written down."""

    context: Context
    tree: IntentTree | None
    truth: Truth
    prediction: Prediction
    edits: Edits
    chosen: Side
    rejected: Side


class Skipped(Exception):
    """A (dialogue, K) that the method makes no pair of, with the reason as a slug."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def better(name: str, side: Side, before: Side) -> Side:
    """The better of two tries: on the chosen side the nearer one; on the rejected side, position by position, the
    farther one."""
    if name == "chosen":
        return replace(side if max(side.scores) > max(before.scores) else before, tries=side.tries)
    back = [at for at in side.worded if side.scores[at] >= before.scores[at]]
    candidates, scores = list(side.trajectory.candidates), list(side.scores)
    for at in back:
        candidates[at], scores[at] = before.trajectory.candidates[at], before.scores[at]
    said = [normal(each.utterance) for each in candidates]
    if len(set(said)) < len(said):  # the tries traded places: a mixture would say one thing twice
        return replace(before, tries=side.tries)
    replaced = [each for each in side.replaced if each.position not in back]
    replaced += [each for each in before.replaced if each.position in back]
    return replace(
        side,
        trajectory=replace(side.trajectory, candidates=tuple(candidates)),
        replaced=tuple(sorted(replaced, key=lambda each: each.position)),
        scores=tuple(scores),
    )
