"""How a chatbot under test is talked to (UPC 5.1): its own words as they are, or led by a baseline's prompt."""

from proutt.prompts.upc_evaluation.as_is import GreetAsIs, RespondAsIs
from proutt.prompts.upc_evaluation.baselines import RespondByPlan, RespondToTarget, target_of

__all__ = ["GreetAsIs", "RespondAsIs", "RespondByPlan", "RespondToTarget", "target_of"]
