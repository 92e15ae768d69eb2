"""The methods of predicting, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from proutt.prediction.pipeline import Pipeline
from proutt.prediction.prediction import Predictor, Setting
from proutt.prediction.simulators import ProfiledUser, Socratic
from proutt.prediction.single_inference import DiversePrompt, FollowUp, SinglePass
from proutt.prediction.user_header import UserHeader

#: name → what makes its predictor of a setting
METHODS: Mapping[str, Callable[[Setting], Predictor]] = {
    "proutt": SinglePass,
    "proutt-pipeline": Pipeline,
    "prompt": DiversePrompt,
    "follow-up": FollowUp,
    "user-header": UserHeader,
    "socratic": Socratic,
    "usp": ProfiledUser,
}
