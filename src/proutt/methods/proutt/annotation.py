"""BUILDINTENTTREE and EXTRACTNEWPATHS: what the user of a dialogue wants, turn by turn (ProUtt III-B).

Once per dialogue. T^(K) is a fold over the paths of turns up to K: no second extraction, and no future in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.dialogue import Dialogue
from proutt.intent import IntentPath, IntentTree, Perspective, SentenceType, Truth, perspective_of, prefix
from proutt.intent.sentence_type import sentence_type_of
from proutt.methods.proutt.settings import Settings
from proutt.methods.proutt.steps import Steps


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


async def annotate(dialogue: Dialogue, settings: Settings, steps: Steps) -> Annotation:
    """Annotate every user utterance.

    Raises ModelError or AnswerError where an utterance cannot be annotated: then no turn of the dialogue can be used.
    """
    by_model = settings.reasons_types and settings.sentence_types == "llm"
    notes = await steps.annotate(dialogue, types=by_model)
    turns = [
        TurnAnnotation(each.sentence_type or sentence_type_of(utterance), each.paths, each.new_topic)
        for each, utterance in zip(notes, dialogue.utterances, strict=True)
    ]
    return Annotation(dialogue, tuple(turns))
