"""The baselines' questions for models of a few billion weights or fewer: one prediction a call, with worked examples.

docs/embedded.md says why small questions. No baseline has a tree, so a question shows what the user said, and the
assistant's last answer in short. What a step may know is as in `steps.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Context
from proutt.intent import Candidate, near
from proutt.prompts.baselines.steps import InformedStep
from proutt.prompts.proutt.small_step import (
    NONE,
    SmallStep,
    quoted,
    reasoning_pattern,
    users_words,
    utterance_pattern,
    voice_problem,
)
from proutt.prompts.proutt.wording import echo_problem, equal_pair, say, text_problem, utterance_problem
from proutt.prompts.step import Answer, PredictingStep, Role, first_problem
from proutt.prompts.template import prompt_language

#: Most tokens of the assistant's last answer, which a small model would take over if it saw it whole.
_ANSWER_TOKENS = 60
_WISHES = {
    "en": {True: "what the user really wants, in other words", False: "something else that the user may want"},
    "zh": {True: "用户真正想要的，换一种说法", False: "用户可能想要的别的东西"},
}


class OnePrediction(Answer):
    """Why, then what the user says; the patterns come with the language."""

    reasoning: str
    utterance: str


def candidate_of(answer: OnePrediction) -> Candidate:
    """The prediction of an answer; it has neither perspective nor path."""
    return Candidate(None, answer.reasoning, None, answer.utterance)


@dataclass(frozen=True, kw_only=True)
class _SmallWriting(SmallStep):
    """One prediction for a context.

    others  utterances that this one must differ from
    """

    folder: ClassVar[str] = "baselines/small"

    context: Context
    others: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        return self.context.language

    def fields(self) -> dict[str, str]:
        last = self.context.turns[-1].assistant
        return self._seen([turn.user for turn in self.context.turns], last) | self._fields(self.others)

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return self._seen(example["said"], example["before"]) | self._fields(example.get("others", ()))

    def _seen(self, said: Sequence[str], last: str) -> dict[str, str]:
        return {
            "given": users_words(said, self.language, self.budget // 2),
            "before": quoted(last, min(_ANSWER_TOKENS, self.budget // 4)),
        }

    def _fields(self, others: Sequence[str]) -> dict[str, str]:
        """What the question names beside what was said."""
        return {"others": " ".join(quoted(each, 40) for each in others) or NONE[prompt_language(self.language)]}

    def answer_model(self) -> type[BaseModel]:
        reasoning = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        utterance = Annotated[str, Field(pattern=utterance_pattern(self.language, None))]
        return create_model("Forecast", __base__=OnePrediction, reasoning=(reasoning, ...), utterance=(utterance, ...))

    def max_tokens(self) -> int:
        return 240

    def problems(self, answer: OnePrediction) -> list[str]:
        said = answer.utterance
        return first_problem(
            [
                partial(text_problem, answer.reasoning, '"reasoning"', self.language, least=20),
                partial(self.copied, answer.reasoning),
                partial(utterance_problem, said, self.language),
                partial(voice_problem, said, self.language),
                partial(self.copied, said),
                partial(self._asked, said),
                partial(self._alike, said),
            ]
        )

    def _asked(self, utterance: str) -> str | None:
        asked = any(near(turn.user, utterance) for turn in self.context.turns)
        return say("asked", self.language, text=utterance) if asked else None

    def _alike(self, utterance: str) -> str | None:
        return say("same", self.language, what="utterances") if equal_pair([utterance, *self.others]) else None


@dataclass(frozen=True, kw_only=True)
class ForeseeOne(_SmallWriting, PredictingStep[Any]):
    """One prediction from a context alone: 2Q of them are a draw of Magpie's, or what SPaR's actor plays."""

    name: ClassVar[str] = "foresee"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.9
    text: ClassVar[str] = "foresee"


@dataclass(frozen=True, kw_only=True)
class WriteOneKnowing(_SmallWriting, InformedStep):
    """Baize: one prediction of an example, written with the truth at hand.

    same  whether it wants what the user really said, or something else
    """

    name: ClassVar[str] = "write-knowing"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.8
    text: ClassVar[str] = "know"

    same: bool

    def fields(self) -> dict[str, str]:
        return super().fields() | self._told(self.truth.utterance, same=self.same)

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return super().example_fields(example) | self._told(example["truth"], same=example["same"])

    def _told(self, truth: str, *, same: bool) -> dict[str, str]:
        return {"truth": quoted(truth, self.budget // 4), "wish": _WISHES[prompt_language(self.language)][same]}

    def problems(self, answer: OnePrediction) -> list[str]:
        return super().problems(answer) or first_problem([partial(self._true, answer.utterance)])

    def _true(self, utterance: str) -> str | None:
        """The problem where the truth itself stands in for another wish."""
        true = not self.same and near(self.truth.utterance, utterance)
        return say("near", self.language, text=utterance) if true else None


@dataclass(frozen=True, kw_only=True)
class RefineOne(_SmallWriting, InformedStep):
    """SPaR: the prediction that came nearest, changed so that it wants what the user really said.

    missed  that prediction; its reasoning is not shown, for a small model copies it, and it reasons for another wish
    """

    name: ClassVar[str] = "refine"
    role: ClassVar[Role] = Role.EDITOR
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "refine"

    missed: Candidate

    def fields(self) -> dict[str, str]:
        return super().fields() | self._told(self.truth.utterance, self.missed.utterance)

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return super().example_fields(example) | self._told(example["truth"], example["missed"])

    def _fields(self, others: Sequence[str]) -> dict[str, str]:  # noqa: ARG002
        return {}  # the others are not shown: an answer that repeats one of them is asked anew

    def _told(self, truth: str, missed: str) -> dict[str, str]:
        return {"truth": quoted(truth, self.budget // 4), "missed": quoted(missed, 60)}

    def problems(self, answer: OnePrediction) -> list[str]:
        unchanged = partial(echo_problem, answer.utterance, self.missed.utterance, self.language)
        return super().problems(answer) or first_problem([unchanged])
