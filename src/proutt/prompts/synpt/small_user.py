"""The user agent's small questions: the first message, an answer, and the words of a user who has had enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.intent.task import Seed, Task
from proutt.intent.values import says
from proutt.intent.willingness import willing
from proutt.prompts.proutt.small_step import quoted
from proutt.prompts.proutt.wording import say, speaks, text_problem
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.small_assistant import tells_any
from proutt.prompts.synpt.small_question import SmallQuestion, facts, reasoning_pattern, utterance_pattern
from proutt.prompts.template import prompt_language

_LEADS = {
    "en": {True: "Tells, word for word", False: "Has in mind, and tells what fits"},
    "zh": {True: "照原样说出", False: "心里想的，只说合适的部分"},
}
_PROBLEMS = {
    "en": {
        "untold": "the user has to say “{text}”, word for word.",
        "leaked": "the user must not speak of “{text}”.",
        "weary": "the user must say clearly that there were questions enough.",
        "patient": "the user is still willing to answer and must not complain.",
    },
    "zh": {
        "untold": "用户必须原样说出“{text}”。",
        "leaked": "用户不应提到“{text}”。",
        "weary": "用户必须明确表示不想再被问。",
        "patient": "用户还愿意回答，不应抱怨。",
    },
}


class Uttered(Answer):
    """What the user says."""

    utterance: str


class UtteredWhy(Uttered):
    """The user's emotion thinking (equation 15), then what it says."""

    reasoning: str


@dataclass(frozen=True, kw_only=True)
class _UserQuestion(SmallQuestion):
    """An utterance of the user.

    seed  what the user wants; told: what it says of that, all of it and nothing else; None: what it likes
    """

    role: ClassVar[Role] = Role.USER_AGENT

    seed: Seed
    told: tuple[str, ...] | None

    def _facts(self) -> str:
        keys = self.task.keys if self.told is None else self.told
        return facts([(self.task.name_of(key), self.seed.values[key]) for key in keys], self.language)

    @property
    def _lead(self) -> str:
        return _LEADS[prompt_language(self.language)][self.told is not None]

    def max_tokens(self) -> int:
        return 220

    def problems(self, answer: Uttered) -> list[str]:
        text = answer.utterance
        if not speaks(text, self.language) and (self.language == "zh" or not any(map(str.isdigit, text))):
            return [say("language", self.language, what='"utterance"')]
        return first_problem(
            [
                partial(text_problem, text, '"utterance"', self.language, least=1),
                partial(self.copied, text),
                partial(self._untold, text),
                partial(self._leaked, text),
            ]
        )

    def _untold(self, text: str) -> str | None:
        for key in self.told or ():
            value = self.seed.values[key]
            if not (tells_any(self.task, text) if self.seed.is_any(key) else says(text, value)):
                return _said("untold", self.language, value)
        return None

    def _leaked(self, text: str) -> str | None:
        if self.told is None:
            return None
        for value in untold_values(self.seed, self.told):
            if says(text, value):
                return _said("leaked", self.language, value)
        return None


@dataclass(frozen=True, kw_only=True)
class Inquire(_UserQuestion):
    """The initial inquiry (equation 11, or 5 where `told` is None)."""

    name: ClassVar[str] = "inquire"
    temperature: ClassVar[float] = 0.8
    text: ClassVar[str] = "inquire"

    def fields(self) -> dict[str, str]:
        return {"task": self.task.name, "lead": self._lead, "facts": self._facts()}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {"task": example["task"], "lead": self._lead, "facts": _example_facts(example["facts"], self.task)}

    def answer_model(self) -> type[BaseModel]:
        utterance = Annotated[str, Field(pattern=utterance_pattern(self.language))]
        return create_model("Uttered", __base__=Uttered, utterance=(utterance, ...))


@dataclass(frozen=True, kw_only=True)
class AnswerAsked(_UserQuestion):
    """What the user says to a question that it answers (equations 3, 15). count: questions so far, this one too."""

    name: ClassVar[str] = "answer"
    temperature: ClassVar[float] = 0.8
    text: ClassVar[str] = "answer"

    reply: str
    count: int

    def fields(self) -> dict[str, str]:
        return self._shown(self.task.name, self.reply, self.count) | {"lead": self._lead, "facts": self._facts()}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        told = {"lead": self._lead, "facts": _example_facts(example["facts"], self.task)}
        return self._shown(example["task"], example["reply"], example["count"]) | told

    def _shown(self, task: str, reply: str, count: int) -> dict[str, str]:
        return {"task": task, "reply": quoted(reply, self.budget), "count": str(count)}

    def answer_model(self) -> type[BaseModel]:
        return _why_and_what(self.language)

    def problems(self, answer: Uttered) -> list[str]:
        if willing(answer.utterance, self.language) is False:
            return [_said("patient", self.language, "")]
        return super().problems(answer) or _reasoned(self, answer)


@dataclass(frozen=True, kw_only=True)
class HaveEnough(_UserQuestion):
    """What a user says who wants no more questions: it answers none (equation 15)."""

    name: ClassVar[str] = "weary"
    temperature: ClassVar[float] = 0.8
    text: ClassVar[str] = "weary"

    reply: str
    count: int
    told: tuple[str, ...] | None = ()

    def fields(self) -> dict[str, str]:
        return {"task": self.task.name, "reply": quoted(self.reply, self.budget), "count": str(self.count)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {
            "task": example["task"],
            "reply": quoted(example["reply"], self.budget),
            "count": str(example["count"]),
        }

    def answer_model(self) -> type[BaseModel]:
        return _why_and_what(self.language)

    def problems(self, answer: Uttered) -> list[str]:
        clear = willing(answer.utterance, self.language)
        if clear is True or (clear is None and self.language in ("en", "zh")):
            return [_said("weary", self.language, "")]
        return super().problems(answer) or _reasoned(self, answer)


def untold_values(seed: Seed, told: Sequence[str]) -> list[str]:
    """Values of a seed that an utterance which tells some of it must not hold: neither none nor part of those told."""
    given = " ".join(seed.values[key] for key in told)
    return [
        value
        for key, value in seed.values.items()
        if key not in told and not seed.is_any(key) and not says(given, value) and len(value) > 1
    ]


def _why_and_what(language: str) -> type[BaseModel]:
    reasoning = Annotated[str, Field(pattern=reasoning_pattern(language))]
    utterance = Annotated[str, Field(pattern=utterance_pattern(language))]
    return create_model("UtteredWhy", __base__=Answer, reasoning=(reasoning, ...), utterance=(utterance, ...))


def _reasoned(step: SmallQuestion, answer: Any) -> list[str]:
    text = answer.reasoning
    return first_problem([partial(text_problem, text, '"reasoning"', step.language), partial(step.copied, text)])


def _example_facts(pairs: Iterable[Sequence[str]], task: Task) -> str:
    shown = [(name, task.any_value if value in ("any", "不限") else value) for name, value in pairs]
    return facts(shown, task.language)


def _said(kind: str, language: str, text: str) -> str:
    return _PROBLEMS[prompt_language(language)][kind].replace("{text}", text)
