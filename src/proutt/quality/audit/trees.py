"""Intent trees: values that nobody said up to K, and trees that are not laid out as the prompt asks.

T^(K) is cut from the annotation of a whole dialogue; a value that is said only later gives the future away, and one
that is never said teaches a student to make values up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from proutt.intent import IntentTree, normal, parse
from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import background, gists, reasonings, record_tree, says_something, tree_block
from proutt.quality.audit.subject import Subject
from proutt.quality.duplicates import units

#: The share of a value's gists that a text must hold for the value to count as said there.
STATED = 0.5
#: Values that stand for something said in other words.
_SIGNS = re.compile(
    r"(?:yes|no|true|false|none|any|unknown|unspecified|not specified|n/?a|open|required|requested|needed|wanted|"
    r"available|general|default|是|否|有|无|不限|未定|未知|未指定|待定|需要|不需要|任意|都可以|无要求|默认)",
    re.IGNORECASE,
)


def stated(value: str, text: str) -> bool:
    """Whether a text holds a value: all of its letters in a row, or half of its words (of its pairs of characters)."""
    letters = normal(value)
    if not letters or letters in normal(text) or _SIGNS.fullmatch(value.strip(" .。")):
        return True
    wanted = gists(value)
    if not wanted:  # nothing but small words or single characters
        return all(unit in set(units(text)) for unit in units(value) if says_something(unit))
    return len(wanted & gists(text)) >= STATED * len(wanted)


def _values(tree: IntentTree) -> Iterator[tuple[str, str, int]]:
    for topic, leaves in tree.topics.items():
        for attribute, leaf in leaves.items():
            if leaf.value is not None:
                yield f"{topic} → {attribute}", leaf.value, leaf.turn


def _tree(subject: Subject) -> IntentTree | None:
    """The record's tree, else the one that the chosen reasoning shows."""
    if subject.record is not None:
        return record_tree(subject)
    block = tree_block(subject.chosen.reasoning or "")
    try:
        return None if block is None else parse(block)
    except ValueError:
        return None


def has_tree(subject: Subject) -> bool:
    """Whether there are a tree and a dialogue to hold it against."""
    return _tree(subject) is not None and (subject.context is not None or subject.record is not None)


def tree_from_future(subject: Subject) -> Iterator[Finding]:
    """Values of T^(K) that a later turn set, or that the next utterance says and no round before."""
    tree, pair = record_tree(subject), subject.record
    if tree is None or pair is None:
        return
    said = background(subject)
    for path, value, turn in _values(tree):
        if turn > pair.k:
            yield Finding("intent tree", f"{path}: its turn is {turn}, after K = {pair.k}", value)
        elif not stated(value, said) and stated(value, pair.truth.utterance):
            yield Finding("intent tree", f"{path}: only the next utterance says its value", value)


def unstated_tree_value(subject: Subject) -> Iterator[Finding]:
    """Values of T^(K) that no round up to K says."""
    tree = _tree(subject)
    if tree is None:
        return
    said = background(subject)
    for path, value, _ in _values(tree):
        if not stated(value, said):
            yield Finding("intent tree", f"{path}: no round up to K says its value", value)


#: A dictionary as Python or JSON prints it: a quoted key, and a value that is a dictionary or quoted.
_DICTIONARY = re.compile(r"\{\s*(['\"])[^'\"\n]{1,80}\1\s*:\s*(?:\{|['\"])")


def tree_layout(subject: Subject) -> Iterator[Finding]:
    """Trees in a reasoning that are printed as a dictionary instead of `Topic { Attribute: Value }`."""
    said: str | None = None
    for place, text in reasonings(subject):
        match = _DICTIONARY.search(text)
        if match is None:
            continue
        said = background(subject) if said is None else said
        if match[0] not in said:  # a dialogue about code has dictionaries of its own
            yield Finding(place, "its tree is printed as a dictionary", text[match.start() : match.start() + 80])


TREES = (
    Check(
        name="tree-from-future",
        title="tree values that are from the truth or a later turn",
        severity=Severity.ERROR,
        limit=0.0,
        source="leak barrier: T^(K) holds nothing of the future",
        start=each_row(tree_from_future),
        needs=(Need.RECORD, Need.TREE),
    ),
    Check(
        name="unstated-tree-value",
        title="tree values that no round up to K says",
        severity=Severity.WARNING,
        limit=0.05,
        source="leak barrier; ours: paraphrased values can't be told from invented ones",
        start=each_row(unstated_tree_value),
        needs=(Need.TREE,),
    ),
    Check(
        name="tree-layout",
        title="trees printed as Python or JSON dictionaries",
        severity=Severity.ERROR,
        limit=0.0,
        source="the instruction's own layout; the released ProUtt data breaks it",
        start=each_row(tree_layout),
        needs=(Need.REASONING,),
    ),
)
