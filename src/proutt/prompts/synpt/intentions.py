"""Intention thinking (SynPT III-D): what the user has given of a task, and what to ask for next.

A model only says what words give; folding it into the state, and what is then missing, is done by code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Turn
from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.intent.values import agrees, says, states_no_preference
from proutt.prompts.step import Answer, first_problem
from proutt.prompts.synpt.agent_step import AssistantStep
from proutt.prompts.synpt.material import keys_text, named, said_text, task_text, values_text
from proutt.prompts.synpt.saying import REASONING_CHARS, VALUE_CHARS, problem, thought_problem

#: What `ask` says where nothing is missing.
NOTHING = "nothing"


class GivenAnswer(Answer):
    """One intention that was given, and its value in the user's words."""

    intention: str
    value: str = Field(min_length=1, max_length=VALUE_CHARS)


@lru_cache(maxsize=64)
def given_type(keys: tuple[str, ...]) -> Any:
    """The type of a list of given intentions, by the keys of their task."""
    key: Any = Literal[keys]
    entry: Any = create_model("Given", __base__=GivenAnswer, intention=(key, ...))
    return Annotated[list[entry], Field(max_length=len(keys))]


def ask_type(keys: tuple[str, ...]) -> Any:
    """The type of what is asked for next."""
    return Literal[(*keys, NOTHING)]


@lru_cache(maxsize=64)
def _intentions_model(keys: tuple[str, ...], *, reasoned: bool) -> type[BaseModel]:
    thought: dict[str, Any] = {"reasoning": (str, Field(max_length=REASONING_CHARS))} if reasoned else {}
    rest: dict[str, Any] = {"given": (given_type(keys), ...), "ask": (ask_type(keys), ...)}
    return create_model("Intentions", __base__=Answer, **thought, **rest)


def updated_state(state: IntentionState, given: Sequence[GivenAnswer]) -> IntentionState:
    """S_i: the state before with what was given; "no preference" in the task's own word for it."""
    task = state.task
    return state.updated(
        {
            each.intention: task.any_value if agrees(task, each.value, task.any_value) else " ".join(each.value.split())
            for each in given
        }
    )


def ask_of(state: IntentionState, ask: str) -> str | None:
    """T_i; None where nothing is missing, whatever the model would ask for."""
    return None if state.complete else ask


def intentions_problem(
    before: IntentionState, given: Sequence[GivenAnswer], ask: str, utterances: Sequence[str], replies: Sequence[str]
) -> str | None:
    """What makes a thinking unusable: a value that nobody said, an intention twice, a question that is not open.

    utterances, replies  the words that values may come from; of the user, and of the assistant, whose options one picks
    """
    task, language = before.task, before.task.language
    keys = [each.intention for each in given]
    twice = next((key for at, key in enumerate(keys) if key in keys[:at]), None)
    if twice is not None:
        return problem("twice", language, text=named(task, twice))
    for each in given:
        if not grounded(task, each.value, utterances, replies):
            return problem("ungrounded", language, text=each.value, what=task.name_of(each.intention))
    missing = updated_state(before, given).missing
    if missing and ask not in missing:
        return problem("ask", language, text=keys_text(task, missing))
    return None


def grounded(task: Task, value: str, utterances: Sequence[str], replies: Sequence[str]) -> bool:
    """Whether a value is the user's own: in their words, or an option of the assistant's that they took up."""
    if agrees(task, value, task.any_value):
        return any(states_no_preference(task, each) for each in utterances)
    if any(says(each, value) for each in utterances):
        return True
    return any(says(each, value) for each in replies) and not all(
        states_no_preference(task, each) for each in utterances
    )


@dataclass(frozen=True, kw_only=True)
class IntentionStep(AssistantStep[Any]):
    """What the steps of intention thinking share."""

    utterance: str

    def dialogue(self) -> str:
        return task_text(self.task)

    def answer_model(self) -> type[BaseModel]:
        return _intentions_model(self.task.keys, reasoned=False)

    def max_tokens(self) -> int:
        return 60 + 60 * len(self.task.keys)


@dataclass(frozen=True, kw_only=True)
class Think(IntentionStep):
    """Equations (13) and (14): what the last exchange brings. It sees that exchange and S_{i-1}, and nothing earlier.

    before  S_{i-1}; None in the first turn, and with it asked (T_{i-1}) and reply
    """

    name: ClassVar[str] = "think"

    before: IntentionState | None = None
    asked: str | None = None
    reply: str | None = None

    def instruction(self) -> str:
        utterance = self.quoted(self.utterance)
        if self.before is None or self.asked is None or self.reply is None:
            return self.text("think_first", utterance=utterance, any=self.task.any_value)
        return self.text(
            "think_next",
            state=values_text(self.task, self.before.given, keys=True),
            asked=named(self.task, self.asked),
            reply=self.quoted(self.reply),
            utterance=utterance,
            any=self.task.any_value,
        )

    def problems(self, answer: Any) -> list[str]:
        replies = () if self.reply is None else (self.reply,)
        before = self.before or IntentionState(self.task)
        return first_problem([lambda: intentions_problem(before, answer.given, answer.ask, (self.utterance,), replies)])

    def state_of(self, answer: Any) -> IntentionState:
        """S_i."""
        return updated_state(self.before or IntentionState(self.task), answer.given)


@dataclass(frozen=True, kw_only=True)
class ThinkOver(IntentionStep):
    """Equation (12): the same of the whole dialogue, without a memory stack."""

    name: ClassVar[str] = "think-over"

    past: tuple[Turn, ...]

    def instruction(self) -> str:
        said = said_text(self.past, self.utterance, language=self.language, budget=self.budget)
        return self.text("think_over", said=said, any=self.task.any_value)

    def problems(self, answer: Any) -> list[str]:
        return first_problem([lambda: whole_problem(self.task, self.past, self.utterance, answer)])

    def state_of(self, answer: Any) -> IntentionState:
        """S_i."""
        return updated_state(IntentionState(self.task), answer.given)


@dataclass(frozen=True, kw_only=True)
class Reflect(IntentionStep):
    """A second look at a thinking, with the whole dialogue in sight (VI-F).

    state, ask  the thinking as it stands
    """

    name: ClassVar[str] = "reflect"

    past: tuple[Turn, ...]
    state: IntentionState
    ask: str | None

    def instruction(self) -> str:
        return self.text(
            "reflect",
            said=said_text(self.past, self.utterance, language=self.language, budget=self.budget),
            state=values_text(self.task, self.state.given, keys=True),
            missing=keys_text(self.task, self.state.missing),
            ask=NOTHING if self.ask is None else named(self.task, self.ask),
            any=self.task.any_value,
        )

    def answer_model(self) -> type[BaseModel]:
        return _intentions_model(self.task.keys, reasoned=True)

    def max_tokens(self) -> int:
        return super().max_tokens() + 400

    def problems(self, answer: Any) -> list[str]:
        return first_problem(
            [
                lambda: thought_problem(answer.reasoning, "“reasoning”", self.language, self.state.values.values()),
                lambda: whole_problem(self.task, self.past, self.utterance, answer),
            ]
        )

    def state_of(self, answer: Any) -> IntentionState:
        """S_i; in the order of the state that was looked at where only values changed."""
        given = {each.intention: each for each in answer.given}
        kept = [given.pop(key) for key in self.state.values if key in given]
        return updated_state(IntentionState(self.task), [*kept, *given.values()])


def whole_problem(task: Task, past: Sequence[Turn], utterance: str, answer: Any) -> str | None:
    """As `intentions_problem`, of a thinking that saw all that was said."""
    utterances = (*(each.user for each in past), utterance)
    replies = tuple(each.assistant for each in past)
    return intentions_problem(IntentionState(task), answer.given, answer.ask, utterances, replies)
