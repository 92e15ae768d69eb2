"""Ways to put words into a pair: as a prediction, after one, in a reasoning, in what was said, in the text itself."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

from proutt.export.reading import subject_of
from proutt.methods.record import PreferencePair, TurnRecord
from proutt.quality.audit import Subject
from quality.audit.pairs import with_candidate
from quality.audit.seeded.planting import Apply, somewhere, with_reasoning, with_text

Words = Callable[[Random, str], str]


def prediction(words: Words) -> Apply:
    """One prediction of a side becomes these words."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        return with_candidate(
            pair, rng.choice(["chosen", "rejected"]), rng.randrange(4), utterance=words(rng, pair.language)
        )

    return apply


def added(words: Words) -> Apply:
    """These words after a prediction."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side, at = rng.choice(["chosen", "rejected"]), rng.randrange(4)
        old = getattr(pair, side).candidates[at].utterance
        return with_candidate(pair, side, at, utterance=f"{old} {words(rng, pair.language)}")

    return apply


def reasoned(words: Words) -> Apply:
    """These words in a reasoning."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side, at = somewhere(rng)
        return with_reasoning(pair, side, at, lambda old: f"{old} {words(rng, pair.language)}")

    return apply


def in_context(words: Words) -> Apply:
    """These words in what was said: a user's turn or an answer."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        turns = list(pair.context.turns)
        at = rng.randrange(len(turns))
        user, said = turns[at].user, turns[at].assistant
        more = words(rng, pair.language)
        turns[at] = (
            TurnRecord(user=f"{user} {more}", assistant=said)
            if rng.random() < 0.5
            else TurnRecord(user=user, assistant=f"{said} {more}")
        )
        return pair.model_copy(update={"context": pair.context.model_copy(update={"turns": turns})})

    return apply


def text_changed(change: Callable[[str, Random], str]) -> Apply:
    """A side's text as a trainer sees it, changed."""

    def apply(pair: PreferencePair, rng: Random) -> Subject:
        return with_text(subject_of(pair), rng.choice(["chosen", "rejected"]), lambda old: change(old, rng))

    return apply


def either(en: str, zh: str) -> Words:
    return lambda _, language: zh if language == "zh" else en


def twice(change: Callable[[str], str]) -> Apply:
    """A side predicts one thing twice."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side = rng.choice(["chosen", "rejected"])
        one, other = rng.sample(range(4), 2)
        return with_candidate(pair, side, other, utterance=change(getattr(pair, side).candidates[one].utterance))

    return apply


def digits(rng: Random, number: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(number))


def letters(rng: Random, number: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(rng.choice(letters) for _ in range(number))


def carrying(made: Callable[[Random], str], en: str, zh: str) -> Words:
    return lambda rng, language: (zh if language == "zh" else en).format(made(rng))
