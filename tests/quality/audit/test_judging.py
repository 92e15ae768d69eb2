"""Judge noise: a sample judged again."""

from __future__ import annotations

from collections import Counter

import pytest

from proutt.errors import AnswerError, ModelError
from proutt.judge import JudgeScore
from proutt.quality.audit import Audit, Setup
from proutt.quality.audit.judging import (
    AGREEMENT,
    FLIPS,
    Sample,
    SecondOpinion,
    judge_noise,
    measures_of,
    second_opinions,
)
from quality.audit.pairs import clean_pair


class Judging:
    """A judge that gives an utterance the score of the first word of it that it knows, or fails."""

    name = "words"

    def __init__(self, scores, error=None):
        self.scores_of, self.error, self.asked = scores, error, []

    async def scores(self, context, truth, utterances, place):
        self.asked.append((context.k, truth.utterance, list(utterances), place))
        if self.error:
            raise self.error
        return tuple(
            JudgeScore(next((score for word, score in self.scores_of.items() if word in said), 0.1))
            for said in utterances
        )


async def test_branch_and_order_are_taken_from_the_second_judge_s_scores():
    """It sees every utterance once, with context and truth."""
    judge = Judging({"student": 0.9, "night": 0.8, "dog": 0.2})
    opinions, unanswered = await second_opinions([clean_pair()], lambda at: judge)
    (opinion,) = opinions
    assert (opinion.before, opinion.after, unanswered) == ("middle", "high", 0)
    assert opinion.margin == pytest.approx(0.8 - 0.2)
    ((k, truth, said, place),) = judge.asked
    assert (k, truth, place) == (2, "When does the last tram leave?", "d1/2/audit")
    assert len(said) == len(set(said)) == 9


async def test_a_judge_that_gives_no_readable_scores_is_counted():
    """A failure never becomes a score; one that no call survives ends the audit."""
    unreadable = AnswerError("no verdicts", step="judge", kind="not-json", raw="")
    opinions, unanswered = await second_opinions([clean_pair()], lambda at: Judging({}, unreadable))
    assert (opinions, unanswered) == ([], 1)
    with pytest.raises(ModelError):
        await second_opinions([clean_pair()], lambda at: Judging({}, ModelError("no", kind="http-401", fatal=True)))


def test_the_sample_depends_on_seed_and_ids_alone():
    """Not on the order of the data, and every pair has its chance."""
    pairs = [clean_pair(dialogue_id=f"d{number}") for number in range(40)]

    def drawn(order, seed=0):
        sample = Sample(10, seed)
        for pair in order:
            sample.add(pair)
        return [pair.dialogue_id for pair in sample.pairs]

    assert drawn(pairs) == drawn(pairs[::-1])
    assert len(drawn(pairs)) == 10
    taken = Counter(each for seed in range(100) for each in drawn(pairs, seed))
    assert len(taken) == 40
    assert max(taken.values()) < 50


def opinions_of(dialogues, same, flipped):
    """So many dialogues of two pairs; the first `same` agree on the branch, the last `flipped` are turned around."""
    found = []
    for number in range(dialogues):
        before = ("low", "middle", "high")[number % 3]
        after = before if number < same else {"low": "middle", "middle": "high", "high": "low"}[before]
        margin = -0.5 if number >= dialogues - flipped else 0.5
        found += [SecondOpinion(f"d{number}", before, after, margin)] * 2
    return found


def test_agreement_and_flips_with_intervals_over_dialogues():
    """90 dialogues, 72 of them agreed on (κ = 0.7), 9 turned around (0.1)."""
    noise = judge_noise(opinions_of(90, 72, 9), 2)
    assert (noise.pairs, noise.dialogues, noise.unanswered) == (180, 90, 2)
    assert noise.kappa == pytest.approx(0.7)
    assert noise.kappa_interval[0] < 0.7 < noise.kappa_interval[1]
    assert noise.flips == pytest.approx(0.1)
    assert noise.branches["high → high"] == 48


@pytest.mark.parametrize(
    ("same", "flipped", "verdicts"),
    [(88, 2, ("pass", "pass")), (60, 12, ("undecided", "undecided")), (30, 40, ("fail", "fail"))],
)
def test_the_interval_decides_the_verdict(same, flipped, verdicts):
    """A sample that can't tell is undecided, not failed."""
    audit = Audit(Setup())
    noise = judge_noise(opinions_of(90, same, flipped), 0)
    found = {result.check.name: result for result in audit.results(measures_of(noise, audit.limits()))}
    assert (found[AGREEMENT].verdict, found[FLIPS].verdict) == verdicts
    assert found[FLIPS].looked == 180
