"""The editing steps of ProUtt: revision, perturbation, verbalisation (III-D.3; Algorithm 1, lines 10 to 20).

They see a context. Of the truth they get no more than the paper lets through: the sentence type, and for revision (and
for a path that must differ from it) the path p_{K+1}; never the utterance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, ClassVar

from pydantic import Field, create_model

from proutt.intent import IntentPath, Perspective, SentenceType, near_paths
from proutt.prompts.proutt.annotate import PathAnswer
from proutt.prompts.proutt.reasoning import ContextStep
from proutt.prompts.proutt.wording import (
    REASONING_CHARS,
    UTTERANCE_CHARS,
    echo_problem,
    equal_pair,
    form_of,
    label,
    numbered,
    numbers,
    perspective_words,
    reasoning_problem,
    say,
    tree_block,
    utterance_problem,
)
from proutt.prompts.step import Answer, Role, first_problem
from proutt.prompts.template import fill, prompt_language, template

Reasoning = Annotated[str, Field(min_length=12, max_length=REASONING_CHARS)]
Utterance = Annotated[str, Field(min_length=2, max_length=UTTERANCE_CHARS)]


@dataclass(frozen=True, kw_only=True)
class EditingStep(ContextStep):
    """What the editing steps share: the editor's role, and the form that utterances take."""

    role: ClassVar[Role] = Role.EDITOR
    temperature: ClassVar[float] = 0.7

    def form(self, sentence_type: SentenceType | None) -> str:
        language = prompt_language(self.language)
        return template("proutt/any_form", language) if sentence_type is None else form_of(sentence_type, language)


class RevisionAnswer(Answer):
    reasoning: Reasoning
    utterance: Utterance


@dataclass(frozen=True, kw_only=True)
class Revise(EditingStep):
    """REVISE and GENERATEAPPROX: reasoning that leads to p_{K+1}, and an utterance that is right in intent.

    path    p_{K+1}
    others  utterances of the other candidates, which this one must differ from
    """

    name: ClassVar[str] = "revise"

    path: IntentPath
    sentence_type: SentenceType | None
    others: tuple[str, ...] = ()

    def instruction(self) -> str:
        language = prompt_language(self.language)
        return fill(
            template("proutt/revise", language),
            tree=tree_block(self.tree, language, self.budget),
            path=str(self.path),
            form=self.form(self.sentence_type),
        )

    def answer_model(self) -> type[RevisionAnswer]:
        return RevisionAnswer

    def max_tokens(self) -> int:
        return 260

    def problems(self, answer: RevisionAnswer) -> list[str]:
        def said() -> str | None:
            return say("asked", self.language, text=answer.utterance) if self.said(answer.utterance) else None

        def same() -> str | None:
            alike = equal_pair([answer.utterance, *self.others])
            return say("same", self.language, what="utterances") if alike else None

        return first_problem(
            [
                partial(reasoning_problem, answer.reasoning, '"reasoning"', self.language),
                partial(utterance_problem, answer.utterance, self.language),
                said,
                same,
            ]
        )


class RewordingAnswer(Answer):
    reasonings: list[str]
    utterances: list[str]


@lru_cache(maxsize=256)
def _rewording_model(reasoned: int, worded: int) -> type[RewordingAnswer]:
    reasonings = Annotated[list[Reasoning], Field(min_length=reasoned, max_length=reasoned)]
    utterances = Annotated[list[Utterance], Field(min_length=worded, max_length=worded)]
    return create_model(
        "Rewording", __base__=RewordingAnswer, reasonings=(reasonings, ...), utterances=(utterances, ...)
    )


@dataclass(frozen=True, kw_only=True)
class Reword(EditingStep):
    """GENERATE for the rejected side: utterances under s⁻ for its paths, and reasoning for those that are new in it.

    paths          all paths of the side, in candidate order
    reasoned       positions (from 0) of the paths whose reasoning is to be written: the perturbed ones
    worded         positions of the paths whose utterance is to be written
    sentence_type  s⁻, or None under the ablation "sentence-type"
    others         utterances of the candidates that stay, which the new ones must differ from
    before         for each position worded, the utterance it had: a new one must be worded anew
    """

    name: ClassVar[str] = "reword"

    paths: tuple[IntentPath, ...]
    reasoned: tuple[int, ...]
    worded: tuple[int, ...]
    sentence_type: SentenceType | None
    others: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def instruction(self) -> str:
        language = prompt_language(self.language)
        fields = {
            "tree": tree_block(self.tree, language, self.budget),
            "paths": numbered(self.paths),
            "worded": numbers(self.worded),
            "form": self.form(self.sentence_type),
        }
        if not self.reasoned:
            return fill(template("proutt/verbalise", language), **fields)
        return fill(template("proutt/perturb", language), replaced=numbers(self.reasoned), **fields)

    def answer_model(self) -> type[RewordingAnswer]:
        return _rewording_model(len(self.reasoned), len(self.worded))

    def max_tokens(self) -> int:
        return 60 + 130 * len(self.reasoned) + 110 * len(self.worded)

    def problems(self, answer: RewordingAnswer) -> list[str]:
        texts = [partial(reasoning_problem, each, '"reasonings"', self.language) for each in answer.reasonings]
        said = [partial(utterance_problem, each, self.language) for each in answer.utterances]

        def same() -> str | None:
            alike = equal_pair([*answer.utterances, *self.others])
            return say("same", self.language, what="utterances") if alike else None

        def already() -> str | None:
            again = next((each for each in answer.utterances if self.said(each)), None)
            return None if again is None else say("asked", self.language, text=again)

        echoes = [
            partial(echo_problem, utterance, before, self.language)
            for utterance, before in zip(answer.utterances, self.before, strict=False)
        ]
        return first_problem([*texts, *said, *echoes, already, same])


class OtherPathsAnswer(Answer):
    paths: list[PathAnswer]


@lru_cache(maxsize=256)
def _other_paths_model(n: int) -> type[OtherPathsAnswer]:
    paths = Annotated[list[PathAnswer], Field(min_length=n, max_length=n)]
    return create_model("OtherPaths", __base__=OtherPathsAnswer, paths=(paths, ...))


@dataclass(frozen=True, kw_only=True)
class Distinguish(EditingStep):
    """A plausible path that is semantically distinguishable from p_{K+1} (III-D.3), where no future path serves.

    path         p_{K+1}, which the answer must not come near
    avoid        further paths not to come near: the other paths of turn K+1, the other candidates, earlier tries
    perspective  the side that the path is for
    n            how many are needed
    """

    name: ClassVar[str] = "distinguish"
    temperature: ClassVar[float] = 0.9

    path: IntentPath
    avoid: tuple[IntentPath, ...]
    perspective: Perspective
    n: int

    def instruction(self) -> str:
        language = prompt_language(self.language)
        return fill(
            template("proutt/distinguish", language),
            tree=tree_block(self.tree, language, self.budget),
            avoid=numbered((self.path, *self.avoid)),
            n=str(self.n),
            perspective=perspective_words(self.perspective, language),
        )

    def answer_model(self) -> type[OtherPathsAnswer]:
        return _other_paths_model(self.n)

    def max_tokens(self) -> int:
        return 40 + 70 * self.n

    def paths_of(self, answer: OtherPathsAnswer) -> tuple[IntentPath, ...]:
        """The paths of an answer; where no tree is built, as phrases."""
        if self.tree is not None:
            return tuple(each.path() for each in answer.paths)
        return tuple(IntentPath(label(f"{each.topic} {each.attribute} {each.value}")) for each in answer.paths)

    def problems(self, answer: OtherPathsAnswer) -> list[str]:
        paths = self.paths_of(answer)
        for index, path in enumerate(paths):
            if any(near_paths(path, other) for other in (self.path, *self.avoid, *paths[:index])):
                return [say("near", self.language, text=str(path))]
            if self.tree is None:
                continue
            known = self.tree.topic(path.topic) is not None
            if self.perspective is Perspective.EXPLORATION and known:
                return [say("known", self.language, text=path.topic)]
            if self.perspective is Perspective.EXPLOITATION and not known:
                return [say("unknown", self.language, text=path.topic)]
            if self.tree.holds(path):
                return [say("held", self.language, text=str(path))]
        return []
