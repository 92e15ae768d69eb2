"""Faults of a whole data set: lengths that lean to one side, labels that another judge would turn round.

A data set is one fault. What is asked is the audit's verdict on it: fail where it leans, no failure where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from proutt.dialogue import Context
from proutt.export.reading import subject_of
from proutt.intent import Truth
from proutt.judge import JudgeScore
from proutt.methods.record import PreferencePair
from proutt.quality.audit import Audit, Setup, Subject, selected
from proutt.quality.audit.check import Measure
from proutt.quality.audit.judging import AGREEMENT, FLIPS, judge_noise, measures_of, second_opinions

LENGTH_CHECKS = ("chosen-longer", "length-difference", "length-alone")
_FILLER = {
    "en": " What was said so far leaves several threads untouched, and one of them is bound to be picked up again.",
    "zh": "前面的交谈留下了好几条线索，其中总有一条会被重新提起，因为话题已经从宽泛转向了具体。",
}


@dataclass(frozen=True, slots=True)
class Leaning:
    """`side` is longer by `sentences` of reasoning in `share` of the rows; a share of 0 leans to no side."""

    share: float
    sentences: int = 1
    side: str = "chosen"

    @property
    def name(self) -> str:
        if not self.share:
            return "no leaning"
        return f"{self.share:.0%} of rows: {self.side} longer by {self.sentences} sentence(s)"

    def rows(self, pairs: Sequence[PreferencePair], seed: int) -> list[Subject]:
        """Sides in an order drawn, so that only what is added leans."""
        rng = Random(f"{seed}/{self.name}")
        return [self._row(pair, rng) for pair in pairs]

    def _row(self, pair: PreferencePair, rng: Random) -> Subject:
        row = subject_of(pair)
        if rng.random() < 0.5 and row.rejected is not None:
            row = replace(row, chosen=row.rejected, rejected=row.chosen)
        if rng.random() >= self.share:
            return row
        side = getattr(row, self.side)
        more = _FILLER[pair.language] * self.sentences
        return replace(row, **{self.side: replace(side, text=side.text.replace("\n</think>", f"{more}\n</think>"))})


LEANINGS = (
    Leaning(1.0, 1),
    Leaning(1.0, 3),
    Leaning(0.7, 2),
    Leaning(0.5, 4),
    Leaning(0.8, 1),
    Leaning(0.4, 3),
    Leaning(1.0, 1, "rejected"),
    Leaning(1.0, 3, "rejected"),
    Leaning(0.6, 2, "rejected"),
    Leaning(0.4, 4, "rejected"),
)


def leans(rows: Sequence[Subject]) -> bool:
    """Whether the audit fails the rows for their lengths."""
    audit = Audit(Setup(), selected(LENGTH_CHECKS))
    for row in rows:
        audit.look(row)
    return any(result.verdict == "fail" for result in audit.results())


# Judge noise ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScriptedJudge:
    """Agrees with a record's own scores, or, turned round, likes the rejected side's edited utterance best."""

    pair: PreferencePair
    turned: bool
    name: str = "scripted"

    async def scores(
        self, context: Context, truth: Truth, utterances: Sequence[str], place: str
    ) -> tuple[JudgeScore, ...]:
        own = {each.utterance: each.score for each in self.pair.candidates}
        checked = self.pair.verification
        assert checked is not None
        for side, scores in ((self.pair.rejected, checked.rejected_scores), (self.pair.chosen, checked.chosen_scores)):
            for candidate, score in zip(side.candidates, scores, strict=True):
                own.setdefault(candidate.utterance, score)
        if self.turned:
            chosen = {candidate.utterance for candidate in self.pair.chosen.candidates}
            own = {said: 0.95 if said not in chosen else 0.1 for said in own}
        return tuple(JudgeScore(own[said]) for said in utterances)


async def second_judge(pairs: Sequence[PreferencePair], share: float, seed: int = 0) -> dict[str, Measure]:
    """What an audit measures where another judge would turn round this share of the pairs."""
    rng = Random(f"{seed}/{share}")
    turned = [rng.random() < share for _ in pairs]
    opinions, unanswered = await second_opinions(pairs, lambda at: ScriptedJudge(pairs[at], turned[at]))
    return measures_of(judge_noise(opinions, unanswered), {AGREEMENT: 0.6, FLIPS: 0.1})
