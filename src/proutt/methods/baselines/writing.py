"""From a baseline's outcome to the record that every method writes; what it lacks is null or empty there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from proutt.intent import Candidate
from proutt.methods.baselines.baseline import Outcome, Turn
from proutt.methods.proutt.settings import Settings
from proutt.methods.record import (
    CandidateRecord,
    ContextRecord,
    EditRecord,
    PreferencePair,
    ScoredCandidateRecord,
    TrajectoryRecord,
    TruthRecord,
    TurnRecord,
    UsageRecord,
    VerificationRecord,
)
from proutt.prompts import prompt_version

_ROUND = 4
#: Of the settings, those that a baseline knows.
_SETTINGS = {"q", "tau_high", "tau_low", "turns", "verify_tries", "small_steps"}


def record_of(
    method: str,
    turn: Turn,
    outcome: Outcome,
    *,
    models: Mapping[str, str],
    judge: str,
    source: str,
    usage: UsageRecord,
) -> PreferencePair:
    """One line of `pairs.jsonl`."""
    j_max = max(each.score for each in outcome.scores)
    return PreferencePair(
        method=method,
        dialogue_id=turn.context.dialogue_id,
        k=turn.context.k,
        language=turn.context.language,
        source=source,
        context=ContextRecord(
            opening=turn.context.opening,
            turns=[TurnRecord(user=each.user, assistant=each.assistant) for each in turn.context.turns],
        ),
        tree=None,
        truth=TruthRecord(utterance=turn.truth.utterance, sentence_type=None, paths=[], perspective=None),
        candidates=[
            ScoredCandidateRecord(
                **CandidateRecord.of(each).model_dump(), score=round(score.score, _ROUND), reason=score.reason
            )
            for each, score in zip(outcome.predicted, outcome.scores, strict=True)
        ],
        j_max=round(j_max, _ROUND),
        branch=_branch(j_max, turn.settings),
        chosen_edit=EditRecord(edit="revise" if outcome.refined else "keep"),
        rejected_edit=EditRecord(edit="keep"),
        chosen=_side(outcome.chosen),
        rejected=_side(outcome.rejected),
        verification=_verification(outcome),
        verified=None if not outcome.rejected else not outcome.problems,
        models=dict(models),
        judge=judge,
        sentence_types="none",
        prompt_version=prompt_version("baselines"),
        seed=turn.settings.seed,
        settings=turn.settings.model_dump(mode="json", include=_SETTINGS),
        usage=usage,
        profile=outcome.profile,
    )


def _side(candidates: Sequence[Candidate]) -> TrajectoryRecord:
    return TrajectoryRecord(
        sentence_type=None,
        sentence_type_reasoning=None,
        candidates=[CandidateRecord.of(each) for each in candidates],
    )


def _branch(j_max: float, settings: Settings) -> Literal["high", "middle", "low"]:
    """Where the predictions stand by ProUtt's thresholds: it says how near they are; no baseline goes by it."""
    return "high" if j_max >= settings.tau_high else "low" if j_max <= settings.tau_low else "middle"


def _verification(outcome: Outcome) -> VerificationRecord | None:
    if not outcome.rejected:
        return None
    return VerificationRecord(
        chosen_scores=[round(score, _ROUND) for score in outcome.chosen_scores],
        rejected_scores=[round(score, _ROUND) for score in outcome.rejected_scores],
        tries=outcome.tries,
        problems=list(outcome.problems),
    )
