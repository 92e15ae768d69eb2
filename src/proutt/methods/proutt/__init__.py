"""ProUtt: Algorithm 1, from an annotated dialogue to preference pairs."""

from proutt.methods.proutt.algorithm import selected_ks, synthesize_turn
from proutt.methods.proutt.annotation import Annotation, annotate
from proutt.methods.proutt.pair import Pair, Skipped
from proutt.methods.proutt.settings import Ablation, Settings
from proutt.methods.proutt.small_steps import SmallSteps
from proutt.methods.proutt.steps import Steps, WholeSteps
from proutt.methods.proutt.writing import record_of

__all__ = [
    "Ablation",
    "Annotation",
    "Pair",
    "Settings",
    "Skipped",
    "SmallSteps",
    "Steps",
    "WholeSteps",
    "annotate",
    "record_of",
    "selected_ks",
    "synthesize_turn",
]
