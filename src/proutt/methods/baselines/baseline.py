"""What a baseline is: a function from one (dialogue, K) to training data, and what it says of itself.

None of them builds a tree, reasons about sentence types or knows perspectives: those fields stay empty in the record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from proutt.dialogue import Dialogue
from proutt.dialogue.dialogue import Context
from proutt.errors import AnswerError, ItemFailed, ModelError
from proutt.intent import Candidate, Perspective, Truth
from proutt.intent.sentence_type import sentence_type_of
from proutt.judge import Judge, JudgeScore
from proutt.methods.baselines.small_steps import SmallSteps
from proutt.methods.baselines.steps import At, Steps, WholeSteps
from proutt.methods.proutt.settings import Settings
from proutt.prompts import Ask, Role

Seeing = Literal["writes", "refines", "ranks", "target"]


@dataclass(frozen=True)
class Turn:
    """One (dialogue, K) at work.

    truth   of which the utterance alone is known (`unannotated`)
    budget  most tokens of the dialogue in a prompt
    """

    context: Context
    truth: Truth
    settings: Settings
    ask: Ask
    judge: Judge
    budget: int

    @property
    def place(self) -> str:
        """Names this turn within a run; chance is keyed by it."""
        return f"{self.context.dialogue_id}/{self.context.k}"

    @property
    def count(self) -> int:
        """Predictions of one example: 2Q, as many as ProUtt's."""
        return 2 * self.settings.q

    @property
    def at(self) -> At:
        """Where its questions are put."""
        return At(self.context, self.place, self.count)

    @property
    def steps(self) -> Steps:
        """How its questions are put: as suits the model."""
        return (SmallSteps if self.settings.small_steps else WholeSteps)(self.ask, self.budget)

    async def judged(self, candidates: Sequence[Candidate], what: str) -> tuple[JudgeScore, ...]:
        """Similarity of each candidate to the truth."""
        said = [each.utterance for each in candidates]
        return await self.judge.scores(self.context, self.truth, said, f"{self.place}/{what}")


@dataclass(frozen=True)
class Outcome:
    """What a baseline makes of one turn.

    predicted  the predictions it began with, and their scores
    chosen     what is to be learnt; as predicted unless `refined`
    rejected   what is not; empty of methods that make data for SFT only
    chosen_scores, rejected_scores  the judge's, where the method compares sides; else empty
    tries      refinements made, at least 1
    problems   why the sides are not what the method wants; a pair that has some is left out of exports
    profile    who the user is, where the method says it
    """

    predicted: tuple[Candidate, ...]
    scores: tuple[JudgeScore, ...]
    chosen: tuple[Candidate, ...]
    rejected: tuple[Candidate, ...] = ()
    chosen_scores: tuple[float, ...] = ()
    rejected_scores: tuple[float, ...] = ()
    refined: bool = False
    tries: int = 1
    problems: tuple[str, ...] = ()
    profile: str | None = None


@dataclass(frozen=True)
class Baseline:
    """A method by which `proutt synthesize` makes training data.

    make        one turn's data; raises Skipped where the method makes none
    sees_truth  what of it is told the truth. "writes": all of its writing; "refines": a step after a blind prediction;
                "ranks": the judge alone; "target": no step, but the truth itself is what is learnt
    preference  whether there is a rejected side; else the data is for SFT only
    roles       whose models it asks
    simulates   its rows are the chat with roles swapped, not ProUtt's task
    """

    make: Callable[[Turn], Awaitable[Outcome]]
    sees_truth: Seeing
    preference: bool
    roles: frozenset[Role]
    simulates: bool = False


def unannotated(utterance: str) -> Truth:
    """The truth where nothing was annotated: its utterance counts, and its sentence type by rules.

    It has no paths, so its perspective means nothing; neither goes into a prompt or a record.
    """
    return Truth(utterance, sentence_type_of(utterance), (), Perspective.EXPLOITATION)


async def synthesize_turn(
    baseline: Baseline, dialogue: Dialogue, k: int, *, settings: Settings, ask: Ask, judge: Judge, budget: int
) -> tuple[Turn, Outcome]:
    """The training data of one dialogue and one K.

    Raises Skipped where the method makes none, and ItemFailed, with the step and the model's last text, where a step
    could not be done.
    """
    turn = Turn(dialogue.context(k), unannotated(dialogue.next_utterance(k)), settings, ask, judge, budget)
    try:
        return turn, await baseline.make(turn)
    except AnswerError as error:
        raise ItemFailed(str(error), reason=error.kind, stage=error.step, raw=error.raw) from error
    except ModelError as error:
        if error.fatal:
            raise
        raise ItemFailed(str(error), reason=error.kind, stage=error.step) from error
