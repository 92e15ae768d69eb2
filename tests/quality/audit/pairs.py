"""Pairs without a fault, English and Chinese, to plant faults in: an audit flags nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proutt.export.reading import subject_of
from proutt.intent import Perspective, SentenceType
from proutt.methods.record import (
    CandidateRecord,
    EditRecord,
    PathRecord,
    PreferencePair,
    ReplacementRecord,
    ScoredCandidateRecord,
    TrajectoryRecord,
)
from proutt.quality.audit import Audit, Flag, Setup, Subject, selected
from records import a_pair

Words = tuple[str, tuple[str, str, str | None], str]

#: Reasoning, path, utterance: four predictions, the two that take the place of the first, and what the rejected side
#: makes of the others under its type.
_EN: dict[str, Any] = {
    "predicted": [
        ("Money is on the user's mind, and students often pay less.", ("Travel", "Discount", "student"),
         "Is there a student discount?"),
        ("With luggage in hand, the way to the platform matters.", ("Travel", "Luggage", None),
         "Where do I leave my suitcase?"),
        ("Whoever arrives in a foreign city needs a bed.", ("Hotel", "Price", "cheap"),
         "Which hotels near the centre are cheap?"),
        ("Lyon is known for its food.", ("Restaurant", "Cuisine", "local"), "What do people from here like to eat?"),
    ],
    "revised": ("The fare is settled, the timetable is not.", ("Travel", "LastDeparture", None),
                "Until what time does it run at night?"),
    "perturbed": ("A pet would have to come along.", ("Travel", "Pets", "dog"), "I am bringing my dog."),
    "reworded": ["I have a heavy suitcase with me.", "My budget for a bed is fifty euros.", "We enjoy regional food."],
    "types": ["The fare was only half of the answer, so another question is near.",
              "Plans are taking shape, so the user may report one."],
}  # fmt: skip
_ZH: dict[str, Any] = {
    "predicted": [
        ("用户在意花费，学生往往能少付一些。", ("景点", "优惠", "学生"), "学生有优惠吗？"),
        ("人多的时候要排队。", ("景点", "排队", None), "周末排队要多久？"),
        ("远道而来的人需要住处。", ("酒店", "价格", "便宜"), "哪家旅馆比较实惠？"),
        ("走累了自然会饿。", ("餐馆", "菜系", "烤鸭"), "附近哪里有烤鸭？"),
    ],
    "revised": ("票价已经清楚，时间还不清楚。", ("景点", "开放时间", None), "早上什么时候可以进去？"),
    "perturbed": ("同行的人会影响安排。", ("景点", "同伴", "孩子"), "我是带着孩子来的。"),
    "reworded": ["我有点怕人太多。", "我们的住宿预算是三百元。", "我们一家都爱吃烤鸭。"],
    "types": ["刚才只得到一半的答案，很可能继续提问。", "计划渐渐成形，可能会说明自己的决定。"],
}  # fmt: skip
_PERSPECTIVES = (Perspective.EXPLOITATION, Perspective.EXPLOITATION, Perspective.EXPLORATION, Perspective.EXPLORATION)


def clean_pair(language: str = "en", **changes: Any) -> PreferencePair:
    """A pair of the middle branch that keeps everything that holds of a pair; `changes` replaces fields."""
    words = _ZH if language == "zh" else _EN
    predicted = [_candidate(each, view) for each, view in zip(words["predicted"], _PERSPECTIVES, strict=True)]
    revised = _candidate(words["revised"], Perspective.EXPLOITATION)
    perturbed = _candidate(words["perturbed"], Perspective.EXPLOITATION)
    reworded = [
        each.model_copy(update={"utterance": said}) for each, said in zip(predicted[1:], words["reworded"], strict=True)
    ]
    fields = {
        "candidates": [
            ScoredCandidateRecord(**each.model_dump(), score=score, reason="")
            for each, score in zip(predicted, (0.5, 0.1, 0.1, 0.0), strict=True)
        ],
        "chosen_edit": _edit("revise", revised, "next-turn", 3),
        "rejected_edit": _edit("perturb", perturbed, "future-turn", 5),
        "chosen": _side(SentenceType.INTERROGATIVE, words["types"][0], [revised, *predicted[1:]]),
        "rejected": _side(SentenceType.DECLARATIVE, words["types"][1], [perturbed, *reworded]),
    }
    return a_pair(language=language, **{**fields, **changes})


def clean_subject(language: str = "en", **changes: Any) -> Subject:
    return subject_of(clean_pair(language, **changes))


def with_candidate(pair: PreferencePair, side: str, at: int, **changes: Any) -> PreferencePair:
    """The pair with one candidate of a side ("chosen", "rejected") changed."""
    trajectory: TrajectoryRecord = getattr(pair, side)
    candidates = list(trajectory.candidates)
    candidates[at] = candidates[at].model_copy(update=changes)
    return pair.model_copy(update={side: trajectory.model_copy(update={"candidates": candidates})})


def with_truth(pair: PreferencePair, **changes: Any) -> PreferencePair:
    return pair.model_copy(update={"truth": pair.truth.model_copy(update=changes)})


def flags_of(*subjects: Subject, setup: Setup | None = None, only: Sequence[str] = ()) -> list[Flag]:
    """Every flag of an audit of these rows, in order."""
    audit = Audit(setup or Setup(), selected(only))
    return [flag for subject in subjects for flag in audit.look(subject)]


def checks_of(*subjects: Subject, setup: Setup | None = None) -> list[str]:
    """The names of the checks that found something, each once."""
    return list(dict.fromkeys(flag.check for flag in flags_of(*subjects, setup=setup)))


def path(topic: str, attribute: str, value: str | None = None) -> PathRecord:
    return PathRecord(topic=topic, attribute=attribute, value=value)


def _candidate(words: Words, perspective: Perspective) -> CandidateRecord:
    reasoning, labels, utterance = words
    return CandidateRecord(perspective=perspective, path=path(*labels), reasoning=reasoning, utterance=utterance)


def _edit(edit: str, candidate: CandidateRecord, origin: str, turn: int) -> EditRecord:
    replaced = ReplacementRecord(position=0, path=candidate.path, origin=origin, turn=turn)
    return EditRecord(edit=edit, replaced=[replaced])


def _side(kind: SentenceType, reasoning: str, candidates: list[CandidateRecord]) -> TrajectoryRecord:
    return TrajectoryRecord(sentence_type=kind, sentence_type_reasoning=reasoning, candidates=candidates)
