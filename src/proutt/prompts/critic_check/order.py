"""The order of what a critic is told of its scores: which aspect comes first, and which end of the scale.

The words are those of the critic's reviewed prompt, taken apart and put together again: so the order alone differs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from proutt.prompts.template import PromptError, prompt_language, template

#: The critic's prompt: a line an aspect, with what 1, 3 and 5 mean.
CRITIC = "upc/criticise"

_ASPECT = re.compile(r'- "(?P<aspect>\w+)"(?:, |：)(?P<meaning>.*)')
_LEVELS = re.compile(r"(?P<what>.*?)(?P<gap>\s?)(?P<one>1[:：].*?)\s?(?P<three>3[:：].*?)\s?(?P<five>5[:：].*)")


@dataclass(frozen=True, slots=True)
class Order:
    """aspects_reversed: interest first, relevance last; scale_reversed: 5 is described before 3 and 1."""

    aspects_reversed: bool = False
    scale_reversed: bool = False


USUAL = Order()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a score is for, and what 1, 3 and 5 mean."""

    what: str
    levels: Mapping[int, str]


def reordered(text: str, order: Order) -> str:
    """The critic's prompt in this order, before it is filled."""
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if _ASPECT.fullmatch(line)]
    described = [lines[at] for at in places]
    if order.scale_reversed:
        described = [scale_reversed(line) for line in described]
    if order.aspects_reversed:
        described.reverse()
    for at, line in zip(places, described, strict=True):
        lines[at] = line
    return "\n".join(lines)


def scale_reversed(meaning: str) -> str:
    """What 5 means first, then 3, then 1."""
    found = _levels(meaning)
    return found["what"] + found["gap"] + found["gap"].join(found[name] for name in ("five", "three", "one"))


def meaning_of(aspect: str, language: str) -> Meaning:
    """What the critic is told of an aspect, in the language of its prompt."""
    for line in template(CRITIC, prompt_language(language)).split("\n"):
        found = _ASPECT.fullmatch(line)
        if found is not None and found["aspect"] == aspect:
            parts = _levels(found["meaning"])
            levels = {number: parts[name][2:].strip() for number, name in ((1, "one"), (3, "three"), (5, "five"))}
            return Meaning(parts["what"], levels)
    raise PromptError(f"the critic's prompt says nothing of {aspect!r}")


def _levels(meaning: str) -> re.Match[str]:
    found = _LEVELS.fullmatch(meaning)
    if found is None:
        raise PromptError(f"no meanings of 1, 3 and 5 in {meaning!r}")
    return found
