"""Intention thinking as small questions (SynPT III-D): the user's words one after the other, and what each is about.

None of them sees a seed: what the assistant knows is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.intent.values import agrees, same_value
from proutt.prompts.proutt.small_step import NONE
from proutt.prompts.step import Answer, Role
from proutt.prompts.synpt.intentions import grounded
from proutt.prompts.synpt.saying import problem
from proutt.prompts.synpt.small_question import SmallQuestion, facts, points, reasoning_pattern, said
from proutt.prompts.template import prompt_language


@dataclass(frozen=True, kw_only=True)
class Understand(SmallQuestion):
    """Intention thinking: what the user's words give of the points that are asked about (equations 13, 14).

    utterances  one, or all of the dialogue's where there is no memory stack
    asked       the intention that the last reply asked for
    keys        the points
    """

    name: ClassVar[str] = "think"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.2
    text: ClassVar[str] = "understand"

    utterances: tuple[str, ...]
    keys: tuple[str, ...]
    asked: str | None = None

    def fields(self) -> dict[str, str]:
        asked = self.task.name_of(self.asked) if self.asked else ""
        named = [(self.task.intention(key).name, self.task.intention(key).description) for key in self.keys]
        return {"task": self.task.name, "any": self.task.any_value, **self._shown(self.utterances, asked, named)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        shown = self._shown(example["said"], example["asked"], example["points"])
        return {"task": example["task"], "any": self.task.any_value, **shown}

    def example_answer(self, example: Mapping[str, Any]) -> dict[str, Any]:
        return _with_any(example["answer"], self.task)

    def _shown(self, utterances: Sequence[str], asked: str, named: Sequence[Sequence[str]]) -> dict[str, str]:
        return {
            "asked": asked or NONE[prompt_language(self.language)],
            "said": said(utterances, self.budget),
            "points": points([(name, meaning) for name, meaning in named], self.language),
        }

    def answer_model(self) -> type[BaseModel]:
        return create_model("Understood", __base__=Answer, told=(_facts_of(self.task, self.keys), ...))

    def max_tokens(self) -> int:
        return 40 + 40 * len(self.keys)

    def found(self, answer: Any) -> dict[str, str]:
        """What of an answer the user's words bear out, by key; the rest was made up, and is left open."""
        held = {key: self._held(value) for key, value in self._given(answer).items()}
        return {key: value for key, value in held.items() if value}

    def _given(self, answer: Any) -> dict[str, str]:
        """By key, what stands first for it; a value before no preference, which a model may have filed wrongly."""
        keys = {self.task.name_of(key): key for key in self.keys}
        given: dict[str, str] = {}
        for each in answer.told:
            words = each.words.strip(" \"'“”。.，,")
            key = keys[each.point]
            if words and (key not in given or agrees(self.task, given[key], self.task.any_value)):
                given[key] = words
        return given

    def _held(self, value: str) -> str | None:
        if not grounded(self.task, value, self.utterances, ()):
            return None
        return self.task.any_value if agrees(self.task, value, self.task.any_value) else value

    def problems(self, answer: Any) -> list[str]:
        given, held = self._given(answer), self.found(answer)
        if self.asked in given and self.asked not in held:
            name = self.task.name_of(self.asked)
            return [problem("ungrounded", self.language, text=given[self.asked], what=name)]
        seen: list[str] = []
        for value in held.values():
            if value != self.task.any_value and any(same_value(value, other) for other in seen):
                return [problem("twice", self.language, text=value)]
            seen.append(value)
        return []


@dataclass(frozen=True, kw_only=True)
class UnderstandAll(Understand):
    """The same of the whole dialogue (equation 12): what the ablation `memory-stack` leaves."""

    name: ClassVar[str] = "think-over"


@dataclass(frozen=True, kw_only=True)
class Reflect(Understand):
    """A second look at what was understood of the whole dialogue (VI-F)."""

    name: ClassVar[str] = "reflect"
    temperature: ClassVar[float] = 0.3
    text: ClassVar[str] = "reflect"

    understood: IntentionState

    def fields(self) -> dict[str, str]:
        known = [(self.task.name_of(key), value) for key, value in self.understood.given]
        return self._without_asked(super().fields()) | {"understood": facts(known, self.language)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        shown = super().example_fields({"asked": "", **example})
        return self._without_asked(shown) | {"understood": example["understood"]}

    @staticmethod
    def _without_asked(shown: dict[str, str]) -> dict[str, str]:
        return {name: text for name, text in shown.items() if name != "asked"}

    def answer_model(self) -> type[BaseModel]:
        reasoning = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        told = _facts_of(self.task, self.keys)
        return create_model("LookedAgain", __base__=Answer, reasoning=(reasoning, ...), told=(told, ...))

    def max_tokens(self) -> int:
        return 140 + super().max_tokens()


def _facts_of(task: Task, keys: Sequence[str]) -> Any:
    """The words of a fact, then the point that they are about: named after the words, it is more often right."""
    words = Annotated[str, Field(pattern=r'^[^"\\\n]{1,60}$')]
    names: Any = Literal[tuple(task.name_of(key) for key in keys)]
    fact = create_model("Fact", __base__=Answer, words=(words, ...), point=(names, ...))
    return Annotated[list[fact], Field(max_length=len(keys))]


def _with_any(answer: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """A worked example's answer with the task's own words for no preference."""
    told = [{**each, "words": task.any_value} if each["words"] in ("any", "不限") else each for each in answer["told"]]
    return {**answer, "told": told}
