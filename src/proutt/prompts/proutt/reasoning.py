"""The reasoning steps of ProUtt: sentence types (III-C) and intent paths (III-D.1).

They see a context, never a truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from proutt.dialogue import Context
from proutt.intent import Candidate, IntentPath, IntentTree, Perspective, SentenceType, near, near_paths
from proutt.prompts.context import dialogue_text
from proutt.prompts.proutt.wording import (
    LABEL_CHARS,
    REASONING_CHARS,
    UTTERANCE_CHARS,
    VALUE_CHARS,
    Name,
    as_path,
    equal_pair,
    form_of,
    label,
    reasoning_problem,
    say,
    shown,
    tree_block,
    type_line,
    utterance_problem,
)
from proutt.prompts.step import Answer, PredictingStep, Role, first_problem
from proutt.prompts.template import fill, prompt_language, template


@dataclass(frozen=True, kw_only=True)
class ContextStep(PredictingStep[Any]):
    """A predicting step over D^(K) and T^(K); tree is None where the ablation "intent-tree" builds none."""

    context: Context
    tree: IntentTree | None

    @property
    def language(self) -> str:
        return self.context.language

    def dialogue(self) -> str:
        return dialogue_text(
            self.context.turns, language=self.language, budget=self.budget, opening=self.context.opening
        )

    def said(self, text: str) -> bool:
        """Whether the user has already said this in the context."""
        return any(near(turn.user, text) for turn in self.context.turns)


@lru_cache(maxsize=256)
def _chains_model(order: tuple[SentenceType, ...]) -> type[BaseModel]:
    text = Annotated[str, Field(min_length=12, max_length=REASONING_CHARS)]
    chains: dict[str, Any] = {each.value: (text, ...) for each in order}
    return create_model("SentenceTypeChains", __base__=Answer, **chains)


@dataclass(frozen=True, kw_only=True)
class SentenceTypes(ContextStep):
    """The reasoning chains r_{s_j} for every sentence type (equation 2), in one call.

    order  in which the types are asked for: it varies, since a weak model favours what comes first
    """

    name: ClassVar[str] = "sentence-types"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.7

    order: tuple[SentenceType, ...]

    def instruction(self) -> str:
        language = prompt_language(self.language)
        types = "\n".join(type_line(each, language) for each in self.order)
        return fill(
            template("proutt/sentence_types", language), tree=tree_block(self.tree, language, self.budget), types=types
        )

    def answer_model(self) -> type[BaseModel]:
        return _chains_model(self.order)

    def max_tokens(self) -> int:
        return 480

    def problems(self, answer: BaseModel) -> list[str]:
        chains = chains_of(answer)
        checks = [partial(reasoning_problem, text, f'"{kind}"', self.language) for kind, text in chains.items()]

        def same() -> str | None:
            found = equal_pair(list(chains.values()))
            return say("same", self.language, what="texts") if found else None

        return first_problem([*checks, same])


def chains_of(answer: BaseModel) -> dict[SentenceType, str]:
    """The chains of a `SentenceTypes` answer by type, in the order of `SentenceType`."""
    return {kind: getattr(answer, kind.value) for kind in SentenceType}


class CandidateAnswer(Answer):
    reasoning: str = Field(min_length=12, max_length=REASONING_CHARS)
    topic: Name = Field(min_length=1, max_length=LABEL_CHARS)
    attribute: str = Field(min_length=1, max_length=LABEL_CHARS)
    value: str = Field(max_length=VALUE_CHARS)
    utterance: str = Field(min_length=2, max_length=UTTERANCE_CHARS)


class FlatCandidateAnswer(Answer):
    """A candidate where no tree is built: the intent is a phrase."""

    reasoning: str = Field(min_length=12, max_length=REASONING_CHARS)
    intent: Name = Field(min_length=2, max_length=VALUE_CHARS)
    utterance: str = Field(min_length=2, max_length=UTTERANCE_CHARS)


@lru_cache(maxsize=64)  # of one turn and its neighbours: each is some 100 kB
def _candidates_model(perspectives: tuple[Perspective, ...], q: int, topics: tuple[str, ...] | None) -> type[BaseModel]:
    """Q candidates per perspective; `topics` are those of the tree that the prompt shows, None without a tree."""
    sides: dict[str, Any] = {}
    for perspective in perspectives:
        entry = _candidate_model(perspective, topics)
        sides[perspective.value] = (Annotated[list[entry], Field(min_length=q, max_length=q)], ...)  # type: ignore[valid-type]
    return create_model("Candidates", __base__=Answer, **sides)


def _candidate_model(perspective: Perspective, topics: tuple[str, ...] | None) -> type[BaseModel]:
    if topics is None:
        return FlatCandidateAnswer
    if perspective is not Perspective.EXPLOITATION or not topics:
        return CandidateAnswer
    known: Any = Literal[topics]  # the schema itself keeps a weak model on the known topics
    return create_model(
        "KnownTopicCandidate",
        __base__=Answer,
        reasoning=(Annotated[str, Field(min_length=12, max_length=REASONING_CHARS)], ...),
        topic=(known, ...),
        attribute=(Annotated[str, Field(min_length=1, max_length=LABEL_CHARS)], ...),
        value=(Annotated[str, Field(max_length=VALUE_CHARS)], ...),
        utterance=(Annotated[str, Field(min_length=2, max_length=UTTERANCE_CHARS)], ...),
    )


@dataclass(frozen=True, kw_only=True)
class PredictPaths(ContextStep):
    """PATHREASON: Q candidate paths per perspective with reasoning and utterances (equations 5 to 7).

    perspectives   those asked for in this call, both or one
    sentence_type  s*, or None under the ablation "sentence-type"
    avoid          utterances of candidates that another call has predicted, not to be repeated
    """

    name: ClassVar[str] = "paths"
    role: ClassVar[Role] = Role.REASONER
    temperature: ClassVar[float] = 0.8

    perspectives: tuple[Perspective, ...]
    q: int
    sentence_type: SentenceType | None

    def instruction(self) -> str:
        language = prompt_language(self.language)
        flat = "" if self.tree is not None else "_flat"
        topics = ", ".join(f"“{topic}”" for topic in shown(self.tree, self.budget).topics) if self.tree else "…"
        asked = []
        for perspective in self.perspectives:
            text = template(f"proutt/paths_{perspective.value}{flat}", language)
            named = {"topics": topics} if perspective is Perspective.EXPLORATION and self.tree is not None else {}
            asked.append("- " + fill(text, q=str(self.q), **named))
        form = "" if self.sentence_type is None else (", " if language == "en" else "，")
        form += "" if self.sentence_type is None else form_of(self.sentence_type, language)
        return fill(
            template("proutt/paths", language),
            tree=tree_block(self.tree, language, self.budget),
            perspectives="\n".join(asked),
            path=template(f"proutt/paths_fields{flat}", language) + (" " if language == "en" else ""),
            form=form,
        )

    def answer_model(self) -> type[BaseModel]:
        topics = None if self.tree is None else tuple(shown(self.tree, self.budget).topics)
        return _candidates_model(self.perspectives, self.q, topics)

    def max_tokens(self) -> int:
        return 60 + 200 * self.q * len(self.perspectives)

    def problems(self, answer: BaseModel) -> list[str]:
        candidates = candidates_of(answer)
        checks = [partial(self._problem, each) for each in candidates]
        return first_problem([*checks, lambda: candidates_alike(candidates, self.language)])

    def _problem(self, candidate: Candidate) -> str | None:
        return (
            reasoning_problem(candidate.reasoning, '"reasoning"', self.language)
            or utterance_problem(candidate.utterance, self.language)
            or (say("asked", self.language, text=candidate.utterance) if self.said(candidate.utterance) else None)
            or self._path_problem(candidate)
        )

    def _path_problem(self, candidate: Candidate) -> str | None:
        path = candidate.path
        if path is None or self.tree is None:
            return None
        known = self.tree.topic(path.topic) is not None
        if candidate.perspective is Perspective.EXPLORATION:
            return say("known", self.language, text=path.topic) if known else None
        if self.tree.topics and not known:
            return say("unknown", self.language, text=path.topic)
        return say("held", self.language, text=str(path)) if self.tree.holds(path) else None


def candidates_of(answer: BaseModel) -> tuple[Candidate, ...]:
    """The candidates of a `PredictPaths` answer, exploitation first; a flat intent becomes a path of a topic alone."""
    found = []
    for perspective in Perspective:
        for each in getattr(answer, perspective.value, []):
            flat = isinstance(each, FlatCandidateAnswer)
            path = IntentPath(label(each.intent)) if flat else as_path(each.topic, each.attribute, each.value)
            found.append(Candidate(perspective, each.reasoning, path, " ".join(each.utterance.split())))
    return tuple(found)


def candidates_alike(candidates: tuple[Candidate, ...], language: str) -> str | None:
    """What is wrong where two candidates say or mean the same, or None."""
    if equal_pair([each.utterance for each in candidates]):
        return say("same", language, what="utterances")
    paths = [each.path for each in candidates if each.path is not None]
    if any(near_paths(one, other) for index, one in enumerate(paths) for other in paths[index + 1 :]):
        return say("same", language, what="intents")
    return None
