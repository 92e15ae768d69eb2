"""Rows in the shape of the released ProUtt data before post-processing, for people who go on with the official tools.

The one place where our words become the released ones: exploitation is Mining there; declarative, interrogative and
imperative are Statement, Question and Instruction. Every row has every field; what we compute or don't have is empty
(docs/exports.md says which), and `revised_insight_reason` is null where no revision was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proutt.export.example import Example, not_ending_with_user
from proutt.intent import Perspective, SentenceType
from proutt.methods.record import CandidateRecord, EditRecord, PathRecord, PreferencePair, TrajectoryRecord

CATEGORIES = {
    SentenceType.DECLARATIVE: "Statement",
    SentenceType.INTERROGATIVE: "Question",
    SentenceType.IMPERATIVE: "Instruction",
}
INSIGHTS = {Perspective.EXPLOITATION: "Mining", Perspective.EXPLORATION: "Exploration"}
VIEWS = {Perspective.EXPLOITATION: "mining_view", Perspective.EXPLORATION: "explore_view"}


def released_rows(example: Example) -> list[dict[str, Any]]:
    """The sample of an example's record. Raises ValueError where it has none."""
    if example.record is None:
        raise ValueError("the released shape is made of records")
    return [released_row(example.record)]


def not_in_views(example: Example) -> str | None:
    """Why the released layout can't hold an example, or None where it can: its predictions stand in perspectives."""
    record = example.record
    plain = record is not None and record.truth.perspective is None
    return "no perspectives" if plain else not_ending_with_user(example)


def released_row(pair: PreferencePair) -> dict[str, Any]:
    """One sample of the released raw files; `item_id` numbers a dialogue's samples by K, from 0."""
    return {
        "sample_id": pair.dialogue_id,
        "item_id": pair.k - 1,
        "context": _messages(pair),
        "label": pair.truth.utterance,
        "negative_label": [],
        "chat_history": _history(pair),
        "intent_tree": _tree(pair),
        "utterance_category_reason": [_category(side) for side in (pair.chosen, pair.rejected)],
        "utterance_category_gt": {"reasoning": "", "predicted_category": _name(pair.truth.sentence_type)},
        "insight_reason": _views(pair.candidates),
        "evaluate_reason": [
            {"input": each.utterance, "reason": each.reason, "similarity": each.score} for each in pair.candidates
        ],
        "top_sim": pair.j_max,
        "gt_insight_path": {
            "insight_reasoning": "",
            "insight": "" if pair.truth.perspective is None else INSIGHTS[pair.truth.perspective],
            "path_reasoning": "",
            "path": [_edge(path) for path in pair.truth.paths],
        },
        "revised_insight_reason": _revised(pair),
        "usage": {
            "prompt_tokens": pair.usage.prompt_tokens,
            "completion_tokens": pair.usage.completion_tokens,
            "total_tokens": pair.usage.prompt_tokens + pair.usage.completion_tokens,
        },
        "chosen": _side(pair, pair.chosen),
        "rejected": {**_side(pair, pair.rejected), "incorrect_path": _replaced(pair.rejected_edit)},
    }


def _messages(pair: PreferencePair) -> list[dict[str, str]]:
    opening = [] if pair.context.opening is None else [{"role": "assistant", "content": pair.context.opening}]
    turns = [
        {"role": role, "content": said}
        for turn in pair.context.turns
        for role, said in (("user", turn.user), ("assistant", turn.assistant))
    ]
    return opening + turns


def _history(pair: PreferencePair) -> str:
    opening = "" if pair.context.opening is None else f"\nAssistant: {pair.context.opening}"
    rounds = (
        f"\n[Round {number}]\nUser: {turn.user}\nAssistant: {turn.assistant}"
        for number, turn in enumerate(pair.context.turns, start=1)
    )
    return opening + "".join(rounds)


def _tree(pair: PreferencePair) -> dict[str, dict[str, str]]:
    """Values are strings there: an attribute that was left open has an empty one."""
    return {
        topic: {attribute: leaf.value or "" for attribute, leaf in leaves.items()}
        for topic, leaves in (pair.tree or {}).items()
    }


def _name(sentence_type: SentenceType | None) -> str:
    return "" if sentence_type is None else CATEGORIES[sentence_type]


def _category(side: TrajectoryRecord) -> dict[str, str]:
    return {"category": _name(side.sentence_type), "reasoning": side.sentence_type_reasoning or ""}


def _views(candidates: Sequence[CandidateRecord]) -> dict[str, Any]:
    return {view: _view(candidates, perspective) for perspective, view in VIEWS.items()}


def _view(candidates: Sequence[CandidateRecord], perspective: Perspective | None) -> dict[str, Any]:
    own = [each for each in candidates if each.perspective is perspective]
    return {"reasoning": _reasoning(own), "predictions": [each.utterance for each in own]}


def _reasoning(candidates: Sequence[CandidateRecord]) -> str:
    return " ".join(
        each.reasoning if each.path is None else f"{each.reasoning} ({each.path.path()})" for each in candidates
    )


def _edge(path: PathRecord) -> dict[str, str]:
    """One path as an edge: its topic, and what hangs on it."""
    target = path.attribute or ""
    return {"source_node": path.topic, "target_node": target if path.value is None else f"{target} - {path.value}"}


def _replaced(edit: EditRecord) -> list[dict[str, str]]:
    return [_edge(each.path) for each in edit.replaced if each.path is not None]


def _side(pair: PreferencePair, side: TrajectoryRecord) -> dict[str, Any]:
    return {
        "intent_tree": _tree(pair),
        "utterance_category_reason": _category(side),
        "insight_reason": _views(side.candidates),
    }


def _revised(pair: PreferencePair) -> dict[str, Any] | None:
    """The revised perspective of the chosen side, where a revision was made: it is the truth's."""
    if pair.chosen_edit.edit != "revise":
        return None
    view = _view(pair.chosen.candidates, pair.truth.perspective)
    return {"thinking": "", "revised": view["reasoning"], "predictions": view["predictions"]}
