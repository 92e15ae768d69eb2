"""The steps of predicting that training has no use for: which sentence type is the likeliest."""

from proutt.prompts.prediction.likely_type import LikelyType

__all__ = ["LikelyType"]
