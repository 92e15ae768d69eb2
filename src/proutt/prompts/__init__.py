"""Prompt texts, one reviewed file per step and language, and the typed steps that fill them."""

from proutt.prompts.step import PAIR_ROLES, Ask, PredictingStep, Role, Step
from proutt.prompts.template import prompt_version

__all__ = ["PAIR_ROLES", "Ask", "PredictingStep", "Role", "Step", "prompt_version"]
