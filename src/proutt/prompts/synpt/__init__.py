"""What SynPT's two agents ask a model (SynPT III), and what its baselines do: one text per step and language."""

from proutt.prompts.synpt.agent_step import HISTORY_TOKENS, AssistantStep, UserStep
from proutt.prompts.synpt.answering import Answering
from proutt.prompts.synpt.dual_answer import DualAnswering
from proutt.prompts.synpt.emotion import Feel
from proutt.prompts.synpt.intentions import Reflect, Think, ThinkOver
from proutt.prompts.synpt.user import Inquire, ReplyAsUser
from proutt.prompts.synpt.whole_dialogue import WholeDialogue

__all__ = [
    "HISTORY_TOKENS",
    "Answering",
    "AssistantStep",
    "DualAnswering",
    "Feel",
    "Inquire",
    "Reflect",
    "ReplyAsUser",
    "Think",
    "ThinkOver",
    "UserStep",
    "WholeDialogue",
]
