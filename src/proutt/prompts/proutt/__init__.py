"""The steps of ProUtt: one module per kind of step, one reviewed text per step and language beside it."""

from proutt.prompts.proutt.annotate import Annotate, FlatRoundAnswer, RoundAnswer
from proutt.prompts.proutt.editing import Distinguish, Revise, Reword
from proutt.prompts.proutt.judge import JudgeSimilarity
from proutt.prompts.proutt.reasoning import PredictPaths, SentenceTypes, candidates_alike, candidates_of, chains_of
from proutt.prompts.proutt.small import (
    AnnotateUtterance,
    Brainstorm,
    Revision,
    Rewording,
    SmallSentenceTypes,
    Write,
    parse_path,
)

__all__ = [
    "Annotate",
    "AnnotateUtterance",
    "Brainstorm",
    "Distinguish",
    "FlatRoundAnswer",
    "JudgeSimilarity",
    "PredictPaths",
    "Revise",
    "Revision",
    "Reword",
    "Rewording",
    "RoundAnswer",
    "SentenceTypes",
    "SmallSentenceTypes",
    "Write",
    "candidates_alike",
    "candidates_of",
    "chains_of",
    "parse_path",
]
