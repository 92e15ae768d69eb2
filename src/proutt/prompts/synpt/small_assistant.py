"""The assistant agent's other small questions: is the user willing, three guesses, the words that ask.

None of them sees a seed: what the assistant knows is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.intent.intention_state import IntentionState
from proutt.intent.values import same_value
from proutt.prompts.proutt.small_step import ANY, quoted
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.saying import options_problem, problem, reply_problem, thought_problem, without
from proutt.prompts.synpt.small_question import SmallQuestion, facts, reasoning_pattern
from proutt.prompts.template import prompt_language

#: Characters of an option. It is put into the pattern of the reply, so it holds no sign that a pattern reads.
_OPTION = r'[^\s"\\.?!。？！>…()（）|*+\[\]{}^$、，,;；]'
OPTION = rf"^{_OPTION}({_OPTION}| ){{0,30}}{_OPTION}$|^{_OPTION}$"
_REPLY = {
    "en": rf"^{ANY}{{8,90}}[.!] {ANY}{{8,90}} OPTIONS{ANY}{{0,30}}\?$",
    "zh": rf"^{ANY}{{4,40}}[。！，]{ANY}{{4,40}}OPTIONS{ANY}{{0,16}}？$",
}
_OTHER_REPLY = r'^[^"\\\n]{8,160}OPTIONS[^"\\\n]{0,40}[?？]$'
_LISTED = {"en": "{}, {},? or {}", "zh": "{}、{}(、|还是|或者|或){}"}
_OTHER_LISTED = "{}, {}[^?]{{1,8}}{}"


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
        return first_problem(
            [
                partial(reply_problem, self.task, answer.reply, self.options),
                partial(self._offered_before, answer.reply),
                partial(self.copied, without(answer.reply, self.options)),
            ]
        )

    def _offered_before(self, reply: str) -> str | None:
        """Options before the question offers them: a small model then rambles until it has to name them again."""
        before = reply[: reply.rfind(self.options[0])]
        early = next((each for each in self.options if len(each) > 1 and each in before), None)
        return None if early is None else problem("early", self.language, text=early)


def _unsound(step: SmallQuestion, text: str, quoting: Sequence[str] = ()) -> list[str]:
    """The first thing wrong with a reasoning."""
    checks = [partial(thought_problem, text, '"reasoning"', step.language, quoting), partial(step.copied, text)]
    return first_problem(checks)
