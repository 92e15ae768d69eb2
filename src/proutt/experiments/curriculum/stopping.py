"""When a curriculum ends before its last iteration, and which iteration is its result. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def stops(scores: Sequence[float | None], patience: int | None) -> bool:
    """Whether the last `patience` validations were no better than the best one before them.

    scores  validation mean of each iteration, 1..5; None where it was not measured, and then it does not count
    """
    measured = [each for each in scores if each is not None]
    if patience is None or len(measured) <= patience:
        return False
    return max(measured[-patience:]) <= max(measured[:-patience])


def best_of(scores: Sequence[float | None], trained: Collection[int]) -> int:
    """The place, from 0, of the iteration that is the result: the highest score, of equals the earliest; where nothing
    was measured the last one that trained.

    trained  places of the iterations that trained a chatbot. Raises ValueError where none did.
    """
    measured = [(score, -at) for at, score in enumerate(scores) if score is not None and at in trained]
    return -max(measured)[1] if measured else max(trained)
