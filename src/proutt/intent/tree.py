"""Intent trees: topics → attributes → values, each with the turn that added it (ProUtt III-B, figures 1, 7, 8).

Pure: values in, values out; knows nothing of models, files or prompts. T^(K) is a fold over the new paths of the
turns up to K, so it can hold nothing of the future.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

#: Two labels are near-equal from this share of matching characters on (0..1). Chosen so that singular and plural, or a
#: different spelling, meet, and "hotel price" and "hotel phone" do not; tests/intent/test_paths.py holds the examples.
NEAR = 0.84


class Perspective(StrEnum):
    """v ∈ {M, E} (ProUtt III-D.1): a topic that the tree knows, or a new one."""

    EXPLOITATION = "exploitation"
    EXPLORATION = "exploration"


@dataclass(frozen=True, slots=True)
class IntentPath:
    """p: one topic → attribute (→ value) edge.

    topic      never empty
    attribute  None only where no tree is built (ablation "intent-tree"): then the topic is the whole intent, a phrase
    value      None where the user asks for a thing without giving it ("what does it cost?")
    """

    topic: str
    attribute: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        if not normal(self.topic):
            raise ValueError("an intent path needs a topic")
        if self.value is not None and self.attribute is None:
            raise ValueError("an intent path with a value needs an attribute")

    def __str__(self) -> str:
        """As in figures 7 and 8: `Topic → Attribute - Value`."""
        text = self.topic if self.attribute is None else f"{self.topic} → {self.attribute}"
        return text if self.value is None else f"{text} - {self.value}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An attribute of a topic: its value (or None where the user left it open) and the turn that set it, from 1."""

    value: str | None
    turn: int


@dataclass(frozen=True)
class IntentTree:
    """T^(K): topics in the order they came up, each with its attributes in the order they came up."""

    topics: Mapping[str, Mapping[str, Leaf]]

    def __bool__(self) -> bool:
        return bool(self.topics)

    def topic(self, name: str) -> str | None:
        """The topic of the tree that `name` means, or None where the tree does not know it."""
        return next((known for known in self.topics if near(known, name)), None)

    def latest(self, leaves: int) -> IntentTree:
        """The tree with only the `leaves` attributes set last (of one turn the later ones), and their topics."""
        found = [(leaf.turn, topic, name) for topic, each in self.topics.items() for name, leaf in each.items()]
        order = sorted(range(len(found)), key=lambda at: (found[at][0], at), reverse=True)
        last = {found[at][1:] for at in order[:leaves]}
        kept = {
            topic: {name: leaf for name, leaf in each.items() if (topic, name) in last}
            for topic, each in self.topics.items()
        }
        return IntentTree({topic: each for topic, each in kept.items() if each})

    def holds(self, path: IntentPath) -> bool:
        """Whether the tree already states the path: same topic, attribute and, if the path gives one, value."""
        topic = self.topic(path.topic)
        if topic is None or path.attribute is None:
            return topic is not None
        leaf = next((leaf for name, leaf in self.topics[topic].items() if near(name, path.attribute)), None)
        if leaf is None:
            return False
        return path.value is None or (leaf.value is not None and normal(leaf.value) == normal(path.value))


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """The letters and digits of a text, folded, so that `OriginalPOV`, `original pov` and `Original-POV` are one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))


def near(one: str, other: str) -> bool:
    """Whether two labels mean the same to a reader who ignores case, spacing, plural and small spelling differences."""
    a, b = sorted((normal(one), normal(other)))  # the share of matching characters depends on the order
    if a == b:
        return bool(a)
    if not a or not b:
        return False
    if _digits(a) != _digits(b):  # "iPhone 14" is not "iPhone 15"
        return False
    if min(len(a), len(b)) < 4:
        return False
    if 2 * min(len(a), len(b)) < NEAR * (len(a) + len(b)):  # whatever they share, it is too little
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return all(share() >= NEAR for share in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


@lru_cache(maxsize=4096)
def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def near_paths(one: IntentPath, other: IntentPath) -> bool:
    """Whether two paths are the same or close: a negative must not be near the truth (ProUtt III-D.3).

    Close means near topics, near attributes, and values that do not contradict (one left open, or near each other).
    """
    if not near(one.topic, other.topic):
        # The model may file the same thing under another topic: compare what is asked, topic included in the text.
        return one.value is not None and other.value is not None and near(_said(one), _said(other))
    if one.attribute is None or other.attribute is None:
        return one.attribute is other.attribute
    if not near(one.attribute, other.attribute):
        return one.value is not None and other.value is not None and normal(one.value) == normal(other.value)
    return one.value is None or other.value is None or near(one.value, other.value)


def _said(path: IntentPath) -> str:
    return f"{path.attribute} {path.value}"


def fold(paths_per_turn: Iterable[Sequence[IntentPath]]) -> IntentTree:
    """T^(N): the tree that the new paths of turns 1, 2, ... make, in order.

    A path whose topic (or attribute) the tree already has, near-equal, goes there; a later value replaces an earlier
    one, and a path that leaves the value open never erases one. Where paths have no attribute the topic stands alone.
    """
    topics: dict[str, dict[str, Leaf]] = {}
    for turn, paths in enumerate(paths_per_turn, start=1):
        for path in paths:
            _add(topics, path, turn)
    return IntentTree(topics)


def _add(topics: dict[str, dict[str, Leaf]], path: IntentPath, turn: int) -> None:
    topic = next((known for known in topics if near(known, path.topic)), path.topic)
    leaves = topics.setdefault(topic, {})
    if path.attribute is None:
        return
    attribute = next((known for known in leaves if near(known, path.attribute)), path.attribute)
    old = leaves.get(attribute)
    if old is None or (path.value is not None and old.value != path.value):
        leaves[attribute] = Leaf(path.value, turn)


def prefix(paths_per_turn: Sequence[Sequence[IntentPath]], k: int) -> IntentTree:
    """T^(K): the tree after the first k turns, folded from their new paths (ProUtt III-B).

    paths_per_turn has one entry per turn, in order, possibly empty. Entries after k are not read, so the tree holds
    nothing of the future, and a value that changes later has its old value here.
    Raises ValueError unless 1 <= k <= len(paths_per_turn).
    """
    if not 1 <= k <= len(paths_per_turn):
        raise ValueError(f"k={k} is outside 1..{len(paths_per_turn)}")
    return fold(paths_per_turn[:k])


def new_paths(tree: IntentTree, stated: Iterable[IntentPath]) -> tuple[IntentPath, ...]:
    """Those of a turn's stated paths that the tree does not hold yet, each once, in order (EXTRACTNEWPATHS)."""
    kept: list[IntentPath] = []
    for path in stated:
        if not tree.holds(path) and not any(near_paths(path, other) for other in kept):
            kept.append(path)
    return tuple(kept)


def perspective_of(path: IntentPath, tree: IntentTree) -> Perspective:
    """Exploitation when the topic is in T^(K), else exploration (ProUtt III-D.1); computed, never asked of a model."""
    return Perspective.EXPLORATION if tree.topic(path.topic) is None else Perspective.EXPLOITATION
