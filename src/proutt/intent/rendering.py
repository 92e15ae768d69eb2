"""Intent trees as text, in the layout of ProUtt's figures 7 and 8, and as JSON; and back.

    StoryConversion {
        OriginalPOV: Third person,
        AuthorName
    }

An attribute without a colon is one that the user asked about and left open. Names and values come from models and
dialogues, so whatever would be taken for the layout is escaped with a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proutt.intent.tree import IntentTree, Leaf

EMPTY = "(empty)"
_INDENT = "    "
_ESCAPES = {"\n": "n", "\r": "r", "\u2028": "l", "\u2029": "p", "\x85": "x", "\v": "v", "\f": "f", "\x1c": "1"}
_ESCAPES |= {"\x1d": "2", "\x1e": "3"}  # with those above: everything that str.splitlines() takes for a line's end
_UNESCAPES = {letter: char for char, letter in _ESCAPES.items()}


def render(tree: IntentTree) -> str:
    """The tree as text, as in figures 7 and 8. Turn numbers are not shown: a student model cannot know them better."""
    if not tree.topics:
        return EMPTY
    return "\n".join(_render_topic(name, leaves) for name, leaves in tree.topics.items())


def _render_topic(name: str, leaves: Mapping[str, Leaf]) -> str:
    if not leaves:
        return f"{_escape(name, '{}')} {{}}"
    lines = ",\n".join(_INDENT + _render_leaf(attribute, leaf) for attribute, leaf in leaves.items())
    return f"{_escape(name, '{}')} {{\n{lines}\n}}"


def _render_leaf(attribute: str, leaf: Leaf) -> str:
    name = _escape(attribute, ":")
    return _keep_comma(name if leaf.value is None else f"{name}: {_escape(leaf.value, '')}")


def _keep_comma(line: str) -> str:
    """A comma at a line's end separates leaves; one that belongs to the text is escaped."""
    return f"{line[:-1]}\\," if line.endswith(",") else line


def parse(text: str) -> IntentTree:
    """The tree that `render` made into this text; every turn is 0, for the text does not say it.

    Raises ValueError, naming the line, where the text is not in that layout.
    """
    topics: dict[str, dict[str, Leaf]] = {}
    if text.strip() == EMPTY:
        return IntentTree({})
    leaves: dict[str, Leaf] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if leaves is None:
            if not line.endswith((" {", " {}")):
                raise ValueError(f"line {number}: expected `Topic {{`, found {line!r}")
            leaves = topics.setdefault(_unescape(line.rpartition(" {")[0]), {})
            if line.endswith(" {}"):
                leaves = None
        elif line == "}":
            leaves = None
        elif line.startswith(_INDENT):
            attribute, leaf = _parse_leaf(line.removeprefix(_INDENT))
            leaves[attribute] = leaf
        else:
            raise ValueError(f"line {number}: expected an attribute or `}}`, found {line!r}")
    if leaves is not None:
        raise ValueError("the last topic is not closed with `}`")
    return IntentTree(topics)


def _parse_leaf(line: str) -> tuple[str, Leaf]:
    if line.endswith(",") and not _escaped_end(line):
        line = line[:-1]
    match = re.match(r"((?:[^\\:]|\\.)*): (.*)$", line, re.DOTALL)
    if match is None:
        return _unescape(line), Leaf(None, 0)
    return _unescape(match[1]), Leaf(_unescape(match[2]), 0)


def _escaped_end(line: str) -> bool:
    body = line[:-1]
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _escape(text: str, special: str) -> str:
    out = []
    for char in text:
        if char in _ESCAPES:
            out.append("\\" + _ESCAPES[char])
        elif char == "\\" or char in special:
            out.append("\\" + char)
        else:
            out.append(char)
    return "".join(out)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _UNESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)


def to_json(tree: IntentTree) -> dict[str, dict[str, dict[str, Any]]]:
    """`{topic: {attribute: {"value": str | None, "turn": int}}}`, in the tree's order."""
    return {
        topic: {attribute: {"value": leaf.value, "turn": leaf.turn} for attribute, leaf in leaves.items()}
        for topic, leaves in tree.topics.items()
    }


def from_json(data: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> IntentTree:
    """The tree that `to_json` made into this."""
    return IntentTree(
        {
            topic: {attribute: Leaf(leaf["value"], leaf["turn"]) for attribute, leaf in leaves.items()}
            for topic, leaves in data.items()
        }
    )
