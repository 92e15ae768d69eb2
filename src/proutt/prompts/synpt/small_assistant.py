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
from proutt.intent.values import agrees, same_value
from proutt.prompts.proutt.small_step import ANY, NONE, quoted
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.intentions import grounded
from proutt.prompts.synpt.saying import options_problem, problem, reply_problem, thought_problem, without
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
        return _unsound(self, answer.reasoning)


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
        name = self.task.name_of(self.key)
        unnamed = next((each for each in answer.options if same_value(each, name)), None)
        found = options_problem(self.task, answer.options)
        if found is None and unnamed is not None:
            found = problem("any", self.language, text=unnamed)
        return [found] if found else _unsound(self, answer.reasoning, answer.options)


class Asked(Answer):
    """What the user reads."""

    reply: str


@dataclass(frozen=True, kw_only=True)
class AskFor(SmallQuestion):
    """The assistant's words: a sentence for what was said, then the question, which offers the options."""

    name: ClassVar[str] = "answer"
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
        found = reply_problem(self.task, answer.reply, self.options)
        copied = self.copied(without(answer.reply, self.options))
        return [each for each in (found, copied) if each][:1]


def _unsound(step: SmallQuestion, text: str, quoting: Sequence[str] = ()) -> list[str]:
    """The first thing wrong with a reasoning."""
    checks = [partial(thought_problem, text, '"reasoning"', step.language, quoting), partial(step.copied, text)]
    return first_problem(checks)


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
