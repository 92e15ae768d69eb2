"""The words of the released ProUtt files in ours: categories, views, trees, edges. The way back from `released.py`.

Models wrote these fields, so they are read with some patience: in any case, with "View" after them, in Chinese too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from proutt.dialogue.raw import bad_record
from proutt.intent import Perspective, SentenceType, normal
from proutt.methods.record import LeafRecord, PathRecord

CATEGORIES = {
    **dict.fromkeys(("statement", "declarative", "陈述", "陈述句"), SentenceType.DECLARATIVE),
    **dict.fromkeys(("question", "interrogative", "疑问", "疑问句", "提问", "问题"), SentenceType.INTERROGATIVE),
    **dict.fromkeys(("instruction", "imperative", "祈使", "祈使句", "指令"), SentenceType.IMPERATIVE),
}
_VIEWS = {
    **dict.fromkeys(("mining", "exploitation", "挖掘"), Perspective.EXPLOITATION),
    **dict.fromkeys(("exploration", "explore", "探索"), Perspective.EXPLORATION),
}
#: between a new topic and its attribute, or an attribute and its value: a dash with space around it, an en dash, or a
#: hyphen before a capital, as in `SecurityEducation-Approach`
_DASH = re.compile(r"\s+[-–—]\s+|[–—]|-(?=[A-Z])")
#: a turn that the file does not tell
NO_TURN = 0


def sentence_type_of(word: str, field: str) -> SentenceType | None:
    """What a category means; None for an empty one: no types were used. Raises ItemFailed for another word."""
    name = word.strip().strip(".。").casefold()
    if not name:
        return None
    if name not in CATEGORIES:
        raise bad_record("bad-row", f"{field} is {word[:40]!r}: not Statement, Question or Instruction.")
    return CATEGORIES[name]


def perspective_of_view(word: str, field: str) -> Perspective:
    """What a view means. Raises ItemFailed for a word that is none."""
    name = word.strip().casefold().removesuffix("view").removesuffix("视角").strip()
    if name not in _VIEWS:
        raise bad_record("bad-row", f"{field} is {word[:40]!r}: not Mining or Exploration.")
    return _VIEWS[name]


def tree_record(tree: Mapping[str, Any]) -> dict[str, dict[str, LeafRecord]]:
    """A released tree in our form. Its turns are 0: the file does not tell which turn set a value.

    An empty value is one that was left open. Values that are no texts become texts; a topic that has a value in place
    of attributes keeps it under its own name.
    """
    return {
        str(topic): {
            str(name): _leaf(value) for name, value in (leaves if isinstance(leaves, dict) else {topic: leaves}).items()
        }
        for topic, leaves in tree.items()
    }


def path_record(source: str, target: str, perspective: Perspective, tree: Mapping[str, Any]) -> PathRecord | None:
    """An edge as a path; None where it names no topic.

    In exploitation the edge goes from the topic to an attribute (`attribute - value`). In exploration it goes from a
    known topic to a new one (`topic - attribute`), unless its source is not in the tree: then that is the new topic.
    """
    first, second = _halves(target)
    if perspective is Perspective.EXPLORATION and source in tree:
        topic, attribute, value = first, second, None
    else:
        topic, attribute, value = source, first or None, second
    if not normal(topic):
        return None
    return PathRecord(topic=topic, attribute=attribute, value=value)


def _halves(target: str) -> tuple[str, str | None]:
    first, *rest = _DASH.split(target.strip(), maxsplit=1)
    second = rest[0].strip() if rest else ""
    return (first.strip(), second) if first.strip() and second else (target.strip(), None)


def _leaf(value: Any) -> LeafRecord:
    if isinstance(value, str):
        return LeafRecord(value=value or None, turn=NO_TURN)
    text = None if value is None else json.dumps(value, ensure_ascii=False)
    return LeafRecord(value=text, turn=NO_TURN)
