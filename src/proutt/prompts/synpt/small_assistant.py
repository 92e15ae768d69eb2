"""The assistant agent's small questions: what was told, whether the user is willing, three guesses, the words that ask.

None of them sees a seed: what the assistant knows is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import Task
from proutt.intent.values import agrees, any_values, same_value, says
from proutt.prompts.proutt.small_step import ANY, NONE, quoted
from proutt.prompts.proutt.wording import say, speaks, text_problem
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.small_question import SmallQuestion, facts, points, reasoning_pattern, said
from proutt.prompts.template import prompt_language

#: Characters of an option. It is put into the pattern of the reply, so it holds no sign that a pattern reads.
_OPTION = r'[^\s"\\.?!。？！>…()（）|*+\[\]{}^$、，,;；]'
OPTION = rf"^{_OPTION}({_OPTION}| ){{0,30}}{_OPTION}$|^{_OPTION}$"
_REPLY = {
    "en": rf"^{ANY}{{8,90}}[.!] {ANY}{{8,90}}OPTIONS{ANY}{{0,30}}\?$",
    "zh": rf"^{ANY}{{4,40}}[。！，]{ANY}{{4,40}}OPTIONS{ANY}{{0,16}}？$",
}
_OTHER_REPLY = r'^[^"\\\n]{8,160}OPTIONS[^"\\\n]{0,40}[?？]$'
_LISTED = {"en": "{}, {},? or {}", "zh": "{}、{}(、|还是|或者|或){}"}
_OTHER_LISTED = "{}, {}[^?]{{1,8}}{}"
_PROBLEMS = {
    "en": {
        "ungrounded": "“{text}” is not what the user says; copy the user's own words.",
        "twice": "“{text}” stands at two points; leave it where it belongs, and write null at the other.",
        "options": "the three options must differ, and none may be “{text}”.",
    },
    "zh": {
        "ungrounded": "“{text}”不是用户的原话，请照抄用户的话。",
        "twice": "“{text}”写在了两项里，请只写在它所属的一项，另一项写null。",
        "options": "三个选项必须各不相同，也不能是“{text}”。",
    },
}


@dataclass(frozen=True, kw_only=True)
class Understand(SmallQuestion):
    """Intention thinking: what the user's words give of the points that are asked about (equations 13, 14).

    utterances  one, or all of the dialogue's where there is no memory stack
    asked       the intention that the last reply asked for
    keys        the points
    """

    name: ClassVar[str] = "understand"
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
        return create_model("Understood", __base__=Answer, **_value_fields(self.task, self.keys))

    def max_tokens(self) -> int:
        return 40 + 40 * len(self.keys)

    def found(self, answer: BaseModel) -> dict[str, str]:
        """What of an answer the user's words bear out; the rest was made up, and is left open."""
        text = "\n".join(self.utterances)
        held = ((key, self._held(value, text)) for key, value in _values(answer, self.keys).items())
        return {key: value for key, value in held if value}

    def _held(self, value: str, text: str) -> str | None:
        if agrees(self.task, value, self.task.any_value):
            return self.task.any_value if tells_any(self.task, text) else None
        return value if says(text, value) else None

    def problems(self, answer: BaseModel) -> list[str]:
        given, held = _values(answer, self.keys), self.found(answer)
        if self.asked in given and self.asked not in held:
            return [_said("ungrounded", self.language, given[self.asked])]
        seen: list[str] = []
        for value in held.values():
            if value != self.task.any_value and any(same_value(value, other) for other in seen):
                return [_said("twice", self.language, value)]
            seen.append(value)
        return []


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
        fields: dict[str, Any] = {"reasoning": (reasoning, ...), **_value_fields(self.task, self.keys)}
        return create_model("LookedAgain", __base__=Answer, **fields)

    def max_tokens(self) -> int:
        return 140 + super().max_tokens()


class Felt(Answer):
    """Why, then whether the user is willing to go on."""

    reasoning: str
    willing: bool


@dataclass(frozen=True, kw_only=True)
class Feel(SmallQuestion):
    """Emotion thinking of the assistant (equation 16).

    known  the verdict, where rules have it from clear words: the model then words the reasoning alone
    """

    name: ClassVar[str] = "feel"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.5
    text: ClassVar[str] = "feel"

    utterance: str
    known: bool | None = None

    def fields(self) -> dict[str, str]:
        return {"said": quoted(self.utterance, self.budget)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {"said": quoted(example["said"], self.budget)}

    def answer_model(self) -> type[BaseModel]:
        verdict: Any = bool if self.known is None else Literal[self.known]
        reasoning = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        return create_model("Felt", __base__=Answer, reasoning=(reasoning, ...), willing=(verdict, ...))

    def max_tokens(self) -> int:
        return 140

    def problems(self, answer: Felt) -> list[str]:
        return _sound(self, answer.reasoning)


class Guessed(Answer):
    """Why, then three values."""

    reasoning: str
    options: list[str]


@dataclass(frozen=True, kw_only=True)
class Guess(SmallQuestion):
    """Three values that the user most likely wants of what is asked for (equation 17)."""

    name: ClassVar[str] = "options"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "options"

    state: IntentionState
    key: str

    def fields(self) -> dict[str, str]:
        asked = self.task.intention(self.key)
        known = [(self.task.name_of(key), value) for key, value in self.state.given]
        return {
            "task": self.task.name,
            "known": facts(known, self.language),
            "name": asked.name,
            "description": asked.description,
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {name: example[name] for name in ("task", "known", "name", "description")}

    def answer_model(self) -> type[BaseModel]:
        reasoning = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        option = Annotated[str, Field(pattern=OPTION)]
        options = Annotated[list[option], Field(min_length=3, max_length=3)]
        return create_model("Guessed", __base__=Answer, reasoning=(reasoning, ...), options=(options, ...))

    def max_tokens(self) -> int:
        return 220

    def problems(self, answer: Guessed) -> list[str]:
        alike = any(same_value(one, other) for at, one in enumerate(answer.options) for other in answer.options[:at])
        name = self.task.name_of(self.key)
        empty = any(same_value(each, name) or agrees(self.task, each, self.task.any_value) for each in answer.options)
        if alike or empty:
            return [_said("options", self.language, name if empty else answer.options[0])]
        return _sound(self, answer.reasoning)


class Asked(Answer):
    """What the user reads."""

    reply: str


@dataclass(frozen=True, kw_only=True)
class AskFor(SmallQuestion):
    """The assistant's words: a sentence for what was said, then the question, which offers the options."""

    name: ClassVar[str] = "ask"
    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "ask"

    utterance: str
    key: str
    options: tuple[str, ...]

    def fields(self) -> dict[str, str]:
        return self._shown(self.task.name, self.utterance, self.task.name_of(self.key), self.options)

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return self._shown(example["task"], example["said"], example["name"], example["options"])

    def _shown(self, task: str, utterance: str, name: str, options: Sequence[str]) -> dict[str, str]:
        comma = "、" if prompt_language(self.language) == "zh" else ", "
        return {"task": task, "said": quoted(utterance, self.budget), "name": name, "options": comma.join(options)}

    def answer_model(self) -> type[BaseModel]:
        listed = _LISTED.get(self.language, _OTHER_LISTED).format(*self.options)
        pattern = _REPLY.get(self.language, _OTHER_REPLY).replace("OPTIONS", listed)
        return create_model("Asked", __base__=Asked, reply=(Annotated[str, Field(pattern=pattern)], ...))

    def max_tokens(self) -> int:
        return 200

    def problems(self, answer: Asked) -> list[str]:
        return _sound(self, answer.reply)


def tells_any(task: Task, text: str) -> bool:
    """Whether a text holds words for "no preference"."""
    return any(says(text, words) for words in any_values(task))


def _sound(step: SmallQuestion, text: str) -> list[str]:
    """The first thing wrong with a text that stands on its own."""
    checks = [partial(text_problem, text, "the text", step.language), partial(step.copied, text)]
    if not speaks(text, step.language):
        return [say("language", step.language, what="the text")]
    return first_problem(checks)


def _value_fields(task: Task, keys: Sequence[str]) -> dict[str, Any]:
    """A nullable text for each key, under its name: what people call it tells a small model more than the key."""
    value = Annotated[str, Field(pattern=r'^[^"\\\n]{1,60}$')] | None
    return {f"value_{at}": (value, Field(alias=task.name_of(key))) for at, key in enumerate(keys)}


def _values(answer: BaseModel, keys: Sequence[str]) -> dict[str, str]:
    """What an answer gives, by key."""
    pairs = ((key, getattr(answer, f"value_{at}")) for at, key in enumerate(keys))
    return {key: value.strip(" \"'“”。.，,") for key, value in pairs if value and value.strip(" \"'“”。.，,")}


def _with_any(answer: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """A worked example's answer with the task's own words for no preference."""
    return {name: task.any_value if value in ("any", "不限") else value for name, value in answer.items()}


def _said(kind: str, language: str, text: str) -> str:
    return _PROBLEMS[prompt_language(language)][kind].replace("{text}", text)
