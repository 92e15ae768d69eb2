"""Pointwise judging: which scores are wanted, and getting them from a judge or from embeddings.

One suggestion a call: what stands in one suggestion can't move the score of another. Whatever several systems suggest
alike is asked once, and paid once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from proutt.dialogue import Context, Turn
from proutt.errors import AnswerError, ModelError
from proutt.evaluation.cases import Case, CaseKey, System
from proutt.evaluation.guard import Guard
from proutt.evaluation.injection import CONTEXT_FLAG, FLAG
from proutt.evaluation.record import ScoreRecord
from proutt.evaluation.similarity import Similarity
from proutt.prompts.proutt import JudgeSimilarity
from proutt.runs.calls import Calls, Stopped


@dataclass(frozen=True)
class Entrant:
    """A system, or a control, and the truths that it is held against; none given: the true ones."""

    system: System
    truths: Mapping[CaseKey, str] | None = None

    def truth(self, case: Case) -> str:
        return case.truth if self.truths is None else self.truths[case.key]


@dataclass(frozen=True, slots=True)
class Question:
    """How alike one suggestion and one truth are, after one context. draw: which of the repeated judgements, from 1."""

    case: CaseKey
    truth: str
    text: str
    draw: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """One score that the tables need. repeat: from 1, over the evaluations of the system and the draws of each."""

    system: str
    case: Case
    rank: int
    repeat: int
    question: Question

    def record(self, metric: str, rater: str, score: float, reason: str, flags: list[str]) -> ScoreRecord:
        return ScoreRecord(
            dialogue_id=self.case.context.dialogue_id,
            k=self.case.context.k,
            language=self.case.context.language,
            system=self.system,
            rank=self.rank,
            metric=metric,
            rater=rater,
            repeat=self.repeat,
            score=score,
            reason=reason,
            flags=flags,
        )


def wanted(cases: Sequence[Case], entrants: Iterable[Entrant], draws: int) -> Iterator[Wanted]:
    """Every score of the entrants, in the order in which they are written down."""
    for entrant in entrants:
        for number, run in enumerate(entrant.system.runs):
            for draw in range(1, draws + 1):
                for case in cases:
                    for rank, text in enumerate(run.get(case.key, ()), start=1):
                        question = Question(case.key, entrant.truth(case), text, draw)
                        yield Wanted(entrant.system.name, case, rank, number * draws + draw, question)


@dataclass
class Judged:
    """What has come of the questions to a judge.

    failures  a question, a short slug and a message each
    """

    answers: dict[Question, tuple[float, str, list[str]]] = field(default_factory=dict)
    failures: dict[Question, tuple[str, str]] = field(default_factory=dict)
    stopped: bool = False


async def judged(
    cases: Sequence[Case], questions: Iterable[Question], calls: Calls, budget: int, guard: Guard, found: Judged
) -> None:
    """Ask the judge every question once; those that it can't answer are failures, never scores.

    budget: most tokens of the context in a prompt. Raises ModelError where no call can succeed.
    """
    by_key = {case.key: (number, case) for number, case in enumerate(cases)}
    try:
        async with asyncio.TaskGroup() as working:
            for question in dict.fromkeys(questions):
                number, case = by_key[question.case]
                working.create_task(_ask(question, case, number, calls, budget, guard, found))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _ask(
    question: Question, case: Case, number: int, calls: Calls, budget: int, guard: Guard, found: Judged
) -> None:
    step, flags = await asyncio.to_thread(step_of, question, case, budget, guard)  # the guard computes
    try:
        answer = await calls.for_item((number, 0))(step, f"{case.place}/evaluate/{question.draw}")
    except Stopped:
        found.stopped = True
    except AnswerError as error:
        found.failures[question] = (error.kind, str(error))
    except ModelError as error:
        if error.fatal:
            raise
        found.failures[question] = (error.kind, str(error))
    else:
        (verdict,) = answer.verdicts
        found.answers[question] = (verdict.score, verdict.reason, flags)


def step_of(question: Question, case: Case, budget: int, guard: Guard) -> tuple[JudgeSimilarity, list[str]]:
    """What the judge is asked, and the flags of what was taken out of it.

    Where the user really speaks to a judge, so may a suggestion: then nothing is taken out of it.
    """
    text, suspected = guarded_text(question, guard)
    context, in_context = guarded_context(case.context, guard)
    flags = [FLAG] * suspected + [CONTEXT_FLAG] * in_context
    return JudgeSimilarity(budget=budget, context=context, truth=question.truth, utterances=(text,)), flags


def guarded_text(question: Question, guard: Guard) -> tuple[str, bool]:
    """The suggestion as it is judged, and whether it is suspected."""
    suggestion = guard(question.text)
    return question.text if guard(question.truth).suspected else suggestion.text, suggestion.suspected


def guarded_context(context: Context, guard: Guard) -> tuple[Context, bool]:
    """The context without what speaks to a judge, and whether there was any."""
    said = [(guard(turn.user), guard(turn.assistant)) for turn in context.turns]
    opening = None if context.opening is None else guard(context.opening)
    suspected = any(each.suspected for pair in said for each in pair) or (opening is not None and opening.suspected)
    if not suspected:
        return context, False
    turns = tuple(Turn(user.text, assistant.text) for user, assistant in said)
    return replace(context, turns=turns, opening=None if opening is None else opening.text), True


def embedded(all_wanted: Sequence[Wanted], similarities: Mapping[str, Similarity], guard: Guard) -> list[ScoreRecord]:
    """Scores by sentence embeddings, language by language; of the first draw only, for they do not vary."""
    found: dict[int, ScoreRecord] = {}
    for language, similarity in similarities.items():
        mine = [
            (at, each)
            for at, each in enumerate(all_wanted)
            if each.question.draw == 1 and each.case.context.language == language
        ]
        texts = [guarded_text(each.question, guard) for _, each in mine]
        scores = similarity.scores(
            [(each.question.truth, text) for (_, each), (text, _) in zip(mine, texts, strict=True)]
        )
        for (at, each), (_, suspected), score in zip(mine, texts, scores, strict=True):
            found[at] = each.record(similarity.name, similarity.name, score, "", [FLAG] * suspected)
    return [found[at] for at in sorted(found)]
