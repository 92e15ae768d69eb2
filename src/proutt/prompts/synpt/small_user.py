"""The user agent's small questions: the first message, an answer, and the words of a user who has had enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Turn
from proutt.intent import normal
from proutt.intent.task import Seed, Task
from proutt.intent.values import states_no_preference
from proutt.intent.willingness import willing
from proutt.prompts.proutt.small_step import quoted, worked_examples
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.inventing import made_up_problem
from proutt.prompts.synpt.saying import (
    asks_as_assistant,
    problem,
    said_problem,
    telling_problem,
    thought_problem,
    without,
)
from proutt.prompts.synpt.small_question import (
    SmallQuestion,
    bare_pattern,
    facts,
    reasoning_pattern,
    refusal_pattern,
    telling_pattern,
    utterance_pattern,
)
from proutt.prompts.template import prompt_language

_LEADS = {
    "en": {True: "Tells, word for word", False: "Has in mind, and tells what fits"},
    "zh": {True: "照原样说出", False: "心里想的，只说合适的部分"},
}
#: Said of an utterance whose user is to be patient, and is not; and the other way round.
_MOODS = {
    "en": {True: "the user is willing to answer and must not complain.", False: "the user must say clearly that there "
           "were questions enough."},
    "zh": {True: "用户还愿意回答，不应抱怨。", False: "用户必须明确表示不想再被问。"},
}  # fmt: skip


class Uttered(Answer):
    """What the user says."""

    utterance: str


class UtteredWhy(Uttered):
    """The user's emotion thinking (equation 15), then what it says."""

    reasoning: str


@dataclass(frozen=True, kw_only=True)
class _UserQuestion(SmallQuestion):
    """An utterance of the user.

    seed  what the user wants
    told  what it says of that, all of it and nothing else; None: what it likes
    held  whether the pattern of the answer holds the model to that: what it writes is stiffer then
    """

    role: ClassVar[Role] = Role.USER_AGENT
    tries: ClassVar[int] = 3

    seed: Seed
    told: tuple[str, ...] | None
    held: bool = False

    def _facts(self) -> str:
        keys = self.task.keys if self.told is None else self.told
        return facts([(self.task.name_of(key), self.seed.values[key]) for key in keys], self.language)

    def _pattern(self, *, by_name: bool) -> str:
        """How the utterance is written. by_name: no preference is said by an intention's name."""
        if not self.held:
            return utterance_pattern(self.language)
        if not self.told:
            return bare_pattern(self.language)
        told = [
            (self.task.name_of(key), None if self.seed.is_any(key) else self.seed.values[key])
            for key in self.told
            if by_name or not self.seed.is_any(key)
        ]
        return telling_pattern(self.language, told) or utterance_pattern(self.language)

    @property
    def _lead(self) -> str:
        return _LEADS[prompt_language(self.language)][self.told is not None]

    def max_tokens(self) -> int:
        return 220

    def problems(self, answer: Uttered) -> list[str]:
        text, told = answer.utterance, [(key, self.seed.values[key]) for key in self.told or ()]
        quoted_values = tuple(self.seed.values.values())
        return first_problem(
            [
                partial(said_problem, text, '"utterance"', self.language, quoted_values),
                partial(self._voice, without(text, quoted_values)),
                partial(self.copied, without(text, quoted_values)),
                partial(self._telling, text, told),
            ]
        )

    def _voice(self, own: str) -> str | None:
        return problem("voice", self.language, text=own) if asks_as_assistant(own) else None

    def _telling(self, text: str, told: Sequence[tuple[str, str]]) -> str | None:
        if self.told is None:
            return None
        waives = self.language == "zh" and states_no_preference(self.task, text)  # "any" has other uses in English
        if told and waives and not any(self.seed.is_any(key) for key, _ in told):
            return problem("withheld", self.language, what=f"“{self.task.any_value}”")
        withheld = [(key, value) for key, value in self.seed.values.items() if key not in self.told]
        return telling_problem(self.task, text, told, withheld, self._before())

    def _before(self) -> str:
        """What was said already: no secret any more."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Inquire(_UserQuestion):
    """The initial inquiry (equation 11, or 5 where `told` is None)."""

    name: ClassVar[str] = "inquire"
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "inquire"

    def fields(self) -> dict[str, str]:
        return {"task": self.task.name, "lead": self._lead, "facts": self._facts()}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {"task": example["task"], "lead": self._lead, "facts": _example_facts(example["facts"], self.task)}

    def answer_model(self) -> type[BaseModel]:
        utterance = Annotated[str, Field(pattern=self._pattern(by_name=True))]
        return create_model("Uttered", __base__=Uttered, utterance=(utterance, ...))

    def problems(self, answer: Uttered) -> list[str]:
        keys = self.task.keys if self.told is None else self.told
        values = [self.seed.values[key] for key in keys]
        return super().problems(answer) or first_problem(
            [partial(made_up_problem, self.task, answer.utterance, values)]
        )


@dataclass(frozen=True, kw_only=True)
class _Replying(_UserQuestion):
    """What the user says to a question (equations 3, 15).

    past  all that was said; the last reply is the question, and each one before was another
    """

    past: tuple[Turn, ...]

    @property
    def reply(self) -> str:
        return self.past[-1].assistant

    @property
    def count(self) -> int:
        return len(self.past)

    def _before(self) -> str:
        return "\n".join(f"{each.user}\n{each.assistant}" for each in self.past)

    def answer_model(self) -> type[BaseModel]:
        reasoning = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        utterance = Annotated[str, Field(pattern=self._pattern(by_name=False))]
        return create_model("UtteredWhy", __base__=Answer, reasoning=(reasoning, ...), utterance=(utterance, ...))

    def problems(self, answer: Any) -> list[str]:
        text, quoting = answer.reasoning, tuple(self.seed.values.values())
        reasoned = partial(thought_problem, text, '"reasoning"', self.language, quoting)
        return super().problems(answer) or first_problem([reasoned, partial(self.copied, text)])


@dataclass(frozen=True, kw_only=True)
class AnswerAsked(_Replying):
    """The answer of a user who is willing to give it."""

    name: ClassVar[str] = "reply"
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "answer"

    def fields(self) -> dict[str, str]:
        return self._shown(self.task.name, self.reply, self.count) | {"lead": self._lead, "facts": self._facts()}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        told = {"lead": self._lead, "facts": _example_facts(example["facts"], self.task)}
        return self._shown(example["task"], example["reply"], example["count"]) | told

    def _shown(self, task: str, reply: str, count: int) -> dict[str, str]:
        return {"task": task, "reply": quoted(reply, self.budget), "count": str(count)}

    def problems(self, answer: Uttered) -> list[str]:
        if willing(answer.utterance, self.language) is False:
            return [_MOODS[prompt_language(self.language)][True]]
        return super().problems(answer)

    def _voice(self, own: str) -> str | None:
        return super()._voice(own) or (problem("voice", self.language, text=own) if _asks_back(own) else None)


@dataclass(frozen=True, kw_only=True)
class HaveEnough(_Replying):
    """What a user says who wants no more questions: it answers none (equation 15)."""

    name: ClassVar[str] = "reply"
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "weary"

    told: tuple[str, ...] | None = ()

    def _pattern(self, *, by_name: bool) -> str:  # noqa: ARG002
        return refusal_pattern(self.language, held=self.held)

    def fields(self) -> dict[str, str]:
        return {"task": self.task.name, "reply": quoted(self.reply, self.budget), "count": str(self.count)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {
            "task": example["task"],
            "reply": quoted(example["reply"], self.budget),
            "count": str(example["count"]),
        }

    def problems(self, answer: Uttered) -> list[str]:
        clear = willing(answer.utterance, self.language) is False or self.language not in ("en", "zh")
        return super().problems(answer) if clear else [_MOODS[prompt_language(self.language)][False]]

    def copied(self, text: str) -> str | None:
        """Tired users say much the same: only a worked example from end to end is a copy."""
        shots = worked_examples(self.examples(), prompt_language(self.language), self.folder)
        whole = {normal(said) for shot in shots for said in shot["answer"].values()}
        return super().copied(text) if normal(text) in whole else None


def _asks_back(own: str) -> bool:
    """Whether an answer is a question, or speaks to "you": a small model has slipped into the assistant's voice."""
    return re.search(r"[?？]|[吗呢]|您|\byou(?:rs?)?\b", own, re.IGNORECASE) is not None


def _example_facts(pairs: Iterable[Sequence[str]], task: Task) -> str:
    shown = [(name, task.any_value if value in ("any", "不限") else value) for name, value in pairs]
    return facts(shown, task.language)
