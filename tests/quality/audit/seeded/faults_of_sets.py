"""Planted faults between rows: the same twice in one part of a split, or in two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from proutt.export.reading import subject_of
from proutt.methods.record import PreferencePair, TurnRecord
from proutt.quality.audit import Subject
from quality.audit.seeded.planting import Apply, Kind, Way, shouted, spaced, unpunctuated

# Twice ----------------------------------------------------------------------------------------------------------------


def _copy(pair: PreferencePair, change: Callable[[str], str] = str, **fields: object) -> PreferencePair:
    """The pair as another dialogue, with everything said in it changed a little."""
    turns = [TurnRecord(user=change(turn.user), assistant=change(turn.assistant)) for turn in pair.context.turns]
    context = pair.context.model_copy(update={"turns": turns})
    return pair.model_copy(update={"dialogue_id": f"{pair.dialogue_id}-again", "context": context, **fields})


def _twice(
    change: Callable[[str], str], parts: tuple[str | None, str | None] = (None, None), least: int = 200
) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> tuple[Subject, ...] | None:
        if sum(len(turn.user) + len(turn.assistant) for turn in pair.context.turns) < least:
            return None
        rows = (subject_of(pair), subject_of(_copy(pair, change)))
        return tuple(replace(row, part=part) for row, part in zip(rows, parts, strict=True))

    return apply


def _one_word(said: str) -> str:
    """One word in the middle replaced."""
    if " " not in said:
        return said[: len(said) // 2] + "嘿" + said[len(said) // 2 + 1 :] if len(said) > 40 else said
    words = said.split(" ")
    if len(words) > 20:
        words[len(words) // 2] = "something"
    return " ".join(words)


def _greeting(said: str) -> str:
    return said + (" Thanks." if said.isascii() else "谢谢。")


_ACROSS = ("train", "test")

NEAR_DUPLICATES = Kind(
    "near-duplicates within a split",
    ("near-duplicates",),
    (
        Way("the same row", _twice(str)),
        Way("in capitals", _twice(shouted)),
        Way("without punctuation", _twice(unpunctuated)),
        Way("a word of each text replaced", _twice(_one_word)),
        Way("doubled spaces", _twice(lambda said: said.replace(" ", "  "))),
        Way("a word added", _twice(_greeting, least=600)),
        Way("the same row, in one part", _twice(str, ("train", "train"))),
        Way("a word of each text replaced, in one part", _twice(_one_word, ("test", "test"))),
    ),
)


def _same_dialogue(pair: PreferencePair, rng: Random) -> tuple[Subject, ...] | None:
    """A shorter context of the same dialogue is in the other part."""
    if pair.k < 2:
        return None
    turns = pair.context.turns[:-1]
    earlier = pair.model_copy(update={"k": pair.k - 1, "context": pair.context.model_copy(update={"turns": turns})})
    return replace(subject_of(earlier), part="train"), replace(subject_of(pair), part="test")


SPLIT_LEAKAGE = Kind(
    "near-duplicates and dialogues across parts",
    ("split-near-duplicates", "dialogue-in-two-parts"),
    (
        Way("the same row", _twice(str, _ACROSS)),
        Way("the same dialogue at another K", _same_dialogue),
        Way("in capitals", _twice(shouted, _ACROSS)),
        Way("a word of each text replaced", _twice(_one_word, _ACROSS)),
        Way("without punctuation", _twice(unpunctuated, ("test", "train"))),
        Way("a word added", _twice(_greeting, ("validation", "test"), least=600)),
        Way("Chinese spaced out", _twice(lambda said: spaced(said) if not said.isascii() else said, _ACROSS)),
        Way(
            "the same dialogue, to be validated",
            lambda pair, rng: tuple(
                replace(row, part="validation") if row.part == "test" else row
                for row in _same_dialogue(pair, rng) or ()
            ),
        ),
    ),
)

PAIR_KINDS = (NEAR_DUPLICATES, SPLIT_LEAKAGE)
