"""ProUtt's steps for models of a few billion weights or fewer: one small question a call, with worked examples.

A small model that is asked for a whole step at once copies the dialogue, repeats itself and ignores half of the task
(docs/embedded.md has what was measured). It does well when it sees earlier answers of the same kind as chat turns, is
asked for one thing, sees the intent tree in place of the dialogue, writes the intent down right before the utterance,
and when the grammar of its answer leaves no room for anything else. What comes out has the shape of the other steps'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, Field, create_model

from proutt.dialogue import Context
from proutt.intent import IntentPath, IntentTree, Perspective, SentenceType, near, near_paths, render
from proutt.prompts.proutt.annotate import MOST_PATHS
from proutt.prompts.proutt.small_step import (
    NONE,
    SmallStep,
    quoted,
    reasoning_pattern,
    users_words,
    utterance_pattern,
    voice_problem,
    worked_examples,
)
from proutt.prompts.proutt.wording import (
    as_path,
    brings,
    echo_problem,
    equal_pair,
    named,
    reasoning_problem,
    said_in,
    say,
    shared,
    shown,
    utterance_problem,
)
from proutt.prompts.step import Answer, PredictingStep, Role, first_problem
from proutt.prompts.template import prompt_language

_FORMS = {
    "en": {
        SentenceType.INTERROGATIVE: "a question",
        SentenceType.IMPERATIVE: "a request",
        SentenceType.DECLARATIVE: "a statement",
        None: "any",
    },
    "zh": {
        SentenceType.INTERROGATIVE: "疑问句",
        SentenceType.IMPERATIVE: "祈使句",
        SentenceType.DECLARATIVE: "陈述句",
        None: "不限",
    },
}
_PERSPECTIVES = {
    "en": {Perspective.EXPLOITATION: "what else about these topics", Perspective.EXPLORATION: "what other topics"},
    "zh": {Perspective.EXPLOITATION: "这些主题还可以谈什么", Perspective.EXPLORATION: "还可以谈哪些别的主题"},
}
_TREE = {"en": "The user's intents so far:\n{}", "zh": "用户目前的意图：\n{}"}
_COMMA = {"en": ", ", "zh": "、"}

_LABEL = r'[^"\\\n→{}:：\-☀-⟿🀀-🫿]{2,30}'
_VALUE = r'[^"\\\n→{}☀-⟿🀀-🫿]{1,40}'


# Annotation: sees what the user said, truths included.


class SmallRoundAnswer(Answer):
    wants: str = Field(max_length=120)
    paths: list[str] = Field(max_length=MOST_PATHS)


@dataclass(frozen=True, kw_only=True)
class AnnotateUtterance(SmallStep):
    """The new intents of one user utterance.

    before  what the assistant had said just before, or None
    topics  of the tree so far
    """

    name: ClassVar[str] = "annotate"
    role: ClassVar[Role] = Role.ANNOTATOR
    temperature: ClassVar[float] = 0.1
    text: ClassVar[str] = "annotate"

    dialogue_language: str
    utterance: str
    before: str | None
    topics: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.dialogue_language

    def fields(self) -> dict[str, str]:
        comma = _COMMA[prompt_language(self.language)]
        return self._fields(comma.join(self.topics[-12:]), self.before, self.utterance)

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return self._fields(example["topics"], example["before"], example["utterance"])

    def _fields(self, topics: str | None, before: str | None, utterance: str) -> dict[str, str]:
        none = NONE[prompt_language(self.language)]
        return {
            "topics": topics or none,
            "before": quoted(before, self.budget // 3) if before else none,
            "utterance": quoted(utterance, self.budget // 2),
        }

    def answer_model(self) -> type[SmallRoundAnswer]:
        path = Annotated[str, Field(pattern=rf"^{_LABEL} → {_LABEL}( - {_VALUE})?$"), AfterValidator(_named)]
        paths = Annotated[list[path], Field(max_length=3)]
        return create_model("Round", __base__=SmallRoundAnswer, paths=(paths, ...))

    def max_tokens(self) -> int:
        return 220

    def stated(self, answer: SmallRoundAnswer) -> tuple[IntentPath, ...]:
        """The paths of an answer; a value that the user did not say is left open."""
        return tuple(self._grounded(parse_path(each)) for each in answer.paths)

    def _grounded(self, path: IntentPath) -> IntentPath:
        return path if path.value is None or said_in(path.value, self.utterance) else replace(path, value=None)


# Prediction: sees a context.


@dataclass(frozen=True, kw_only=True)
class SmallPredictingStep(SmallStep, PredictingStep[Any]):
    """A small question about a context: its tree, or where none is built, what its user said."""

    context: Context
    tree: IntentTree | None

    @property
    def language(self) -> str:
        return self.context.language

    def given(self) -> str:
        said = [turn.user for turn in self.context.turns]
        return self._given(None if self.tree is None else render(shown(self.tree, self.budget)), said)

    def _given(self, tree: str | None, said: Sequence[str]) -> str:
        if tree is None:
            return users_words(said, self.language, self.budget // 2)
        return _TREE[prompt_language(self.language)].format(tree)

    def example_given(self, example: Mapping[str, Any]) -> str:
        return self._given(None if self.tree is None else example["tree"], example["said"])


@dataclass(frozen=True, kw_only=True)
class Brainstorm(SmallPredictingStep):
    """Paths that may come next in one perspective; more than are needed, so that some can be dropped.

    n      how many
    avoid  labels not to name: what the tree has, and what was found before
    """

    name: ClassVar[str] = "brainstorm"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.9
    text: ClassVar[str] = "brainstorm"

    perspective: Perspective
    n: int
    avoid: tuple[str, ...]

    def examples(self) -> str:
        return f"brainstorm_{self.perspective.value}"

    def fields(self) -> dict[str, str]:
        language = prompt_language(self.language)
        return {
            "perspective": _PERSPECTIVES[language][self.perspective],
            "given": self.given(),
            "avoid": _COMMA[language].join(self.avoid[-24:]) or NONE[language],
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        language = prompt_language(self.language)
        return {
            "perspective": _PERSPECTIVES[language][self.perspective],
            "given": self.example_given(example),
            "avoid": example["avoid"],
        }

    def answer_model(self) -> type[BaseModel]:
        topic = _LABEL
        if self.perspective is Perspective.EXPLOITATION and self.tree is not None:
            topic = "(" + "|".join(_escaped(each) for each in shown(self.tree, self.budget).topics) + ")"
        path = Annotated[str, Field(pattern=rf"^{topic} → {_LABEL}( - {_VALUE})?$"), AfterValidator(_named)]
        intents = Annotated[list[path], Field(min_length=self.n, max_length=self.n)]
        return create_model("Intents", __base__=Answer, intents=(intents, ...))

    def max_tokens(self) -> int:
        return 60 + 50 * self.n

    def found(self, answer: Any) -> list[IntentPath]:
        """The paths of an answer that fit the perspective, each once, in order; where no tree is built, as phrases."""
        kept: list[IntentPath] = []
        for text in answer.intents:
            path = parse_path(text)
            if self.tree is not None:
                known = self.tree.topic(path.topic) is not None
                if known is (self.perspective is Perspective.EXPLORATION) or self.tree.holds(path):
                    continue
            if self._leaked(path) or any(near_paths(path, other) for other in kept):
                continue
            kept.append(path)
        return kept

    def _leaked(self, path: IntentPath) -> bool:
        """Whether a path is one of a worked example's."""
        shots = worked_examples(self.examples(), prompt_language(self.language))
        return any(near(str(path), other) for shot in shots for other in shot["answer"]["intents"])


@dataclass(frozen=True, kw_only=True)
class Write(SmallPredictingStep):
    """Reasoning that leads to one path, and the utterance that verbalises it.

    others    utterances that this one must differ from
    reasoned  whether the reasoning is asked for too, or the utterance alone
    """

    temperature: ClassVar[float] = 0.7
    role: ClassVar[Role] = Role.REASONER
    name: ClassVar[str] = "write"
    text: ClassVar[str] = "write"

    path: IntentPath
    sentence_type: SentenceType | None
    others: tuple[str, ...]
    reasoned: bool = True

    def examples(self) -> str:
        return "write" if self.reasoned else "word"

    def fields(self) -> dict[str, str]:
        form = _FORMS[prompt_language(self.language)][self.sentence_type]
        return {"given": self.given(), "path": str(self.path), "form": form}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        form = _FORMS[prompt_language(self.language)][SentenceType(example["type"])]
        return {"given": self.example_given(example), "path": str(as_path(*example["path"])), "form": form}

    def example_answer(self, example: Mapping[str, Any]) -> dict[str, Any]:
        answer = example["answer"]
        reasoning = {"reasoning": answer["reasoning"]} if self.reasoned else {}
        return {**reasoning, "intent": str(as_path(*example["path"])), "utterance": answer["utterance"]}

    def answer_model(self) -> type[BaseModel]:
        language = self.language
        utterance = utterance_pattern(language, self.sentence_type)
        fields: dict[str, Any] = {}
        if self.reasoned:
            fields["reasoning"] = (Annotated[str, Field(pattern=reasoning_pattern(language))], ...)
        intent: Any = Literal[str(self.path)]
        fields["intent"] = (intent, ...)  # written once more right before the utterance: it keeps the two together
        fields["utterance"] = (Annotated[str, Field(pattern=utterance)], ...)
        return create_model("Forecast", __base__=Answer, **fields)

    def max_tokens(self) -> int:
        return 260 if self.reasoned else 160

    def problems(self, answer: Any) -> list[str]:
        checks = [
            partial(utterance_problem, answer.utterance, self.language),
            partial(voice_problem, answer.utterance, self.language),
            partial(self._off_path, answer.utterance),
            partial(self.copied, answer.utterance),
            self._alike(answer.utterance),
        ]
        if self.reasoned:
            checks.insert(0, partial(reasoning_problem, answer.reasoning, '"reasoning"', self.language))
            checks.insert(1, partial(self.copied, answer.reasoning))
        return first_problem(checks)

    def _off_path(self, utterance: str) -> str | None:
        """The problem where an utterance shares not one word with its path.

        Where the reasoning is written too, a known topic alone does not count, since other paths share it: something
        new has to be said of it ("the amount of lentils" for "lentils → quantity").
        """
        known = self.tree is not None and self.tree.topic(self.path.topic) is not None
        aspect = f"{self.path.attribute or self.path.topic} {self.path.value or ''}"
        if shared(aspect, utterance) > 0:
            return None
        if shared(self.path.topic, utterance) > 0:
            before = " ".join([self.path.topic, *(turn.user for turn in self.context.turns)])
            if not (self.reasoned and known) or brings(utterance, before):
                return None
        return say("off", self.language, text=str(self.path))

    def _alike(self, utterance: str) -> Any:
        def problem() -> str | None:
            if any(near(turn.user, utterance) for turn in self.context.turns):
                return say("asked", self.language, text=utterance)
            return say("same", self.language, what="utterances") if equal_pair([utterance, *self.others]) else None

        return problem


@dataclass(frozen=True, kw_only=True)
class Revision(Write):
    """As `Write`, for p_{K+1} on the chosen side."""

    name: ClassVar[str] = "revise"
    role: ClassVar[Role] = Role.EDITOR


@dataclass(frozen=True, kw_only=True)
class Rewording(Write):
    """As `Write`, under s⁻ on the rejected side.

    before  the utterance that stood there, which must be worded anew
    """

    name: ClassVar[str] = "reword"
    role: ClassVar[Role] = Role.EDITOR

    before: str

    def problems(self, answer: Any) -> list[str]:
        return super().problems(answer) or first_problem(
            [partial(echo_problem, answer.utterance, self.before, self.language)]
        )


@dataclass(frozen=True, kw_only=True)
class SmallSentenceTypes(SmallPredictingStep):
    """The reasoning chains for every sentence type, in one call: each is one sentence."""

    name: ClassVar[str] = "sentence-types"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.7
    text: ClassVar[str] = "sentence_types"

    order: tuple[SentenceType, ...]

    def fields(self) -> dict[str, str]:
        return {"given": self.given(), "utterance": quoted(self.context.turns[-1].user, self.budget // 4)}

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {"given": self.example_given(example), "utterance": quoted(example["utterance"], 200)}

    def answer_model(self) -> type[BaseModel]:
        text = Annotated[str, Field(pattern=reasoning_pattern(self.language))]
        chains: dict[str, Any] = {each.value: (text, ...) for each in self.order}
        return create_model("SentenceTypeChains", __base__=Answer, **chains)

    def max_tokens(self) -> int:
        return 420

    def problems(self, answer: BaseModel) -> list[str]:
        chains = [str(getattr(answer, kind.value)) for kind in self.order]
        checks = [partial(reasoning_problem, each, '"reasoning"', self.language) for each in chains]
        copies = [partial(self.copied, each) for each in chains]

        def same() -> str | None:
            return say("same", self.language, what="texts") if equal_pair(chains) else None

        return first_problem([*checks, *copies, same])


def _named(text: str) -> str:
    """A path as text whose topic has a name. Raises ValueError where it has none."""
    named(text.partition(" → ")[0])
    return text


def parse_path(text: str) -> IntentPath:
    """The path that a text like `Topic → Attribute - Value` names."""
    topic, _, rest = text.partition(" → ")
    attribute, _, value = rest.partition(" - ")
    return as_path(topic, attribute, value)


def _escaped(label: str) -> str:
    """A label for a pattern that both Python's and the engine's regular expressions read."""
    return re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", label)
