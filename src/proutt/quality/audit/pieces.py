"""What a row's parts are called, and the words by which its texts are compared.

Words are those of the near-duplicate search: one character where a script puts no spaces between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from proutt.dialogue import Context
from proutt.intent import IntentTree, Leaf
from proutt.quality.audit.subject import Side, Subject
from proutt.quality.duplicates import units

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SPACES = re.compile(r"\s+")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
#: Words that say nothing of a subject.
_SMALL_WORDS = """
    a about after again all also am an and another any anything are as ask at be because been before being but by can
    could did do does doing don for from further get give given go going good had has have having help here how i if in
    into is it its just know like likely look make many may maybe me might more most much must my need next no not now
    of on one or other our out over please provide s should show so some something such t tell than thank thanks that
    the their them then there these they thing things this those to too up us use user want wants was we well were what
    when where whether which while who why will wish with would yes you your
"""
_EMPTY_WORDS = frozenset(_SMALL_WORDS.split())
_EMPTY_HAN = frozenset(
    "的了吗呢吧啊呀是我你您他她它们在有和与或也都就还很不没要想请会能可以这那个些什么怎样如何为因所被把给对从到说问用户"
)


def sides(subject: Subject) -> Iterator[tuple[str, Side]]:
    """("chosen", its side), and ("rejected", its side) where there is one."""
    yield "chosen", subject.chosen
    if subject.rejected is not None:
        yield "rejected", subject.rejected


def utterances(subject: Subject) -> Iterator[tuple[str, str]]:
    """Every prediction of both sides with its place: ("chosen prediction 1", ...)."""
    for name, side in sides(subject):
        for number, utterance in enumerate(side.utterances, start=1):
            yield f"{name} prediction {number}", utterance


def reasonings(subject: Subject) -> Iterator[tuple[str, str]]:
    """The reasoning of both sides with its place."""
    for name, side in sides(subject):
        if side.reasoning is not None:
            yield f"{name} reasoning", side.reasoning


def context_text(context: Context) -> str:
    """All that was said in D^(K)."""
    return "\n".join([context.opening or "", *(f"{turn.user}\n{turn.assistant}" for turn in context.turns)])


def background(subject: Subject) -> str:
    """What a row was made from: its dialogue, where it is known, else its whole prompt."""
    if subject.context is not None:
        return context_text(subject.context)
    if subject.record is not None:
        return "\n".join(f"{turn.user}\n{turn.assistant}" for turn in subject.record.context.turns)
    return subject.prompt


def says_something(unit: str) -> bool:
    """Whether a word, or a character, has a meaning of its own."""
    return unit not in _EMPTY_HAN if _HAN.match(unit) else unit not in _EMPTY_WORDS and len(unit) > 1


def weight(run: Sequence[str]) -> float:
    """How much the words of a text say, in words: a Chinese character with a meaning of its own counts as half."""
    return sum(0.5 if _HAN.match(unit) else 1.0 for unit in run if says_something(unit))


@lru_cache(maxsize=32)
def gists(text: str) -> frozenset[str]:
    """What a text is about: the stems of its words (their first five letters), and pairs of Chinese characters."""
    return frozenset(_gists(units(text)))


def is_pair(gist: str) -> bool:
    """Whether a gist is a pair of Chinese characters, and not the stem of a word."""
    return _HAN.match(gist) is not None


def _gists(found: Sequence[str]) -> Iterator[str]:
    for at, unit in enumerate(found):
        if not _HAN.match(unit):
            if says_something(unit):
                yield unit[:5]
        elif at + 1 < len(found) and _HAN.match(found[at + 1]) and any(map(says_something, found[at : at + 2])):
            yield unit + found[at + 1]


def plain(text: str) -> str:
    """A text without disguise: width folded, white space as single spaces, none between Chinese characters."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _BETWEEN_HAN.sub("", _SPACES.sub(" ", folded))


def holds_run(run: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words hold the run, one after the other."""
    return f" {' '.join(run)} " in f" {' '.join(words)} "


def longest_run(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """The longest run of words that both have; of equal ones, the first in `one`."""
    found = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return tuple(one[found.a : found.a + found.size])


#: A tree as it is laid out in a completion (`intent.render`).
_TREE = re.compile(r"^(?:[^\n]+ (?:\{\}|\{\n(?: {4}[^\n]*\n)+\})(?:\n|\Z))+", re.MULTILINE)


def tree_block(reasoning: str) -> str | None:
    """The intent tree in a reasoning, as it is laid out there; None where there is none in that layout."""
    found = _TREE.search(reasoning)
    return None if found is None else found[0].rstrip("\n")


def record_tree(subject: Subject) -> IntentTree | None:
    """T^(K) of the record."""
    if subject.record is None or subject.record.tree is None:
        return None
    return IntentTree(
        {
            topic: {name: Leaf(leaf.value, leaf.turn) for name, leaf in leaves.items()}
            for topic, leaves in subject.record.tree.items()
        }
    )
