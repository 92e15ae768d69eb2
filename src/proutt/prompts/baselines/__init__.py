"""The questions of the baselines: which of them are told the truth is in their types (`InformedStep`)."""

from proutt.prompts.baselines.small import ForeseeOne, RefineOne, WriteOneKnowing, candidate_of
from proutt.prompts.baselines.steps import (
    Foresee,
    InformedStep,
    Profile,
    Refine,
    WriteKnowing,
    candidates_of,
)

__all__ = [
    "Foresee",
    "ForeseeOne",
    "InformedStep",
    "Profile",
    "Refine",
    "RefineOne",
    "WriteKnowing",
    "WriteOneKnowing",
    "candidate_of",
    "candidates_of",
]
