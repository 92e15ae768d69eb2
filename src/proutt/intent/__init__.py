"""Intent trees and paths, sentence types, candidates and trajectories; pure."""

from proutt.intent.rendering import EMPTY, from_json, parse, render, to_json
from proutt.intent.trajectory import Candidate, Trajectory
from proutt.intent.tree import (
    IntentPath,
    IntentTree,
    Leaf,
    Perspective,
    fold,
    near,
    near_paths,
    new_paths,
    normal,
    perspective_of,
    prefix,
)
from proutt.intent.truth import SentenceType, Truth

__all__ = [
    "EMPTY",
    "Candidate",
    "IntentPath",
    "IntentTree",
    "Leaf",
    "Perspective",
    "SentenceType",
    "Trajectory",
    "Truth",
    "fold",
    "from_json",
    "near",
    "near_paths",
    "new_paths",
    "normal",
    "parse",
    "perspective_of",
    "prefix",
    "render",
    "to_json",
]
