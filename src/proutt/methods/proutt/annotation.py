"""BUILDINTENTTREE and EXTRACTNEWPATHS: what the user of a dialogue wants, turn by turn (ProUtt III-B).

Once per dialogue. T^(K) is a fold over the paths of turns up to K: no second extraction, and no future in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proutt.dialogue import Dialogue
from proutt.intent import IntentPath, IntentTree, Perspective, SentenceType, Truth, fold, perspective_of, prefix
from proutt.intent.sentence_type import sentence_type_of
from proutt.methods.proutt.settings import Settings
from proutt.prompts import Ask
from proutt.prompts.context import pieces
from proutt.prompts.proutt import Annotate, FlatRoundAnswer, annotated_paths


@dataclass(frozen=True, slots=True)
class TurnAnnotation:
    """What one user utterance does and newly wants.

    paths      p_i, possibly empty, the main one first
    new_topic  said by the annotator where no tree is built; None where the perspective is computed from the tree
    """

    sentence_type: SentenceType
    paths: tuple[IntentPath, ...]
    new_topic: bool | None = None


@dataclass(frozen=True)
class Annotation:
    """Of every user utterance u_1 ... u_M of a dialogue, in order."""

    dialogue: Dialogue
    turns: tuple[TurnAnnotation, ...]

    def tree(self, k: int) -> IntentTree:
        """T^(K)."""
        return prefix([each.paths for each in self.turns], k)

    def truth(self, k: int) -> Truth | None:
        """What came after the first k turns, or None where that turn brings no new path."""
        turn = self.turns[k]
        if not turn.paths:
            return None
        if turn.new_topic is None:
            perspective = perspective_of(turn.paths[0], self.tree(k))
        else:
            perspective = Perspective.EXPLORATION if turn.new_topic else Perspective.EXPLOITATION
        return Truth(self.dialogue.next_utterance(k), turn.sentence_type, turn.paths, perspective)

    def future_paths(self, k: int) -> tuple[tuple[IntentPath, int], ...]:
        """Every p_{K+ε} with 2 ≤ ε, and the turn K+ε it belongs to, in order (Algorithm 1, line 10)."""
        later = enumerate(self.turns[k + 1 :], start=k + 2)
        return tuple((path, turn) for turn, annotation in later for path in annotation.paths)


async def annotate(dialogue: Dialogue, settings: Settings, ask: Ask, budget: int) -> Annotation:
    """Annotate every user utterance, in as few calls as the context budget allows.

    Raises ModelError or AnswerError where a piece cannot be annotated: then no turn of the dialogue can be used.
    """
    turns: list[TurnAnnotation] = []
    by_llm = settings.reasons_types and settings.sentence_types == "llm"
    for first, last in pieces(
        dialogue.turns,
        budget=budget,
        most_rounds=settings.rounds_per_annotation,
        last_utterance=dialogue.last_utterance,
    ):
        tree = fold([each.paths for each in turns]) if settings.builds_tree else None
        step = Annotate(
            budget=budget,
            whole=dialogue,
            first=first,
            last=last,
            tree=tree,
            types=by_llm,
        )
        answer = await ask(step, f"{dialogue.id}/annotate/{first}")
        for entry, utterance in zip(answer.rounds, dialogue.utterances[first - 1 : last], strict=True):
            so_far = fold([each.paths for each in turns]) if settings.builds_tree else None
            turns.append(
                TurnAnnotation(
                    sentence_type=getattr(entry, "sentence_type", None) or sentence_type_of(utterance),
                    paths=_known(annotated_paths(entry, so_far), turns)
                    if so_far is None
                    else annotated_paths(entry, so_far),
                    new_topic=entry.new_topic if isinstance(entry, FlatRoundAnswer) else None,
                )
            )
    return Annotation(dialogue, tuple(turns))


def _known(paths: Sequence[IntentPath], turns: Sequence[TurnAnnotation]) -> tuple[IntentPath, ...]:
    """Without a tree, an intent is new unless an earlier turn already had it."""
    before = fold([each.paths for each in turns])
    return tuple(path for path in paths if not before.holds(path))
