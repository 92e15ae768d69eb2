"""Annotation: new intent paths, and sentence types, of the user's turns (ProUtt III-B; Algorithm 1, line 2).

An annotating step: it sees the dialogue itself, truths included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import Field, create_model

from proutt.dialogue import Dialogue
from proutt.intent import IntentPath, IntentTree, SentenceType, new_paths, normal, render
from proutt.prompts.context import dialogue_text
from proutt.prompts.proutt.wording import LABEL_CHARS, VALUE_CHARS, Name, as_path, label, said_in, say, shown
from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.template import fill, prompt_language, template

#: Most new paths of one turn; a turn that states more keeps the main ones.
MOST_PATHS = 4


class PathAnswer(Answer):
    topic: Name = Field(min_length=1, max_length=LABEL_CHARS)
    attribute: str = Field(max_length=LABEL_CHARS)
    value: str = Field(max_length=VALUE_CHARS)

    def path(self) -> IntentPath:
        return as_path(self.topic, self.attribute, self.value)


class RoundAnswer(Answer):
    round: int
    wants: str = Field(max_length=120)
    paths: list[PathAnswer] = Field(max_length=MOST_PATHS)


class TypedRoundAnswer(RoundAnswer):
    sentence_type: SentenceType


class FlatRoundAnswer(Answer):
    """One round where no tree is built (ablation "intent-tree"): the intent as a phrase, and whether it is new."""

    round: int
    wants: str = Field(max_length=120)
    new_topic: bool


class TypedFlatRoundAnswer(FlatRoundAnswer):
    sentence_type: SentenceType


class RoundsAnswer(Answer):
    """`rounds` holds one of the round answers above per round asked for."""

    rounds: Sequence[RoundAnswer | FlatRoundAnswer]


@lru_cache(maxsize=256)
def _rounds_model(entry: type[Answer], size: int) -> type[RoundsAnswer]:
    rounds = Annotated[list[entry], Field(min_length=size, max_length=size)]  # type: ignore[valid-type]
    return create_model("Rounds", __base__=RoundsAnswer, rounds=(rounds, ...))


@dataclass(frozen=True, kw_only=True)
class Annotate(Step[RoundsAnswer]):
    """Annotate rounds first..last (from 1) of a dialogue, given the tree of the rounds before.

    tree   T^(first-1), or None where no tree is built
    types  whether the sentence types are asked for too
    """

    name: ClassVar[str] = "annotate"
    role: ClassVar[Role] = Role.ANNOTATOR
    temperature: ClassVar[float] = 0.2

    whole: Dialogue
    first: int
    last: int
    tree: IntentTree | None
    types: bool

    @property
    def language(self) -> str:
        return self.whole.language

    def dialogue(self) -> str:
        """The dialogue up to the last round asked for: later rounds cannot colour the annotation of earlier ones."""
        closing = None
        if self.last > len(self.whole.turns):
            closing = self.whole.last_utterance
        return dialogue_text(
            self.whole.turns[: self.last],
            language=self.language,
            budget=self.budget,
            opening=self.whole.opening,
            last_utterance=closing,
        )

    def instruction(self) -> str:
        language = prompt_language(self.language)
        span = {"first": str(self.first), "last": str(self.last)}
        types = template("proutt/annotate_types", language) if self.types else ""
        if self.tree is None:
            return fill(template("proutt/annotate_flat", language), types=types, **span)
        return fill(
            template("proutt/annotate", language), tree=render(shown(self.tree, self.budget)), types=types, **span
        )

    def answer_model(self) -> type[RoundsAnswer]:
        entry: type[Answer]
        if self.tree is None:
            entry = TypedFlatRoundAnswer if self.types else FlatRoundAnswer
        else:
            entry = TypedRoundAnswer if self.types else RoundAnswer
        return _rounds_model(entry, self.last - self.first + 1)

    def max_tokens(self) -> int:
        return 60 + 260 * (self.last - self.first + 1)

    def problems(self, answer: RoundsAnswer) -> list[str]:
        if [each.round for each in answer.rounds] != list(range(self.first, self.last + 1)):
            return [say("rounds", self.language, text=f"{self.first}–{self.last}")]
        return []

    def paths_of(self, entry: RoundAnswer | FlatRoundAnswer, tree: IntentTree) -> tuple[IntentPath, ...]:
        """p_i: the new paths of one annotated round against the tree before it; without a tree, the intent itself."""
        if isinstance(entry, FlatRoundAnswer):
            flat = (IntentPath(label(entry.wants)),) if normal(entry.wants) else ()
            return tuple(path for path in flat if not tree.holds(path))
        return new_paths(tree, [self._without_later_value(each.path(), entry.round) for each in entry.paths])

    def _without_later_value(self, path: IntentPath, number: int) -> IntentPath:
        """The path; a value that is said only after round `number` is left open: T^(K) must not know it."""
        utterances, turns = self.whole.utterances, self.whole.turns
        if path.value is None or said_in(path.value, utterances[number - 1]):
            return path
        later = [*utterances[number : self.last], *(turn.assistant for turn in turns[number - 1 : self.last])]
        before = [self.whole.opening or "", *(f"{turn.user} {turn.assistant}" for turn in turns[: number - 1])]
        if said_in(path.value, " ".join(later)) and not said_in(path.value, " ".join(before)):
            return replace(path, value=None)
        return path
