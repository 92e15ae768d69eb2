"""What Algorithm 1 asks of a model, and how: a whole step a call, as strong models can.

`small_steps.py` has the same for weak ones. Both put the same questions; the algorithm does not know which it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from proutt.dialogue import Context, Dialogue
from proutt.intent import Candidate, IntentPath, IntentTree, Perspective, SentenceType, fold
from proutt.methods.proutt.settings import Settings
from proutt.prompts import Ask
from proutt.prompts.context import pieces
from proutt.prompts.proutt import (
    Annotate,
    Distinguish,
    FlatRoundAnswer,
    PredictPaths,
    Revise,
    Reword,
    SentenceTypes,
    candidates_of,
    chains_of,
)


@dataclass(frozen=True, slots=True)
class RoundNotes:
    """What the annotator says of one user utterance.

    sentence_type  None where the model was not asked for it
    paths          its new paths
    new_topic      None where the perspective is computed from the tree
    """

    sentence_type: SentenceType | None
    paths: tuple[IntentPath, ...]
    new_topic: bool | None = None


@dataclass(frozen=True, slots=True)
class At:
    """Where a question is put: D^(K), its tree (None where none is built), and the place that keys chance."""

    context: Context
    tree: IntentTree | None
    place: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """Reasonings of the paths that were to be reasoned, utterances of those that were to be worded, in order."""

    reasonings: tuple[str, ...]
    utterances: tuple[str, ...]


class Steps(Protocol):
    """The questions of Algorithm 1. Each raises ModelError or AnswerError where there is no usable answer."""

    async def annotate(self, dialogue: Dialogue, *, types: bool) -> list[RoundNotes]:
        """BUILDINTENTTREE, EXTRACTNEWPATHS: every user utterance of a dialogue. The only question that sees truths."""
        ...

    async def sentence_types(self, at: At, order: Sequence[SentenceType]) -> dict[SentenceType, str]:
        """r_{s_j} for every type (equation 2), asked for in that order."""
        ...

    async def predict(self, at: At, q: int, sentence_type: SentenceType | None) -> tuple[Candidate, ...]:
        """PATHREASON: Q candidates per perspective, exploitation first, verbalised under s* (equations 5 to 7)."""
        ...

    async def revise(
        self,
        at: At,
        path: IntentPath,
        perspective: Perspective,
        sentence_type: SentenceType | None,
        others: Sequence[str],
    ) -> Candidate:
        """REVISE and GENERATEAPPROX: a candidate for p_{K+1}, whose utterance differs from the others."""
        ...

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
        """GENERATE: utterances under s⁻ for the paths at `worded`, and reasoning for those at `reasoned`.

        The utterances differ from the others, and from those that stood there before (one per position worded).
        """
        ...

    async def distinguish(
        self, at: At, path: IntentPath, avoid: Sequence[IntentPath], perspective: Perspective, n: int
    ) -> tuple[IntentPath, ...]:
        """n plausible paths that are near neither p_{K+1} nor any to avoid (III-D.3)."""
        ...


@dataclass(frozen=True)
class WholeSteps:
    """One call a step.

    budget  most tokens that the dialogue's text may take in a prompt
    """

    ask: Ask
    settings: Settings
    budget: int

    async def annotate(self, dialogue: Dialogue, *, types: bool) -> list[RoundNotes]:
        """In as few calls as the budget allows; each piece is given the tree of the rounds before it."""
        notes: list[RoundNotes] = []
        for first, last in pieces(
            dialogue.turns,
            language=dialogue.language,
            budget=self.budget,
            most_rounds=self.settings.rounds_per_annotation,
            opening=dialogue.opening,
            last_utterance=dialogue.last_utterance,
        ):
            step = Annotate(
                budget=self.budget,
                whole=dialogue,
                first=first,
                last=last,
                tree=fold([each.paths for each in notes]) if self.settings.builds_tree else None,
                types=types,
            )
            answer = await self.ask(step, f"{dialogue.id}/annotate/{first}")
            for entry in answer.rounds:
                paths = step.paths_of(entry, fold([each.paths for each in notes]))
                new_topic = entry.new_topic if isinstance(entry, FlatRoundAnswer) else None
                notes.append(RoundNotes(getattr(entry, "sentence_type", None), paths, new_topic))
        return notes

    async def sentence_types(self, at: At, order: Sequence[SentenceType]) -> dict[SentenceType, str]:
        step = SentenceTypes(context=at.context, tree=at.tree, budget=self.budget, order=tuple(order))
        return chains_of(await self.ask(step, f"{at.place}/sentence-types"))

    async def predict(self, at: At, q: int, sentence_type: SentenceType | None) -> tuple[Candidate, ...]:
        step = PredictPaths(
            context=at.context,
            tree=at.tree,
            budget=self.budget,
            perspectives=tuple(Perspective),
            q=q,
            sentence_type=sentence_type,
        )
        return candidates_of(await self.ask(step, f"{at.place}/paths"))

    async def revise(
        self,
        at: At,
        path: IntentPath,
        perspective: Perspective,
        sentence_type: SentenceType | None,
        others: Sequence[str],
    ) -> Candidate:
        step = Revise(
            context=at.context,
            tree=at.tree,
            budget=self.budget,
            path=path,
            sentence_type=sentence_type,
            others=tuple(others),
        )
        answer = await self.ask(step, f"{at.place}/revise")
        return Candidate(perspective, answer.reasoning, path, " ".join(answer.utterance.split()))

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
        step = Reword(
            context=at.context,
            tree=at.tree,
            budget=self.budget,
            paths=tuple(paths),
            reasoned=tuple(reasoned),
            worded=tuple(worded),
            sentence_type=sentence_type,
            others=tuple(others),
            before=tuple(before),
        )
        answer = await self.ask(step, f"{at.place}/reword")
        return Reworded(tuple(answer.reasonings), tuple(" ".join(each.split()) for each in answer.utterances))

    async def distinguish(
        self, at: At, path: IntentPath, avoid: Sequence[IntentPath], perspective: Perspective, n: int
    ) -> tuple[IntentPath, ...]:
        step = Distinguish(
            context=at.context,
            tree=at.tree,
            budget=self.budget,
            path=path,
            avoid=tuple(avoid),
            perspective=perspective,
            n=n,
        )
        return step.paths_of(await self.ask(step, f"{at.place}/distinguish"))
