"""Judge noise: a sample of pairs scored again by another judge, and how far the two agree.

The branch of a pair rests on scores of one judge. Another one scores the same utterances against the same truth: κ says
how far the branches (high, middle, low) agree beyond chance, the flip rate how often it likes the rejected side better.
Intervals are bootstrapped over dialogues, for pairs of one dialogue are not independent.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from proutt.dialogue import Context, Turn
from proutt.errors import AnswerError, ModelError
from proutt.intent import Perspective, SentenceType, Truth
from proutt.judge import Judge
from proutt.methods.record import PreferencePair
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, flip_rate, gwet_ac1, observed_agreement
from proutt.quality.audit.check import Check, Finding, Measure, Need, Severity, each_row
from proutt.quality.audit.subject import Subject

#: Thresholds of the method, where a record does not say its own.
TAU_LOW, TAU_HIGH = 0.3, 0.8
AGREEMENT, FLIPS = "judge-agreement", "judge-flips"


class Sample:
    """At most `size` pairs of a stream, each as likely as any other; which ones depends on seed and ids alone."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        self._kept: list[tuple[int, str, PreferencePair]] = []

    def add(self, pair: PreferencePair) -> None:
        """A pair with scores; one of released data without them can't be compared and is left out."""
        name = f"{pair.dialogue_id}:{pair.k}"
        digest = sha256(f"{self._seed}/{name}".encode("utf-8", "surrogatepass")).digest()
        ranked = (-int.from_bytes(digest[:8]), name, pair)
        if not pair.candidates:
            return
        if len(self._kept) < self._size:
            heapq.heappush(self._kept, ranked)
        elif ranked[0] > self._kept[0][0]:
            heapq.heapreplace(self._kept, ranked)

    @property
    def pairs(self) -> list[PreferencePair]:
        """The sample, in an order that does not depend on the data's."""
        return [pair for _, _, pair in sorted(self._kept, key=lambda each: each[:2])]


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """A pair by two judges.

    before, after  its branch by the first judge and by the second
    margin         by the second: best chosen score minus best rejected score, −1..1
    """

    dialogue_id: str
    before: str
    after: str
    margin: float


@dataclass(frozen=True, slots=True)
class JudgeNoise:
    """What a second judge said of a sample.

    agreement, kappa, ac1   of the branches; None where they say nothing (one branch throughout)
    flips                   share of pairs whose rejected side the second judge likes better, 0..1; ties count half
    *_interval              95%, over dialogues; None with fewer than two dialogues
    unanswered              pairs that the second judge gave no readable scores for
    """

    pairs: int
    dialogues: int
    unanswered: int
    agreement: float | None
    kappa: float | None
    kappa_interval: tuple[float, float] | None
    ac1: float | None
    flips: float | None
    flips_interval: tuple[float, float] | None
    branches: dict[str, int]


async def second_opinions(
    pairs: Sequence[PreferencePair], judge_of: Callable[[int], Judge]
) -> tuple[list[SecondOpinion], int]:
    """Both judges' view of each pair, in order, and how many got no readable scores.

    judge_of: the judge that the pair at a position is given, so that calls are kept apart. All are asked side by side;
    whoever makes the calls limits them. Raises ModelError where no call can succeed.
    """
    found = await asyncio.gather(*(_second_opinion(pair, judge_of(at)) for at, pair in enumerate(pairs)))
    opinions = [each for each in found if each is not None]
    return opinions, len(found) - len(opinions)


async def _second_opinion(pair: PreferencePair, judge: Judge) -> SecondOpinion | None:
    sides = (pair.candidates, pair.chosen.candidates, pair.rejected.candidates)
    said = list(dict.fromkeys(candidate.utterance for side in sides for candidate in side))
    turns = tuple(Turn(turn.user, turn.assistant) for turn in pair.context.turns)
    context = Context(pair.dialogue_id, pair.language, turns, pair.context.opening)
    truth = Truth(
        pair.truth.utterance,
        pair.truth.sentence_type or SentenceType.DECLARATIVE,  # a judge compares utterances; it reads no type
        tuple(path.path() for path in pair.truth.paths),
        pair.truth.perspective or Perspective.EXPLOITATION,  # nor a perspective
    )
    try:
        scores = await judge.scores(context, truth, said, f"{pair.dialogue_id}/{pair.k}/audit")
    except AnswerError:
        return None
    except ModelError as error:
        if error.fatal:
            raise
        return None
    by_words = {utterance: score.score for utterance, score in zip(said, scores, strict=True)}
    predicted, chosen, rejected = (max((by_words[each.utterance] for each in side), default=0.0) for side in sides)
    return SecondOpinion(pair.dialogue_id, pair.branch, _branch(pair, predicted), chosen - rejected)


def _branch(pair: PreferencePair, j_max: float) -> str:
    low, high = (pair.settings.get(name, default) for name, default in (("tau_low", TAU_LOW), ("tau_high", TAU_HIGH)))
    return "high" if j_max >= high else "low" if j_max <= low else "middle"


def judge_noise(opinions: Iterable[SecondOpinion], unanswered: int, *, seed: int = 0) -> JudgeNoise:
    """Agreement over all opinions, with intervals over dialogues."""
    clusters: dict[str, list[SecondOpinion]] = {}
    for each in opinions:
        clusters.setdefault(each.dialogue_id, []).append(each)
    grouped = list(clusters.values())
    items = [item for cluster in grouped for item in cluster]
    ratings = [(item.before, item.after) for item in items]
    branches: dict[str, int] = {}
    for before, after in sorted(ratings):
        branches[f"{before} → {after}"] = branches.get(f"{before} → {after}", 0) + 1
    return JudgeNoise(
        pairs=len(items),
        dialogues=len(grouped),
        unanswered=unanswered,
        agreement=observed_agreement(ratings),
        kappa=_kappa(items),
        kappa_interval=bootstrap_interval(grouped, _kappa, seed=seed),
        ac1=gwet_ac1(ratings),
        flips=_flips(items),
        flips_interval=bootstrap_interval(grouped, _flips, seed=seed),
        branches=branches,
    )


def _kappa(items: Sequence[SecondOpinion]) -> float | None:
    return cohen_kappa((item.before, item.after) for item in items)


def _flips(items: Sequence[SecondOpinion]) -> float | None:
    """Against what every pair claims: that its chosen side is the better one."""
    return flip_rate((1.0, item.margin) for item in items)


def measures_of(noise: JudgeNoise, limits: dict[str, float]) -> dict[str, Measure]:
    """What a second judge said as the measures of the two checks, by their names; limits: theirs."""
    found: dict[str, Measure] = {}
    rests = f"{noise.pairs} pairs of {noise.dialogues} dialogues"
    if noise.kappa is not None:
        low, high = noise.kappa_interval or (-1.0, 1.0)
        held = True if noise.kappa >= limits[AGREEMENT] else False if high < limits[AGREEMENT] else None
        ac1 = "" if noise.ac1 is None else f", AC1 {noise.ac1:.2f}"
        found[AGREEMENT] = Measure(noise.kappa, low, high, held, f"{rests}{ac1}", noise.pairs)
    if noise.flips is not None:
        low, high = noise.flips_interval or (0.0, 1.0)
        held = True if noise.flips <= limits[FLIPS] else False if low > limits[FLIPS] else None
        found[FLIPS] = Measure(noise.flips, low, high, held, rests, noise.pairs)
    return found


def _measured_elsewhere(_: Subject) -> tuple[Finding, ...]:
    return ()


JUDGING = (
    Check(
        name=AGREEMENT,
        title="κ of the branches by another judge",
        severity=Severity.ERROR,
        limit=0.6,
        borne="at least {limit}",
        source="noisy preferences (arXiv 2404.09824); 0.6 is ours",
        start=each_row(_measured_elsewhere),
        needs=(Need.RECORD, Need.REJUDGED),
        level="dataset",
    ),
    Check(
        name=FLIPS,
        title="pairs that another judge would turn around",
        severity=Severity.ERROR,
        limit=0.1,
        borne="at most {limit} of the sample",
        source="noisy preferences (arXiv 2404.09824): +10 points of noise, up to −30 points of win rate",
        start=each_row(_measured_elsewhere),
        needs=(Need.RECORD, Need.REJUDGED),
        level="dataset",
    ),
)
