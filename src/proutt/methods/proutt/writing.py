"""From a pair at work to the record that is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from proutt.intent import IntentPath, to_json
from proutt.methods.proutt.edits import Edit, Replacement
from proutt.methods.proutt.pair import Pair, Side
from proutt.methods.proutt.settings import Settings
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
from proutt.prompts import prompt_version

_ROUND = 4


def record_of(
    pair: Pair, *, settings: Settings, models: Mapping[str, str], judge: str, source: str, usage: UsageRecord
) -> PreferencePair:
    """One line of `pairs.jsonl`."""
    verification = _verification(pair, settings)
    return PreferencePair(
        method="proutt",
        dialogue_id=pair.context.dialogue_id,
        k=pair.context.k,
        language=pair.context.language,
        source=source,
        context=ContextRecord(
            opening=pair.context.opening,
            turns=[TurnRecord(user=turn.user, assistant=turn.assistant) for turn in pair.context.turns],
        ),
        tree=_tree(pair),
        truth=TruthRecord(
            utterance=pair.truth.utterance,
            sentence_type=pair.truth.sentence_type if settings.reasons_types else None,
            paths=[PathRecord.of(path) for path in pair.truth.paths],
            perspective=pair.truth.perspective,
        ),
        candidates=_scored(pair, settings),
        j_max=round(pair.prediction.j_max, _ROUND),
        branch=cast(Literal["high", "middle", "low"], pair.edits.branch),
        chosen_edit=_edit(pair.chosen),
        rejected_edit=_edit(pair.rejected),
        chosen=_trajectory(pair.chosen, settings),
        rejected=_trajectory(pair.rejected, settings),
        verification=verification,
        verified=None if verification is None else not verification.problems,
        models=dict(models),
        judge=judge,
        sentence_types=settings.sentence_types,
        prompt_version=prompt_version("proutt"),
        seed=settings.seed,
        settings=settings.model_dump(mode="json", exclude={"seed", "sentence_types"}),
        usage=usage,
    )


def _tree(pair: Pair) -> dict[str, dict[str, LeafRecord]] | None:
    if pair.tree is None:
        return None
    return {
        topic: {name: LeafRecord(**leaf) for name, leaf in leaves.items()}
        for topic, leaves in to_json(pair.tree).items()
    }


def _scored(pair: Pair, settings: Settings) -> list[ScoredCandidateRecord]:
    scored = []
    for candidate, score in zip(pair.prediction.candidates, pair.prediction.scores, strict=True):
        plain = CandidateRecord.of(candidate)
        scored.append(
            ScoredCandidateRecord(
                perspective=plain.perspective,
                path=_shown(candidate.path, settings),
                reasoning=plain.reasoning,
                utterance=plain.utterance,
                score=round(score.score, _ROUND),
                reason=score.reason,
            )
        )
    return scored


def _shown(path: IntentPath | None, settings: Settings) -> PathRecord | None:
    """The path; none where no tree is built, for then a phrase only stood in for it."""
    return PathRecord.of(path) if path is not None and settings.builds_tree else None


def _trajectory(side: Side, settings: Settings) -> TrajectoryRecord:
    record = TrajectoryRecord.of(side.trajectory)
    if settings.builds_tree:
        return record
    return record.model_copy(
        update={"candidates": [each.model_copy(update={"path": None}) for each in record.candidates]}
    )


def _edit(side: Side) -> EditRecord:
    replaced = [
        ReplacementRecord(
            position=each.position,
            path=PathRecord.of(each.path),
            origin=_origin(side.edit, each),
            turn=each.turn,
        )
        for each in side.replaced
    ]
    return EditRecord(edit=side.edit.value, replaced=replaced)


def _origin(edit: Edit, replacement: Replacement) -> Literal["next-turn", "future-turn", "model"]:
    if edit is Edit.REVISE:
        return "next-turn"
    return "model" if replacement.turn is None else "future-turn"


def _verification(pair: Pair, settings: Settings) -> VerificationRecord | None:
    if not settings.verify:
        return None
    problems = []
    if max(pair.chosen.scores) < settings.tau_high:
        problems.append("chosen-below-tau-high")
    if max(pair.rejected.scores) > settings.tau_low:
        problems.append("rejected-above-tau-low")
    return VerificationRecord(
        chosen_scores=[round(score, _ROUND) for score in pair.chosen.scores],
        rejected_scores=[round(score, _ROUND) for score in pair.rejected.scores],
        tries=max(pair.chosen.tries, pair.rejected.tries),
        problems=problems,
    )
