"""Clean pairs composed under the rules of Algorithm 1 around a real context and a real next utterance.

Who writes is code instead of a model: paths and words come from `banks.py`, so nothing of the truth but its sentence
type and, where the method puts it in, its path can be in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from proutt.intent import IntentPath, Perspective, SentenceType, near, near_paths, normal
from proutt.methods.record import (
    CandidateRecord,
    ContextRecord,
    EditRecord,
    LeafRecord,
    PathRecord,
    PreferencePair,
    ReplacementRecord,
    ScoredCandidateRecord,
    TrajectoryRecord,
    TruthRecord,
    TurnRecord,
    UsageRecord,
    VerificationRecord,
)
from quality.audit.seeded.banks import KNOWN, NEW, OWN, TYPE_REASONS, Entry

Tree = Mapping[str, Mapping[str, tuple[str | None, int]]]
M, E = Perspective.EXPLOITATION, Perspective.EXPLORATION


@dataclass(frozen=True, slots=True)
class Situation:
    """One dialogue at one K: what is known, and what came next."""

    dialogue_id: str
    language: str
    turns: Sequence[tuple[str, str]]
    tree: Tree
    truth: str
    truth_type: SentenceType
    truth_path: IntentPath
    later_paths: Sequence[tuple[int, IntentPath]] = ()


@dataclass(frozen=True, slots=True)
class _Idea:
    """A predicted path with the words for it, before it is said under a sentence type."""

    perspective: Perspective
    path: IntentPath
    entry: Entry

    def record(self, kind: SentenceType) -> CandidateRecord:
        def filled(text: str) -> str:
            return text.replace("{a}", self.path.attribute or "")

        topic = self.path.topic
        return CandidateRecord(
            perspective=self.perspective,
            path=PathRecord.of(self.path),
            reasoning=filled(self.entry.reason(topic)),
            utterance=filled(self.entry.said(kind, topic)),
        )


def composed(situation: Situation, seed: int = 0) -> PreferencePair:
    """A pair of one of the three branches; which, and all else that is free, depends on the situation and the seed."""
    rng = Random(f"{seed}/{situation.dialogue_id}/{len(situation.turns)}")
    branch = rng.choice(["high", "middle", "low"])
    star = situation.truth_type
    minus = rng.choice([each for each in SentenceType if each is not star])
    view = M if _knows(situation.tree, situation.truth_path.topic) else E
    predicted = _predicted(situation, rng)
    at = rng.choice([number for number, each in enumerate(predicted) if each.perspective is view])
    right = _Idea(view, situation.truth_path, rng.choice(OWN[situation.language]))
    wrong, origin, turn = _wrong(situation, view, predicted, rng)
    if branch == "high":
        predicted = _with(predicted, at, right)
    scores = [0.1, 0.2, 0.0, 0.1]
    scores[at] = {"high": 0.9, "middle": 0.5, "low": 0.2}[branch]
    chosen = predicted if branch == "high" else _with(predicted, at, right)
    rejected = predicted if branch == "low" else _with(predicted, at, wrong)
    return PreferencePair(
        dialogue_id=situation.dialogue_id,
        k=len(situation.turns),
        language=situation.language,
        source=f"{situation.dialogue_id}.json:1",
        context=ContextRecord(turns=[TurnRecord(user=user, assistant=said) for user, said in situation.turns]),
        tree={
            topic: {name: LeafRecord(value=value, turn=set_in) for name, (value, set_in) in leaves.items()}
            for topic, leaves in situation.tree.items()
        },
        truth=TruthRecord(
            utterance=situation.truth,
            sentence_type=star,
            paths=[PathRecord.of(situation.truth_path)],
            perspective=view,
        ),
        candidates=[
            ScoredCandidateRecord(**each.record(star).model_dump(), score=score, reason="")
            for each, score in zip(predicted, scores, strict=True)
        ],
        j_max=max(scores),
        branch=branch,  # type: ignore[arg-type]
        chosen_edit=_edit("keep")
        if branch == "high"
        else _edit("revise", at, right, "next-turn", len(situation.turns) + 1),
        rejected_edit=_edit("keep") if branch == "low" else _edit("perturb", at, wrong, origin, turn),
        chosen=_trajectory(situation, chosen, star, rng),
        rejected=_trajectory(situation, rejected, minus, rng),
        verification=VerificationRecord(
            chosen_scores=[0.9 if number == at else 0.1 for number in range(4)],
            rejected_scores=[0.2 if number == at else 0.1 for number in range(4)],
            tries=1,
            problems=[],
        ),
        verified=True,
        models={"reasoner": "composed", "judge": "composed"},
        judge="llm",
        sentence_types="rules",
        prompt_version="composed",
        seed=seed,
        settings={"q": 2, "tau_high": 0.8, "tau_low": 0.3, "ablate": []},
        usage=UsageRecord(calls=7, prompt_tokens=900, completion_tokens=100),
    )


def _predicted(situation: Situation, rng: Random) -> list[_Idea]:
    """Two ideas on known topics, two on new ones; none is the truth's."""
    topics, taken = list(situation.tree), situation.truth_path
    known = [
        _Idea(M, IntentPath(topic, entry.attribute), entry)
        for entry in rng.sample(KNOWN[situation.language], len(KNOWN[situation.language]))
        for topic in [rng.choice(topics)]
        if not near(entry.attribute, taken.attribute or "") and entry.attribute not in situation.tree[topic]
    ]
    new = [
        _Idea(E, IntentPath(entry.topic or "", entry.attribute), entry)
        for entry in rng.sample(NEW[situation.language], len(NEW[situation.language]))
        if not _knows(situation.tree, entry.topic or "") and not near(entry.topic or "", taken.topic)
    ]
    return known[:2] + new[:2]


def _wrong(
    situation: Situation, view: Perspective, predicted: Sequence[_Idea], rng: Random
) -> tuple[_Idea, str, int | None]:
    """What takes the truth's place on the rejected side: a later turn's path that fits, else one that is made up."""
    for turn, path in situation.later_paths:
        if not near_paths(path, situation.truth_path) and _knows(situation.tree, path.topic) is (view is M):
            return _Idea(view, path, rng.choice(OWN[situation.language])), "future-turn", turn
    used = {normal(each.path.topic + (each.path.attribute or "")) for each in predicted}
    ideas = [each for each in _predicted(situation, rng) if each.perspective is view]
    fresh = [each for each in ideas if normal(each.path.topic + (each.path.attribute or "")) not in used]
    while not fresh:
        ideas = [each for each in _predicted(situation, rng) if each.perspective is view]
        fresh = [each for each in ideas if normal(each.path.topic + (each.path.attribute or "")) not in used]
    return fresh[0], "model", None


def _knows(tree: Tree, topic: str) -> bool:
    return any(near(known, topic) for known in tree)


def _with(ideas: Sequence[_Idea], at: int, idea: _Idea) -> list[_Idea]:
    return [idea if number == at else each for number, each in enumerate(ideas)]


def _edit(
    edit: str, at: int | None = None, idea: _Idea | None = None, origin: str = "model", turn: int | None = None
) -> EditRecord:
    if at is None or idea is None:
        return EditRecord(edit=edit)  # type: ignore[arg-type]
    path = PathRecord.of(idea.path)
    return EditRecord(edit=edit, replaced=[ReplacementRecord(position=at, path=path, origin=origin, turn=turn)])  # type: ignore[arg-type]


def _trajectory(situation: Situation, ideas: Sequence[_Idea], kind: SentenceType, rng: Random) -> TrajectoryRecord:
    return TrajectoryRecord(
        sentence_type=kind,
        sentence_type_reasoning=rng.choice(TYPE_REASONS[situation.language][kind]),
        candidates=[each.record(kind) for each in ideas],
    )
