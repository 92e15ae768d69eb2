"""The assistant of the two-agent baseline (SynPT IV-A): one call analyses the whole history and answers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Turn
from proutt.intent.intention_state import IntentionState
from proutt.prompts.step import Answer, first_problem
from proutt.prompts.synpt.agent_step import AssistantStep
from proutt.prompts.synpt.answering import Option
from proutt.prompts.synpt.intentions import ask_type, given_type, updated_state, whole_problem
from proutt.prompts.synpt.material import said_text, task_text
from proutt.prompts.synpt.saying import OPTIONS, REPLY_CHARS, options_problem, reply_problem


@lru_cache(maxsize=64)
def _answer_model(keys: tuple[str, ...]) -> type[BaseModel]:
    options: Any = (list[Option], Field(max_length=OPTIONS))
    reply: Any = (str, Field(max_length=REPLY_CHARS))
    return create_model(
        "DualAnswer",
        __base__=Answer,
        given=(given_type(keys), ...),
        ask=(ask_type(keys), ...),
        options=options,
        reply=reply,
    )


@dataclass(frozen=True, kw_only=True)
class DualAnswering(AssistantStep[Any]):
    """What is known, what to ask for, options and reply; these are empty where nothing is missing."""

    name: ClassVar[str] = "dual-answer"

    past: tuple[Turn, ...]
    utterance: str

    def dialogue(self) -> str:
        return task_text(self.task)

    def instruction(self) -> str:
        said = said_text(self.past, self.utterance, language=self.language, budget=self.budget)
        return self.text("dual_answer", said=said, any=self.task.any_value)

    def answer_model(self) -> type[BaseModel]:
        return _answer_model(self.task.keys)

    def max_tokens(self) -> int:
        return 500 + 60 * len(self.task.keys)

    def problems(self, answer: Any) -> list[str]:
        def offering() -> str | None:
            state = self.state_of(answer)
            if state.complete:
                return None
            return options_problem(self.task, answer.options) or reply_problem(
                self.task, answer.reply, answer.options, state.values.values()
            )

        return first_problem([lambda: whole_problem(self.task, self.past, self.utterance, answer), offering])

    def state_of(self, answer: Any) -> IntentionState:
        """What the user has given so far."""
        return updated_state(IntentionState(self.task), answer.given)
