"""What Algorithm 1 asks of a small model: one small question a call (see `prompts/proutt/small.py` for why).

A path comes first, then the reasoning that leads to it and the utterance; revision and perturbation write a candidate
the same way, so that nothing but the path tells the sides of a pair apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from proutt.dialogue import Dialogue
from proutt.errors import AnswerError
from proutt.intent import Candidate, IntentPath, Perspective, SentenceType, fold, near_paths, new_paths
from proutt.methods.proutt.settings import Settings
from proutt.methods.proutt.steps import At, Reworded, RoundNotes
from proutt.prompts import Ask
from proutt.prompts.proutt import (
    AnnotateUtterance,
    Brainstorm,
    Revision,
    Rewording,
    SmallSentenceTypes,
    Write,
    chains_of,
)
from proutt.prompts.proutt.wording import UNNAMED_ATTRIBUTE

#: Paths asked for beyond those needed, since some are dropped: known, repeated, too near.
SPARE = 2
_BRAINSTORMS = 3


@dataclass(frozen=True)
class SmallSteps:
    """One small question a call.

    budget  as for `WholeSteps`; utterances in a question take at most half of it
    """

    ask: Ask
    settings: Settings
    budget: int

    async def annotate(self, dialogue: Dialogue, *, types: bool) -> list[RoundNotes]:  # noqa: ARG002
        """One call per user utterance. Sentence types are not asked of a small model: rules name them better.

        Under the ablation "intent-tree" a tree is folded all the same, to know a new topic from an old one; no step of
        prediction sees it.
        """
        notes: list[RoundNotes] = []
        answers = [dialogue.opening, *(turn.assistant for turn in dialogue.turns)]
        for number, utterance in enumerate(dialogue.utterances, start=1):
            tree = fold([each.paths for each in notes])
            step = AnnotateUtterance(
                budget=self.budget,
                dialogue_language=dialogue.language,
                utterance=utterance,
                before=answers[number - 1],
                topics=tuple(tree.topics),
            )
            stated = step.stated(await self.ask(step, f"{dialogue.id}/annotate/{number}"))
            paths = new_paths(tree, stated)
            if self.settings.builds_tree:
                notes.append(RoundNotes(None, paths))
            else:
                new_topic = bool(paths) and tree.topic(paths[0].topic) is None
                notes.append(RoundNotes(None, paths, new_topic))
        return notes if self.settings.builds_tree else [_flat(each) for each in notes]

    async def sentence_types(self, at: At, order: Sequence[SentenceType]) -> dict[SentenceType, str]:
        step = SmallSentenceTypes(context=at.context, tree=at.tree, budget=self.budget, order=tuple(order))
        return chains_of(await self.ask(step, f"{at.place}/sentence-types"))

    async def predict(self, at: At, q: int, sentence_type: SentenceType | None) -> tuple[Candidate, ...]:
        candidates: list[Candidate] = []
        for perspective in Perspective:
            taken = [each.path for each in candidates if each.path is not None]
            paths = await self._brainstormed(at, perspective, q, taken, "paths")
            while sum(each.perspective is perspective for each in candidates) < q:
                others = [each.utterance for each in candidates]
                step = self._write(Write, at, paths.pop(0), sentence_type, others)
                missing = q - sum(each.perspective is perspective for each in candidates)
                try:
                    answer = await self.ask(step, f"{at.place}/write/{perspective}/{step.path}")
                except AnswerError:
                    if len(paths) < missing:
                        raise
                else:
                    candidates.append(Candidate(perspective, answer.reasoning, step.path, answer.utterance))
        return tuple(candidates)

    async def revise(
        self,
        at: At,
        path: IntentPath,
        perspective: Perspective,
        sentence_type: SentenceType | None,
        others: Sequence[str],
    ) -> Candidate:
        answer = await self.ask(self._write(Revision, at, path, sentence_type, others), f"{at.place}/revise")
        return Candidate(perspective, answer.reasoning, path, answer.utterance)

    async def reword(
        self,
        at: At,
        paths: Sequence[IntentPath],
        *,
        reasoned: Sequence[int],
        worded: Sequence[int],
        sentence_type: SentenceType | None,
        others: Sequence[str],
        before: Sequence[str],
    ) -> Reworded:
        reasonings: list[str] = []
        utterances: list[str] = []
        for position, stood in zip(worded, before, strict=True):
            step = self._write(
                Rewording,
                at,
                paths[position],
                sentence_type,
                [*others, *utterances],
                reasoned=position in reasoned,
                before=stood,
            )
            answer = await self.ask(step, f"{at.place}/reword/{position}")
            utterances.append(answer.utterance)
            if position in reasoned:
                reasonings.append(answer.reasoning)
        return Reworded(tuple(reasonings), tuple(utterances))

    async def distinguish(
        self, at: At, path: IntentPath, avoid: Sequence[IntentPath], perspective: Perspective, n: int
    ) -> tuple[IntentPath, ...]:
        return tuple(await self._brainstormed(at, perspective, n, [path, *avoid], "distinguish"))[:n]

    async def _brainstormed(
        self, at: At, perspective: Perspective, n: int, taken: Sequence[IntentPath], stage: str
    ) -> list[IntentPath]:
        """n paths or more, near none of those taken, from as many questions as it takes, within a bound."""
        found: list[IntentPath] = []
        dropped: list[str] = []
        for number in range(_BRAINSTORMS):
            step = Brainstorm(
                context=at.context,
                tree=at.tree,
                budget=self.budget,
                perspective=perspective,
                n=n + SPARE,
                avoid=(*self._known(at, perspective), *(_label(each) for each in [*taken, *found]), *dropped),
            )
            paths = step.found(await self.ask(step, f"{at.place}/{stage}/{perspective}/{number}"))
            for path in paths if at.tree is not None else [IntentPath(_phrase(each)) for each in paths]:
                if any(near_paths(path, other) for other in [*taken, *found]):
                    dropped.append(_label(path))
                else:
                    found.append(path)
            if len(found) >= n:
                return found
        raise AnswerError(
            f"found {len(found)} of {n} new {perspective} paths", step="brainstorm", kind="unusable", raw=str(found)
        )

    def _known(self, at: At, perspective: Perspective) -> list[str]:
        if at.tree is None:
            return []
        if perspective is Perspective.EXPLORATION:
            return list(at.tree.topics)
        return [attribute for leaves in at.tree.topics.values() for attribute in leaves]

    def _write(
        self,
        kind: type[Write],
        at: At,
        path: IntentPath,
        sentence_type: SentenceType | None,
        others: Sequence[str],
        **more: Any,
    ) -> Any:
        return kind(
            context=at.context,
            tree=at.tree,
            budget=self.budget,
            path=path,
            sentence_type=sentence_type,
            others=tuple(others),
            **more,
        )


def _label(path: IntentPath) -> str:
    """What of a path is named among those to avoid: its attribute, or its topic where it has none."""
    return path.attribute or path.topic


def _phrase(path: IntentPath) -> str:
    """A path as a phrase, for the ablation that builds no tree."""
    attribute = None if path.attribute == UNNAMED_ATTRIBUTE else path.attribute
    return " ".join(filter(None, (path.topic, attribute, path.value)))


def _flat(notes: RoundNotes) -> RoundNotes:
    """Notes whose main intent is a phrase."""
    return RoundNotes(
        notes.sentence_type, tuple(IntentPath(_phrase(each)) for each in notes.paths[:1]), notes.new_topic
    )
