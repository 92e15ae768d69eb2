"""The agent workflow made of two models: one that mines intentions, and a larger one."""

from __future__ import annotations

from proutt.intent.task import Task
from proutt.llm import ChatModel
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.small_steps import SmallSteps
from proutt.methods.synpt.whole_steps import WholeSteps
from proutt.prediction.asking import ModelAsking
from proutt.prediction.trained_assistant import TrainedAssistant
from proutt.prediction.workflow import Workflow
from proutt.prompts.synpt import HISTORY_TOKENS


def workflow_of(
    tasks: tuple[Task, ...], asks: ChatModel, larger: ChatModel, *, small: bool, seed: int, trained: bool = False
) -> Workflow:
    """The workflow over two models, which may be one.

    small    one small question a call
    trained  `asks` learned from SynPT's rows: it mines as it was trained to, and the larger model is asked which task
    seed     keys all chance
    """
    if trained:
        return Workflow(tasks, TrainedAssistant(asks, seed), ModelAsking(lambda _: larger, seed=seed), larger, seed)
    ask = ModelAsking(lambda _: asks, seed=seed)
    if small:
        return Workflow(tasks, SmallSteps(ask, SynPTSettings(small_steps=True, seed=seed)), ask, larger, seed)
    return Workflow(tasks, WholeSteps(ask, min(HISTORY_TOKENS, asks.context_tokens // 2)), ask, larger, seed)
