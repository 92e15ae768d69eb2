"""Similarity of an utterance to the truth, 0..1. The judging rooms see the truth."""

from proutt.judge.judge import Judge, JudgeScore, LLMJudge, SimilarityJudge

__all__ = ["Judge", "JudgeScore", "LLMJudge", "SimilarityJudge"]
