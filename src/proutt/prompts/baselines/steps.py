"""What the baselines ask a model (ProUtt, Appendix B-C), adapted to the next utterance.

Two kinds: predicting steps see a context alone; informed steps are told the truth, as their papers' methods are told
what is right. Nothing here mends what an informed step lets slip of the truth: that is the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Context
from proutt.intent import Candidate, Truth, near
from proutt.prompts.context import dialogue_text, estimated_tokens
from proutt.prompts.proutt.wording import (
    REASONING_CHARS,
    UTTERANCE_CHARS,
    equal_pair,
    numbered,
    say,
    text_problem,
    utterance_problem,
)
from proutt.prompts.step import Answer, PredictingStep, Role, Step, first_problem
from proutt.prompts.template import fill, prompt_language, template

_PROFILE_CHARS = 900
#: Most tokens of a truth that a prompt quotes: what comes after is mostly something pasted.
_TRUTH_TOKENS = 2000


class ForeseenAnswer(Answer):
    """One prediction: why, then what the user says."""

    reasoning: str = Field(min_length=12, max_length=REASONING_CHARS)
    utterance: str = Field(min_length=2, max_length=UTTERANCE_CHARS)


class ForeseenAnswers(Answer):
    predictions: list[ForeseenAnswer]


class ProfileAnswer(Answer):
    profile: str = Field(min_length=20, max_length=_PROFILE_CHARS)


@lru_cache(maxsize=32)
def _foreseen_model(count: int) -> type[BaseModel]:
    entries = Annotated[list[ForeseenAnswer], Field(min_length=count, max_length=count)]
    return create_model("Foreseen", __base__=ForeseenAnswers, predictions=(entries, ...))


def candidates_of(answer: BaseModel) -> tuple[Candidate, ...]:
    """The predictions of an answer, in order; they have neither perspective nor path."""
    if not isinstance(answer, ForeseenAnswers):
        raise TypeError(f"{type(answer).__name__} holds no predictions")
    return tuple(Candidate(None, each.reasoning, None, " ".join(each.utterance.split())) for each in answer.predictions)


@dataclass(frozen=True, kw_only=True)
class InformedStep(Step[Any]):
    """A step that is told the truth by design: what it writes may speak of it. No predictor may ask one.

    truth  of which the utterance u_{K+1} is quoted
    """

    context: Context
    truth: Truth

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return _dialogue(self.context, self.budget)

    def _truth(self) -> str:
        return _quoted(self.truth.utterance, min(_TRUTH_TOKENS, self.budget))


@dataclass(frozen=True, kw_only=True)
class Foresee(PredictingStep[Any]):
    """`count` predictions from a context alone: what Magpie samples, and what SPaR's actor plays."""

    name: ClassVar[str] = "foresee"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.9

    context: Context
    count: int

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return _dialogue(self.context, self.budget)

    def instruction(self) -> str:
        return fill(template("baselines/foresee", prompt_language(self.language)), count=str(self.count))

    def answer_model(self) -> type[BaseModel]:
        return _foreseen_model(self.count)

    def max_tokens(self) -> int:
        return _room(self.count)

    def problems(self, answer: BaseModel) -> list[str]:
        found = _problems(answer, self.language)
        return found or _asked(answer, self.context)


@dataclass(frozen=True, kw_only=True)
class WriteKnowing(InformedStep):
    """Baize: a whole example, reasoning and `count` predictions, written in one answer with the truth at hand."""

    name: ClassVar[str] = "write-knowing"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.8

    count: int

    def instruction(self) -> str:
        text = template("baselines/write_knowing", prompt_language(self.language))
        return fill(text, truth=self._truth(), count=str(self.count))

    def answer_model(self) -> type[BaseModel]:
        return _foreseen_model(self.count)

    def max_tokens(self) -> int:
        return _room(self.count)

    def problems(self, answer: BaseModel) -> list[str]:
        return _problems(answer, self.language)


@dataclass(frozen=True, kw_only=True)
class Refine(InformedStep):
    """SPaR: predictions that missed the truth, refined with as few changes as possible so that one meets it.

    predictions  as the actor, or the refinement before this one, wrote them
    judged       what the judge said of each, score and reason
    """

    name: ClassVar[str] = "refine"
    role: ClassVar[Role] = Role.EDITOR
    temperature: ClassVar[float] = 0.7

    predictions: tuple[Candidate, ...]
    judged: tuple[str, ...]

    def instruction(self) -> str:
        said = (
            f"{each.utterance}\n   ({each.reasoning})\n   [{judged}]"
            for each, judged in zip(self.predictions, self.judged, strict=True)
        )
        return fill(
            template("baselines/refine", prompt_language(self.language)),
            truth=self._truth(),
            predictions=_behind_marks(numbered(said)),
            count=str(len(self.predictions)),
        )

    def answer_model(self) -> type[BaseModel]:
        return _foreseen_model(len(self.predictions))

    def max_tokens(self) -> int:
        return _room(len(self.predictions))

    def problems(self, answer: BaseModel) -> list[str]:
        return _problems(answer, self.language)


@dataclass(frozen=True, kw_only=True)
class Profile(PredictingStep[ProfileAnswer]):
    """USP: who the user is, as far as the context shows."""

    name: ClassVar[str] = "profile"
    role: ClassVar[Role] = Role.ANNOTATOR
    temperature: ClassVar[float] = 0.3

    context: Context

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return _dialogue(self.context, self.budget)

    def instruction(self) -> str:
        return template("baselines/profile", prompt_language(self.language))

    def answer_model(self) -> type[ProfileAnswer]:
        return ProfileAnswer

    def max_tokens(self) -> int:
        return 400

    def problems(self, answer: ProfileAnswer) -> list[str]:
        return first_problem([lambda: text_problem(answer.profile, '"profile"', self.language, least=20)])


def _room(count: int) -> int:
    return 60 + 200 * count


def _dialogue(context: Context, budget: int) -> str:
    return dialogue_text(context.turns, language=context.language, budget=budget, opening=context.opening)


def _problems(answer: BaseModel, language: str) -> list[str]:
    candidates = candidates_of(answer)

    def problem(candidate: Candidate) -> str | None:
        reasoning = text_problem(candidate.reasoning, '"reasoning"', language, least=20)
        return reasoning or utterance_problem(candidate.utterance, language)

    def same() -> str | None:
        alike = equal_pair([each.utterance for each in candidates])
        return say("same", language, what="utterances") if alike else None

    found = [problem(each) for each in candidates]
    return first_problem([*(lambda text=text: text for text in found), same])


def _asked(answer: BaseModel, context: Context) -> list[str]:
    """What the user has said already is no prediction."""
    for each in candidates_of(answer):
        if any(near(turn.user, each.utterance) for turn in context.turns):
            return [say("asked", context.language, text=each.utterance)]
    return []


def _quoted(text: str, most: int) -> str:
    """The text behind "> ", its end left out where it takes more than `most` tokens."""
    while estimated_tokens(text) > most:
        text = text[: len(text) * 3 // 4]
    return _behind_marks(text)


def _behind_marks(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])
