"""What is asked about a dialogue that is over: which intentions were asked for, unwilling users, options (IV-C, V)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.loop import Talk
from proutt.evaluation.synpt.metrics import asked_by_itself, known_at
from proutt.evaluation.synpt.record import Decided, EmotionProbe, OptionScore
from proutt.evaluation.synpt.subjects import Subject
from proutt.prompts import Ask
from proutt.prompts.synpt_evaluation.asked import Asked
from proutt.prompts.synpt_evaluation.option_scores import Offer, OptionScores
from proutt.prompts.synpt_evaluation.unwilling import Unwilling


@dataclass(frozen=True, slots=True)
class Mining:
    """What each reply asks for, and what decided it. asked: None where nobody could tell."""

    asked: list[list[str]] | None
    by: Decided | None


async def mining(place: str, case: Case, talk: Talk, judge: Ask | None, budget: int) -> Mining:
    """What the replies ask for: computed where that can be, else by one question to the judge.

    Nobody is asked where nothing was missing. Raises AnswerError and ModelError of the judge.
    """
    found = asked_by_itself(case.seed.task, talk.turns)
    if found is not None:
        return Mining(*found)
    if judge is None or not case.vague:
        return Mining(None, None)
    asking = [at for at, turn in enumerate(talk.turns) if turn.answer.summary is None]
    step = Asked(task=case.seed.task, replies=tuple(talk.turns[at].answer.text for at in asking), budget=budget)
    answer = await judge(step, f"{place}/asked")
    said: list[list[str]] = [[] for _ in talk.turns]
    for at, keys in zip(asking, answer.asked, strict=True):
        said[at] = list(dict.fromkeys(keys))
    return Mining(said, "judge")


async def emotion(
    place: str, case: Case, talk: Talk, asked: Sequence[Sequence[str]] | None, subject: Subject, ask: Ask,
    *, budget: int, seed: int,
) -> EmotionProbe | None:  # fmt: skip
    """How the model under test takes an unwilling user: one reply of the dialogue is altered and answered anew.

    None of a dialogue without a reply. A reply at which something is still missing is taken where there is one, since
    only there does stopping say anything; which one, chance decides. Raises AnswerError and ModelError.
    """
    if len(talk.turns) < 2:
        return None
    missing = {turn: _missing(case, asked, turn) for turn in range(2, len(talk.turns) + 1)}
    telling = [turn for turn, open_still in missing.items() if open_still] or list(missing)
    turn = Random(f"{seed}/{place}/emotion").choice(telling)
    said, before = talk.turns[turn - 1], talk.turns[: turn - 1]
    step = Unwilling(
        spoken=case.seed.task.language, question=before[-1].answer.text, utterance=said.utterance, budget=budget
    )
    altered = (await ask(step, f"{place}/unwilling")).utterance
    answer = await subject(f"{place}/unwilling/answer", case.seed.task, before, altered)
    return EmotionProbe(
        turn=turn,
        altered=altered,
        answer=answer.text,
        missing=missing[turn],
        stopped=answer.summary is not None,
        went_on=said.answer.summary is None and bool(said.answer.text),
        failure=answer.failure,
    )


def _missing(case: Case, asked: Sequence[Sequence[str]] | None, turn: int) -> bool | None:
    known = known_at(case, asked, turn)
    return None if known is None else not set(case.seed.task.keys) <= known


async def option_scores(
    place: str, case: Case, talk: Talk, asked: Sequence[Sequence[str]], judge: Ask, budget: int
) -> list[OptionScore] | None:
    """How reasonable the options of each reply are that asks for an intention; None where none does.

    Options are those of the model's fields, else the judge reads them in the reply. Raises AnswerError and ModelError.
    """
    seed = case.seed
    places: list[int] = []
    offers: list[Offer] = []
    for number, (turn, keys) in enumerate(zip(talk.turns, asked, strict=True), start=1):
        for key in keys:
            fields = turn.answer.options
            said = turn.answer.text if fields is None else "\n".join(fields)
            places.append(number)
            offers.append(Offer(seed.task.name_of(key), seed.values[key], said))
    if not offers:
        return None
    step = OptionScores(task=seed.task.name, spoken=seed.task.language, offers=tuple(offers), budget=budget)
    answer = await judge(step, f"{place}/options")
    return [
        OptionScore(turn=number, score=each.score, reason=each.reason)
        for number, each in zip(places, answer.scores, strict=True)
    ]
