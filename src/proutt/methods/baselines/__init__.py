"""The baselines of ProUtt's comparison (Appendix B-C), as makers of training data beside ProUtt itself."""

from proutt.methods.baselines.baseline import Baseline, Outcome, Turn, synthesize_turn
from proutt.methods.baselines.methods import BASELINES, METHODS
from proutt.methods.baselines.writing import record_of

__all__ = ["BASELINES", "METHODS", "Baseline", "Outcome", "Turn", "record_of", "synthesize_turn"]
