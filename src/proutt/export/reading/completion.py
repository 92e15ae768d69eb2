"""A completion's text taken apart: reasoning, predicted utterances, sentence type, tree. Pure; never raises.

Reads the canonical layout (`export/text.py`), the layout of ProUtt's released processed files, and whatever else has
`<think>` or `<predict>` in it. Our own texts come back exact, but for what `export/neutral.py` did to them: control
strings broken by a space, line ends as spaces. The released layout quotes nothing, so a hostile text can pass for its
headings there; what is read is then what a trainer sees.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

from proutt.export.reading.released_words import CATEGORIES, NO_TURN, tree_record
from proutt.export.wording import wording
from proutt.intent import IntentTree, Leaf, SentenceType, parse
from proutt.quality.audit.subject import Side

_OPEN, _CLOSE = "<think>", "</think>"
_PREDICTION = re.compile(r"<predict>(.*?)</predict>", re.DOTALL)
_LANGUAGES = ("en", "zh")
#: how the released layout, and the paper's figures, name the type; Chinese as their likes put it
_RELEASED_TYPE = re.compile(
    r"sentence (?:category|type) (?:for|of) the user['’]s next (?:input|utterance) is most likely (?P<en>[A-Za-z]+)"
    r"|句子?(?:类型|类别)最可能(?:是|为)[：:]?\s*(?P<zh>[\u4e00-\u9fff]{2,3})"
)
#: where the views begin in the released layout: a type is named before
_VIEWS = "[Mining View Analysis]"
_RELEASED_TREE = re.compile(r"\[User Intent Tree\]:?\s*```(?:json)?\s*\n(.*?)\n```", re.DOTALL)
#: a released tree longer than this is none
_TREE_LIMIT = 50_000


def side_of(text: str) -> Side:
    """A completion with what can be read out of it."""
    reasoning, answer = _parted(text)
    return Side(
        text=text,
        reasoning=reasoning,
        utterances=tuple(match[1] for match in _PREDICTION.finditer(answer)),
        sentence_type=None if reasoning is None else sentence_type_in(reasoning),
    )


def sentence_type_in(reasoning: str) -> SentenceType | None:
    """The type that a reasoning ends its sentence-type step with; None where it names none."""
    return _canonical_type(reasoning) or _released_type(reasoning)


def tree_in(reasoning: str) -> IntentTree | None:
    """The intent tree that a reasoning lays out, in our layout or as a Python or JSON object; its turns are 0."""
    return _canonical_tree(reasoning) or _released_tree(reasoning)


def _parted(text: str) -> tuple[str | None, str]:
    """Reasoning and answer. A reasoning may lack its opening tag: some templates put that into the prompt."""
    before, close, after = text.partition(_CLOSE)
    if not close:
        return None, text
    return before.lstrip().removeprefix(_OPEN).strip("\n"), after


def _canonical_type(reasoning: str) -> SentenceType | None:
    """Only one line of our layout begins with the label and ends with the tail: names in trees are escaped."""
    for words in map(wording, _LANGUAGES):
        label, tail = words.type_analysis.split("{reasoning}")
        for line in reasoning.split("\n"):
            if line.startswith(label):
                for kind, name in words.sentence_types.items():
                    if line.endswith(tail.replace("{type}", name)):
                        return kind
    return None


def _released_type(reasoning: str) -> SentenceType | None:
    named = list(_RELEASED_TYPE.finditer(reasoning.partition(_VIEWS)[0]))
    word = (named[-1]["en"] or named[-1]["zh"]) if named else ""
    return CATEGORIES.get(word.casefold())


def _canonical_tree(reasoning: str) -> IntentTree | None:
    for words in map(wording, _LANGUAGES):
        _, label, rest = reasoning.partition(f"{words.tree_label}\n")
        if label:
            try:
                return parse(rest.partition("\n\n")[0])
            except ValueError:
                continue
    return None


def _released_tree(reasoning: str) -> IntentTree | None:
    found = _RELEASED_TREE.search(reasoning)
    value = _literal(found[1].strip()) if found and len(found[1]) <= _TREE_LIMIT else None
    if not isinstance(value, dict):
        return None
    return IntentTree(
        {
            topic: {name: Leaf(leaf.value, NO_TURN) for name, leaf in leaves.items()}
            for topic, leaves in tree_record(value).items()
        }
    )


def _literal(text: str) -> Any:
    """A Python literal (JSON objects of texts are such, too), or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python does not know
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
