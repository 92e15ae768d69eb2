"""The agents that an evaluation needs, made of the models that it has."""

from __future__ import annotations

from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.small_steps import SmallSteps
from proutt.methods.synpt.steps import Steps
from proutt.methods.synpt.whole_steps import WholeSteps
from proutt.prompts import Ask


def steps_of(ask: Ask, *, budget: int, small: bool, seed: int) -> Steps:
    """SynPT's questions, whole or small. budget: most tokens of what was said before in a prompt."""
    if small:
        return SmallSteps(ask, SynPTSettings(small_steps=True, seed=seed))
    return WholeSteps(ask, budget)
