"""Questions that only an evaluation asks."""

from proutt.prompts.evaluation.compare import Compare, CompareAnswer

__all__ = ["Compare", "CompareAnswer"]
