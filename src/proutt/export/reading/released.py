"""The released raw rows (`data/synthesized_raw`) as pairs: their words become ours, at the border, once.

What a row does not hold is not made up: docs/released.md has the list. Two things are worth knowing here. The official
code makes one pair a dialogue, edits every candidate of the truth's view, and shuffles the true paths when it revises,
so which of them came first is lost. And where it says at 0.3 that a side is revised *and* the other perturbed, the
paper says only revised: the branch is read off the edits that the row shows, not off the number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from proutt.dialogue import Dialogue
from proutt.dialogue.language import language_of
from proutt.dialogue.normal import normal_form
from proutt.dialogue.raw import RawDialogue, bad_record
from proutt.dialogue.readers.fields import id_text, raw_messages
from proutt.export.reading.released_row import Edge, ReleasedRow, Score, Side, Views, checked
from proutt.export.reading.released_words import (
    path_record,
    perspective_of_view,
    sentence_type_of,
    tree_record,
)
from proutt.intent import Perspective
from proutt.methods.record import (
    CandidateRecord,
    ContextRecord,
    EditRecord,
    PathRecord,
    PreferencePair,
    ReplacementRecord,
    ScoredCandidateRecord,
    TrajectoryRecord,
    TruthRecord,
    TurnRecord,
    UsageRecord,
)

METHOD = "proutt-released"
#: the thresholds of the official configuration
TAU_HIGH, TAU_LOW = 0.8, 0.3
#: what the judge's prompt put before each utterance, and the answer repeats
_NUMBERED = re.compile(r"Predictive Input (\d+):\s*")

Branch = Literal["high", "middle", "low"]
_BRANCHES: dict[tuple[bool, bool], Branch] = {(False, True): "high", (True, True): "middle", (True, False): "low"}


def read_released(row: Mapping[str, Any], source: str) -> PreferencePair:
    """A released raw row as a pair; source: file and line. Raises ItemFailed, naming the field, where it is not one."""
    read = checked(row)
    return _pair(read, _dialogue(read, source), source)


def _pair(row: ReleasedRow, dialogue: Dialogue, source: str) -> PreferencePair:
    perspective = perspective_of_view(row.gt_insight_path.insight, "gt_insight_path.insight")
    paths, wrong = (
        _paths(row, edges, perspective) for edges in (row.gt_insight_path.path, row.rejected.incorrect_path)
    )
    known = [path for path in paths if path is not None]
    k = len(dialogue.turns)
    chosen_edit = _edit("revise", row, row.chosen, paths, bool(row.revised_insight_reason), perspective, k + 1)
    rejected_edit = _edit("perturb", row, row.rejected, wrong, bool(row.rejected.incorrect_path), perspective, None)
    return PreferencePair(
        method=METHOD,
        dialogue_id=dialogue.id,
        k=k,
        language=dialogue.language,
        source=source,
        context=ContextRecord(
            opening=dialogue.opening,
            turns=[TurnRecord(user=turn.user, assistant=turn.assistant) for turn in dialogue.turns],
        ),
        tree=tree_record(row.intent_tree),
        truth=TruthRecord(
            utterance=row.label,
            sentence_type=sentence_type_of(
                row.utterance_category_gt.predicted_category, "utterance_category_gt.predicted_category"
            ),
            paths=known,
            perspective=perspective,
        ),
        candidates=_scored(_candidates(row.insight_reason), row.evaluate_reason),
        j_max=row.top_sim,
        branch=_branch(chosen_edit, rejected_edit, row.top_sim),
        chosen_edit=chosen_edit,
        rejected_edit=rejected_edit,
        chosen=_trajectory(row.chosen, "chosen"),
        rejected=_trajectory(row.rejected, "rejected"),
        verification=None,
        verified=None,
        models={},
        judge="llm",
        sentence_types="llm",
        prompt_version="released",
        seed=0,
        settings={
            "q": len(row.insight_reason.mining_view.predictions),
            "tau_high": TAU_HIGH,
            "tau_low": TAU_LOW,
            "negative_label": row.negative_label,
        },
        usage=UsageRecord(
            calls=0, prompt_tokens=row.usage.prompt_tokens, completion_tokens=row.usage.completion_tokens
        ),
    )


def _dialogue(row: ReleasedRow, source: str) -> Dialogue:
    """D^(K) as a dialogue. Raises ItemFailed where it is not whole turns."""
    dialogue_id = id_text(row.sample_id)
    if dialogue_id is None:
        raise bad_record("bad-row", "sample_id is empty.")
    raw = RawDialogue(dialogue_id, raw_messages(row.context, Counter()))
    dialogue = normal_form(raw, id=dialogue_id, source=source).dialogue
    if not dialogue.turns or dialogue.last_utterance is not None:
        raise bad_record("bad-row", "context does not end with an answer of the assistant.")
    language = language_of(dialogue.utterances, (turn.assistant for turn in dialogue.turns))
    return Dialogue(dialogue.id, dialogue.turns, language, opening=dialogue.opening, source=source)


def _candidates(views: Views) -> list[CandidateRecord]:
    """2Q candidates, exploitation first. A view has one reasoning for all of its candidates: the first one holds it."""
    return [
        CandidateRecord(
            perspective=perspective,
            path=None,
            reasoning=views.of(perspective).reasoning if position == 0 else "",
            utterance=utterance,
        )
        for perspective in Perspective
        for position, utterance in enumerate(views.of(perspective).predictions)
    ]


def _scored(candidates: Sequence[CandidateRecord], scores: Sequence[Score]) -> list[ScoredCandidateRecord]:
    """Candidates with the judge's words: by the number that it repeats, else in order. Raises ItemFailed."""
    if len(scores) != len(candidates):
        raise bad_record("bad-row", f"evaluate_reason has {len(scores)} scores for {len(candidates)} predictions.")
    numbers = [_NUMBERED.match(score.input) for score in scores]
    by_number = {int(match[1]): score for match, score in zip(numbers, scores, strict=True) if match}
    if set(by_number) == set(range(1, len(candidates) + 1)):
        scores = [by_number[number] for number in sorted(by_number)]
    return [
        ScoredCandidateRecord(**candidate.model_dump(), score=score.similarity, reason=score.reason)
        for candidate, score in zip(candidates, scores, strict=True)
    ]


def _trajectory(side: Side, name: str) -> TrajectoryRecord:
    category = side.utterance_category_reason
    sentence_type = sentence_type_of(category.category, f"{name}.utterance_category_reason.category")
    return TrajectoryRecord(
        sentence_type=sentence_type,
        sentence_type_reasoning=None if sentence_type is None else category.reasoning,
        candidates=_candidates(side.insight_reason),
    )


def _paths(row: ReleasedRow, edges: Sequence[Edge], perspective: Perspective) -> list[PathRecord | None]:
    return [path_record(edge.source_node, edge.target_node, perspective, row.intent_tree) for edge in edges]


def _edit(
    edit: Literal["revise", "perturb"],
    row: ReleasedRow,
    side: Side,
    paths: Sequence[PathRecord | None],
    stated: bool,
    perspective: Perspective,
    turn: int | None,
) -> EditRecord:
    """What was done to a side: the candidates of the truth's view that are no longer as they were predicted.

    stated  the row has the field that only an edit of this kind writes
    """
    predicted, now = (views.of(perspective).predictions for views in (row.insight_reason, side.insight_reason))
    offset = 0 if perspective is Perspective.EXPLOITATION else len(side.insight_reason.mining_view.predictions)
    changed = [at for at, said in enumerate(now) if said not in predicted[at : at + 1]]
    if not stated and not changed:
        return EditRecord(edit="keep")
    matched = len(paths) == len(changed)
    return EditRecord(
        edit=edit,
        replaced=[
            ReplacementRecord(
                position=offset + at,
                path=paths[number] if matched else None,
                origin="next-turn" if edit == "revise" else "model",
                turn=turn,
            )
            for number, at in enumerate(changed)
        ],
    )


def _branch(chosen: EditRecord, rejected: EditRecord, j_max: float) -> Branch:
    """Which branch was taken, by the edits; where neither side was edited, by the official thresholds."""
    branch = _BRANCHES.get((chosen.edit != "keep", rejected.edit != "keep"))
    if branch is not None:
        return branch
    return "high" if j_max >= TAU_HIGH else "middle" if j_max >= TAU_LOW else "low"
