"""Statistics and audits of preference pairs; pure."""

from proutt.quality.statistics import GroupStatistics, as_json, statistics
from proutt.quality.tokens import ESTIMATE, TokenCounter, estimated_tokens, tokenizer_counter

__all__ = [
    "ESTIMATE",
    "GroupStatistics",
    "TokenCounter",
    "as_json",
    "estimated_tokens",
    "statistics",
    "tokenizer_counter",
]
