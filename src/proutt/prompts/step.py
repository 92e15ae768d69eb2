"""What a step of a method is: which role asks what, of which context, and what makes its answer usable.

A step that predicts takes a `Context` and cannot be given a truth (the leak barrier): not by type, and not at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from proutt.dialogue import Dialogue
from proutt.intent import Truth
from proutt.llm.chat import Message, Sampling
from proutt.prompts.template import fill, prompt_language, template

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Role(StrEnum):
    """Who answers a step; each role can have a model of its own."""

    ANNOTATOR = "annotator"
    REASONER = "reasoner"
    EDITOR = "editor"
    JUDGE = "judge"
    USER_AGENT = "user-agent"
    ASSISTANT_AGENT = "assistant-agent"
    CRITIC = "critic"


#: The roles of ProUtt and of what it is compared with.
PAIR_ROLES = (Role.ANNOTATOR, Role.REASONER, Role.EDITOR, Role.JUDGE)


class Answer(BaseModel):
    """Base of answer models: exactly the fields that were asked for."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, kw_only=True)
class Step(Generic[AnswerT]):
    """One question to a model.

    budget  most tokens that the dialogue's text may take in the prompt; the tree may take half as many on top
    """

    name: ClassVar[str]
    role: ClassVar[Role]
    temperature: ClassVar[float]
    tries: ClassVar[int] = 3
    #: Whether the answer is said, not written in JSON: its model then has one field, `text`.
    plain: ClassVar[bool] = False

    budget: int

    @property
    def language(self) -> str:
        """Of the dialogue (ISO 639-1): prompts follow it, and so must the answer's texts."""
        raise NotImplementedError

    def instruction(self) -> str:
        """What is asked, after the dialogue."""
        raise NotImplementedError

    def dialogue(self) -> str:
        """The dialogue as quoted text, before what is asked."""
        raise NotImplementedError

    def answer_model(self) -> type[AnswerT]:
        """The pydantic model that the answer must meet."""
        raise NotImplementedError

    def max_tokens(self) -> int:
        """Room for the answer."""
        raise NotImplementedError

    def problems(self, answer: AnswerT) -> list[str]:  # noqa: ARG002
        """What makes a well-formed answer unusable, one sentence each; empty when it is fine."""
        return []

    def messages(self) -> tuple[Message, ...]:
        """System prompt (one for all steps), then dialogue and instruction: the longest prefix is shared."""
        language = prompt_language(self.language)
        system = fill(template("system", language), language=language_name(self.language))
        return (Message("system", system), Message("user", f"{self.dialogue()}\n\n{self.instruction()}"))

    def correction(self, problem: str) -> str:
        """What is added to the question after an answer that could not be used."""
        return fill(template("correction", prompt_language(self.language)), problem=problem)

    def sampling(self, seed: int) -> Sampling:
        return Sampling(
            max_tokens=self.max_tokens(), temperature=self.temperature, seed=seed, min_p=0.05, repeat_penalty=1.05
        )


class Ask(Protocol):
    """Puts a step to the model of its role and returns the usable answer; how and how often is the run's business.

    place  names the question within a run ("dialogue/k/step"): chance is keyed by it. Raises ModelError or AnswerError.
    """

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT: ...


@dataclass(frozen=True, kw_only=True)
class PredictingStep(Step[AnswerT]):
    """A step that predicts, reasons, revises, perturbs or verbalises: it sees a context, never a truth or a future."""

    def __post_init__(self) -> None:
        for field in fields(self):
            _refuse_truth(field.name, getattr(self, field.name))


def _refuse_truth(name: str, value: Any) -> None:
    if isinstance(value, (Truth, Dialogue)):
        raise TypeError(f"a predicting step was given a {type(value).__name__} as {name}: it may only see a Context")
    if isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            _refuse_truth(name, each)


_LANGUAGE_NAMES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "中文",
}  # fmt: skip


def language_name(language: str) -> str:
    """The name of a language as the prompts call it; for an unknown code, the language of the user."""
    return _LANGUAGE_NAMES.get(language, "the language of the user")


def first_problem(checks: Iterable[Callable[[], str | None]]) -> list[str]:
    """The first problem that a check reports, as a list of none or one: a small model mends one thing at a time."""
    for check in checks:
        problem = check()
        if problem is not None:
            return [problem]
    return []
