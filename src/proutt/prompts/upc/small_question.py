"""The small questions of UPC's user agent and critic: one thing a call, with worked examples as chat turns.

As in `prompts/proutt/small_step.py`. A critic is asked for one score a call, with its reason before the number, and for
advice apart; who words the advice sees no background at all, so it can tell nothing of it. The chatbot has no small
questions: it is talked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.intent.persona import Persona
from proutt.llm.chat import Sampling
from proutt.prompts.proutt.small_step import SmallStep, quoted
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.synpt.saying import said_problem, thought_problem
from proutt.prompts.synpt.small_question import reasoning_pattern, utterance_pattern
from proutt.prompts.template import prompt_language
from proutt.prompts.upc.heard import Heard
from proutt.prompts.upc.saying import utterance_problem

#: Tokens of a background or of all that was said that a question shows.
SHOWN_TOKENS = 400
#: The last utterances that a question shows.
_SHOWN = 4
_SPEAKERS = {"en": ("Chatbot: ", "Person: "), "zh": ("机器人：", "对方：")}

#: What each score is for, with what 1, 3 and 5 mean.
_MEANINGS = {
    "en": {
        "relevance": "How far it concerns the person. 1: not at all. 3: their subjects in general. 5: made for them.",
        "value": "How much there is in it. 1: empty or repeated. 3: something useful. 5: an insight that helps.",
        "interest": "How much the person wants to go on. 1: would rather stop. 3: fair enough. 5: can't wait.",
    },
    "zh": {
        "relevance": "与这个人有多相关。1：毫不相关。3：大体是他的话题。5：专门为他而说。",
        "value": "内容有多充实。1：空洞或重复。3：有些用处。5：有见解，真正有帮助。",
        "interest": "这个人有多想聊下去。1：想停下。3：还可以。5：迫不及待。",
    },
}


@dataclass(frozen=True, kw_only=True)
class SmallQuestion(SmallStep):
    """A small question about a dialogue. heat: temperature, 0..2."""

    folder: ClassVar[str] = "upc/small"
    system: ClassVar[str] = "upc/small/system"

    budget: int = SHOWN_TOKENS
    heat: float
    heard: Heard

    @property
    def language(self) -> str:
        return self.heard.language

    def sampling(self, seed: int) -> Sampling:
        return replace(super().sampling(seed), temperature=self.heat)

    def said(self, utterances: tuple[str, ...], *, bot_first: bool) -> str:
        """Utterances, a quoted line each."""
        bot, user = _SPEAKERS[prompt_language(self.language)]
        share = max(self.budget // max(len(utterances), 1), 40)
        return "\n".join(
            f"{bot if (number % 2 == 0) == bot_first else user}{quoted(each, share)}"
            for number, each in enumerate(utterances)
        )

    def last_said(self) -> str:
        """The last utterances."""
        shown = self.heard.utterances[-_SHOWN:]
        return self.said(shown, bot_first=(len(self.heard.utterances) - len(shown)) % 2 == 0)

    def example_said(self, example: Mapping[str, Any]) -> str:
        return self.said(tuple(example["said"]), bot_first=True)


class Uttered(Answer):
    utterance: str


@dataclass(frozen=True, kw_only=True)
class SmallPersonStep(SmallQuestion):
    """The user agent speaks."""

    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 0.75

    persona: Persona

    def fields(self) -> dict[str, str]:
        return {
            "name": quoted(self.persona.name, 40),
            "background": quoted(self.persona.background, self.budget),
            "said": self.last_said(),
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {
            "name": quoted(example["name"], 40),
            "background": quoted(example["background"], self.budget),
            "said": self.example_said(example),
        }

    def answer_model(self) -> type[BaseModel]:
        pattern = Annotated[str, Field(pattern=utterance_pattern(self.language))]
        return create_model("Uttered", __base__=Uttered, utterance=(pattern, ...))

    def max_tokens(self) -> int:
        return 220

    def problems(self, answer: Uttered) -> list[str]:
        text = answer.utterance
        return first_problem([partial(utterance_problem, text, self.language), partial(self.copied, text)])


@dataclass(frozen=True, kw_only=True)
class IntroduceBriefly(SmallPersonStep):
    """The self-introduction."""

    name: ClassVar[str] = "introduce"
    text: ClassVar[str] = "introduce"


@dataclass(frozen=True, kw_only=True)
class ReplyBriefly(SmallPersonStep):
    """What the user says to a response."""

    name: ClassVar[str] = "reply"
    text: ClassVar[str] = "reply"


class Rated(Answer):
    reason: str
    score: Literal[1, 2, 3, 4, 5]


@dataclass(frozen=True, kw_only=True)
class Rate(SmallQuestion):
    """One score of a response, after its reason. aspect: relevance, value or interest."""

    name: ClassVar[str] = "criticise"
    role: ClassVar[Role] = Role.CRITIC
    temperature: ClassVar[float] = 0.0
    text: ClassVar[str] = "rate"

    persona: Persona
    response: str
    aspect: str

    def fields(self) -> dict[str, str]:
        return {
            "background": quoted(self.persona.background, self.budget),
            "said": self.last_said(),
            "response": quoted(self.response, self.budget // 2),
            "meaning": self._meaning,
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {
            "background": quoted(example["background"], self.budget),
            "said": self.example_said(example),
            "response": quoted(example["response"], self.budget),
            "meaning": self._meaning,
        }

    def example_answer(self, example: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = example["answers"][self.aspect]
        return answer

    @property
    def _meaning(self) -> str:
        return _MEANINGS[prompt_language(self.language)][self.aspect]

    def answer_model(self) -> type[BaseModel]:
        reason = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        return create_model("Rated", __base__=Rated, reason=(reason, ...))

    def max_tokens(self) -> int:
        return 140

    def problems(self, answer: Rated) -> list[str]:
        return first_problem([partial(thought_problem, answer.reason, '"reason"', self.language)])


class Advised(Answer):
    advice: str


@dataclass(frozen=True, kw_only=True)
class Advise(SmallQuestion):
    """How the chatbot may do better, from what was said alone.

    lacks  the aspects whose scores are too low
    """

    name: ClassVar[str] = "advise"
    role: ClassVar[Role] = Role.CRITIC
    temperature: ClassVar[float] = 0.0
    text: ClassVar[str] = "advise"

    response: str
    lacks: tuple[str, ...]

    def fields(self) -> dict[str, str]:
        return {
            "said": self.last_said(),
            "response": quoted(self.response, self.budget // 2),
            "lacks": _lacking(self.lacks, self.language),
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {
            "said": self.example_said(example),
            "response": quoted(example["response"], self.budget),
            "lacks": _lacking(tuple(example["lacks"]), self.language),
        }

    def answer_model(self) -> type[BaseModel]:
        advice = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        return create_model("Advised", __base__=Advised, advice=(advice, ...))

    def max_tokens(self) -> int:
        return 140

    def problems(self, answer: Advised) -> list[str]:
        text = answer.advice
        found = said_problem(text, '"advice"', self.language)
        return [found] if found else first_problem([partial(self.copied, text)])


_LACKS = {
    "en": {"relevance": "closeness to the person", "value": "substance", "interest": "something to look forward to"},
    "zh": {"relevance": "与对方的联系", "value": "实在的内容", "interest": "让人想聊下去的东西"},
}


def _lacking(aspects: tuple[str, ...], language: str) -> str:
    code = prompt_language(language)
    return ("、" if code == "zh" else ", ").join(_LACKS[code][each] for each in aspects)
