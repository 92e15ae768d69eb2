"""What the page needs of one pair: its record, laid out for reading, and a short entry for list and filters. Pure.

Pairs of one dialogue follow each other, and the context of D^(K+1) begins with that of D^(K): so a pair gives only the
turns that the pair before it in its chunk has not (`continues` says how many it takes over).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.export.reading import TextPair
from proutt.export.text import tree_of
from proutt.intent import IntentTree
from proutt.intent.tree import near, normal
from proutt.methods.record import CandidateRecord, EditRecord, PathRecord, PreferencePair, TrajectoryRecord

#: An entry shows this much of the true utterance.
SNIPPET = 120


@dataclass(frozen=True, slots=True)
class Flag:
    """What an audit or the run's own verification says against a pair.

    check     its name, a slug; flags are filtered by it
    severity  "error" or "warning"
    where     side and position, or ""
    reason    a sentence for a person; evidence is what it rests on, or ""
    """

    check: str
    severity: str = "warning"
    where: str = ""
    reason: str = ""
    evidence: str = ""

    def as_data(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("check", "severity", "where", "reason", "evidence")}


def verification_flags(pair: PreferencePair | TextPair) -> list[Flag]:
    """The problems that the run's own verification found; they keep a pair out of exports."""
    if isinstance(pair, TextPair) or pair.verification is None:
        return []
    return [Flag(check=problem, reason=_PROBLEMS.get(problem, "")) for problem in pair.verification.problems]


_PROBLEMS = {
    "chosen-below-tau-high": "no edited utterance of the chosen side came near the truth",
    "rejected-above-tau-low": "an utterance of the rejected side came near the truth",
}


def name_of(pair: PreferencePair | TextPair) -> str:
    """What a person calls the pair, and what its permalink says: `dialogue:K`, or the row's own id."""
    return pair.id if isinstance(pair, TextPair) else f"{pair.dialogue_id}:{pair.k}"


def entry(pair: PreferencePair | TextPair, flags: Iterable[Flag]) -> list[Any]:
    """The pair in the list, by the places that `ENTRY` names; null where a file gives no more than texts."""
    checks = list(dict.fromkeys(flag.check for flag in flags))
    if isinstance(pair, TextPair):
        asked = pair.messages[-1].content if pair.messages else ""
        return [pair.id, pair.k, pair.language, None, None, None, None, None, checks, snippet(asked)]
    return [
        name_of(pair),
        pair.k,
        pair.language,
        pair.branch,
        round(pair.j_max, 4),
        pair.verified,
        None if pair.truth.perspective is None else pair.truth.perspective.value,
        None if pair.chosen.sentence_type is None else pair.chosen.sentence_type.value,
        checks,
        snippet(pair.truth.utterance),
    ]


#: What stands where in an entry.
ENTRY = ("name", "k", "language", "branch", "j_max", "verified", "perspective", "type", "flags", "snippet")


def snippet(text: str) -> str:
    """The text on one line, its beginning only."""
    flat = " ".join(text[: SNIPPET * 4].split())
    return flat if len(flat) <= SNIPPET else flat[: SNIPPET - 1] + "…"


def text_pair_data(pair: TextPair, flags: Iterable[Flag]) -> dict[str, Any]:
    """As `pair_data`, of a row that holds texts only."""
    return {
        "messages": [[message.role, message.content] for message in pair.messages],
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "flags": [flag.as_data() for flag in flags],
        "source": pair.where,
    }


def pair_data(pair: PreferencePair, flags: Iterable[Flag], before: PreferencePair | None) -> dict[str, Any]:
    """Everything of a pair that its page shows; `before` is the pair before it in the same chunk, if there is one.

    `rejected` is None where the method makes data for SFT only.
    """
    tree = tree_of(pair)
    made = _made(pair)
    return {
        **_context(pair, before),
        "tree": None if tree is None else _tree(tree),
        "truth": {
            "utterance": pair.truth.utterance,
            "type": pair.truth.sentence_type,
            "perspective": pair.truth.perspective,
            "paths": [_path(path, tree) for path in pair.truth.paths],
        },
        "candidates": [
            {**_candidate(each, tree), "score": each.score, "reason": each.reason} for each in pair.candidates
        ],
        "chosen": _trajectory(pair.chosen, pair.chosen_edit, tree),
        "rejected": _trajectory(pair.rejected, pair.rejected_edit, tree) if pair.rejected.candidates else None,
        "profile": pair.profile,
        "verification": None if pair.verification is None else pair.verification.model_dump(),
        "flags": [flag.as_data() for flag in flags],
        "source": pair.source,
        "usage": pair.usage.model_dump(),
        "made": None if before is not None and _made(before) == made else made,
    }


def _made(pair: PreferencePair) -> dict[str, Any]:
    """How the pair was made; mostly the same for all pairs of a run."""
    return {
        "method": pair.method,
        "models": pair.models,
        "judge": pair.judge,
        "sentence_types": pair.sentence_types,
        "prompt_version": pair.prompt_version,
        "seed": pair.seed,
        "settings": pair.settings,
    }


def _context(pair: PreferencePair, before: PreferencePair | None) -> dict[str, Any]:
    turns, taken = pair.context.turns, 0
    if before is not None and before.dialogue_id == pair.dialogue_id and before.context.opening == pair.context.opening:
        earlier = before.context.turns
        taken = len(earlier) if turns[: len(earlier)] == earlier else 0
    return {
        "opening": None if taken else pair.context.opening,
        "continues": taken,
        "turns": [[turn.user, turn.assistant] for turn in turns[taken:]],
    }


def _tree(tree: IntentTree) -> list[Any]:
    """Topic, then attribute, value and turn of each leaf; lists, since a browser sorts keys that are numbers."""
    return [
        [topic, [[name, leaf.value, leaf.turn] for name, leaf in leaves.items()]]
        for topic, leaves in tree.topics.items()
    ]


def _path(path: PathRecord | None, tree: IntentTree | None) -> list[Any] | None:
    """Topic, attribute, value, and where the tree has them: the indices of topic and leaf, or None where it has not."""
    if path is None:
        return None
    return [path.topic, path.attribute, path.value, *_place(path, tree)]


def _place(path: PathRecord, tree: IntentTree | None) -> tuple[int | None, int | None]:
    if tree is None:
        return None, None
    topics = list(tree.topics)
    topic = _index(path.topic, topics)
    if topic is None or path.attribute is None:
        return topic, None
    return topic, _index(path.attribute, list(tree.topics[topics[topic]]))


def _index(label: str, known: Sequence[str]) -> int | None:
    """Which of the known labels this one is: the same rule as the method's, the quick case first."""
    wanted = normal(label)
    same = next((at for at, each in enumerate(known) if normal(each) == wanted), None) if wanted else None
    if same is not None:
        return same
    return next((at for at, each in enumerate(known) if near(each, label)), None)


def _candidate(candidate: CandidateRecord, tree: IntentTree | None) -> dict[str, Any]:
    return {
        "perspective": candidate.perspective,
        "path": _path(candidate.path, tree),
        "reasoning": candidate.reasoning,
        "utterance": candidate.utterance,
    }


def _trajectory(trajectory: TrajectoryRecord, edit: EditRecord, tree: IntentTree | None) -> dict[str, Any]:
    replaced: Mapping[int, Any] = {each.position: each for each in edit.replaced}
    return {
        "type": trajectory.sentence_type,
        "type_reasoning": trajectory.sentence_type_reasoning,
        "edit": edit.edit,
        "candidates": [
            {
                **_candidate(each, tree),
                "replaced": None if at not in replaced else [replaced[at].origin, replaced[at].turn],
            }
            for at, each in enumerate(trajectory.candidates)
        ],
    }
