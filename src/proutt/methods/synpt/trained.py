"""What a model answers that learned from SynPT's rows: thinking, then a reply or a summary; read as fields. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from proutt.intent.task import Task
from proutt.llm import without_reasoning
from proutt.methods.synpt.reading import parted, read_thinking
from proutt.methods.synpt.summary import read_summary
from proutt.methods.synpt.wording import Thought


@dataclass(frozen=True, slots=True)
class TrainedAnswer:
    """One answer.

    text     what the user reads; empty where it is all thinking
    summary  intention → value, where it sums up; None where it does not
    thought  what of its thinking could be read; None is what it does not say
    """

    text: str
    summary: dict[str, str] | None
    thought: Thought


def read_answer(text: str, task: Task) -> TrainedAnswer:
    """The answer that a model's text is; what can't be read is passed over."""
    said = without_reasoning(text)
    names = {each.key: each.name for each in task.intentions}
    return TrainedAnswer(said, read_summary(said, task), read_thinking(parted(text)[0], names))
