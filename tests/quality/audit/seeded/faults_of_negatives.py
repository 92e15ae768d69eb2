"""Planted faults of negatives and of what was said before, and paths under the wrong perspective."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from proutt.intent import Perspective
from proutt.methods.record import PathRecord, PreferencePair, TurnRecord
from quality.audit.pairs import with_candidate, with_truth
from quality.audit.seeded.planting import (
    Apply,
    Kind,
    Way,
    bare,
    full_width,
    is_han,
    shouted,
    spaced,
)

# The rejected side ----------------------------------------------------------------------------------------------------


def negative(disguise: Callable[[str], str], low: int = 4, high: int = 400) -> Apply:
    """One rejected prediction says what the user said next."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        truth = pair.truth.utterance
        said = disguise(truth)
        if not low <= len(truth) <= high or said is None:
            return None
        return with_candidate(pair, "rejected", rng.randrange(4), utterance=said)

    return apply


def _negative_path(change: Callable[[PathRecord], PathRecord]) -> Apply:
    """The edited candidate of the rejected side has the truth's path."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        at = next((each.position for each in pair.rejected_edit.replaced), None)
        path = change(pair.truth.paths[0])
        if at is None or len(path.topic) + len(path.attribute or "") < 6:
            return None
        replaced = [each.model_copy(update={"path": path}) for each in pair.rejected_edit.replaced]
        edit = pair.rejected_edit.model_copy(update={"replaced": replaced})
        return with_candidate(pair, "rejected", at, path=path).model_copy(update={"rejected_edit": edit})

    return apply


def _with_typo(said: str) -> str:
    """Two neighbouring letters of the middle swapped."""
    at = len(said) // 2
    return said[:at] + said[at + 1 : at + 2] + said[at : at + 1] + said[at + 2 :]


def _retyped(path: PathRecord) -> PathRecord:
    return path.model_copy(update={"topic": path.topic.upper(), "attribute": f" {path.attribute} "})


def _plural(path: PathRecord) -> PathRecord:
    if is_han(path.topic) or not path.attribute:
        return path.model_copy(update={"topic": spaced(path.topic)})
    return path.model_copy(
        update={"attribute": path.attribute[:-1] if path.attribute.endswith("s") else path.attribute + "s"}
    )


_POLITE = {"en": "Well, ", "zh": "嗯，"}

NEGATIVE_IS_TRUTH = Kind(
    "negative equal to the truth",
    ("negative-is-truth",),
    (
        Way("the same", negative(str)),
        Way("in capitals", negative(shouted)),
        Way("without punctuation", negative(bare)),
        Way("full-width", negative(full_width)),
        Way("spaced", negative(spaced)),
        Way("another ending", negative(lambda said: said.rstrip(".?!。？！") + "..")),
        Way("the same path", _negative_path(lambda path: path)),
        Way("the same path, retyped", _negative_path(_retyped)),
        Way("the path in the plural", _negative_path(_plural)),
        Way("in quotation marks", negative(lambda said: f"“{said}”")),
    ),
)
NEGATIVE_NEAR = Kind(
    "negative near the truth, in letters",
    ("negative-is-truth", "negative-near-truth"),
    (
        Way("a letter swapped", negative(_with_typo, 20)),
        Way(
            "one more word before",
            negative(lambda said: (_POLITE["zh"] if is_han(said) else _POLITE["en"]) + said, 30, 300),
        ),
        Way("last word gone", negative(lambda said: said[:-2] if is_han(said) else said.rsplit(" ", 1)[0], 80, 300)),
        Way("a thank you after", negative(lambda said: said + ("谢谢" if is_han(said) else " thx"), 30, 300)),
        Way("letters doubled", negative(lambda said: said[:9] + said[8:], 20)),
        Way("two letters gone", negative(lambda said: said[:6] + said[8:], 24)),
    ),
)


# Said before ----------------------------------------------------------------------------------------------------------


def _copyable(disguise: Callable[[str], str]) -> Apply:
    """The truth is what the user said in an earlier turn."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        said = rng.choice(pair.context.turns).user
        return with_truth(pair, utterance=disguise(said)) if 24 <= len(said) <= 600 else None

    return apply


def _said_in_context(disguise: Callable[[str], str]) -> Apply:
    """The other way round: an earlier turn already says the truth."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        turns = list(pair.context.turns)
        at = rng.randrange(len(turns))
        turns[at] = TurnRecord(user=disguise(pair.truth.utterance), assistant=turns[at].assistant)
        context = pair.context.model_copy(update={"turns": turns})
        return pair.model_copy(update={"context": context}) if 24 <= len(pair.truth.utterance) <= 600 else None

    return apply


def copied(disguise: Callable[[str], str]) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        said = rng.choice(pair.context.turns).user
        side = rng.choice(["chosen", "rejected"])
        return (
            with_candidate(pair, side, rng.randrange(4), utterance=disguise(said)) if 24 <= len(said) <= 400 else None
        )

    return apply


COPYABLE_TRUTH = Kind(
    "copyable truth",
    ("copyable-truth",),
    (
        Way("as said before", _copyable(str)),
        Way("in capitals", _copyable(shouted)),
        Way("bare", _copyable(bare)),
        Way("full-width", _copyable(full_width)),
        Way("a letter swapped", _copyable(_with_typo)),
        Way("the context says it", _said_in_context(str)),
        Way("the context says it, spaced", _said_in_context(spaced)),
        Way("the context says it, another ending", _said_in_context(lambda said: said.rstrip(".?!。？！") + "!")),
    ),
)
COPIED_PREDICTION = Kind(
    "prediction copied from the dialogue",
    ("copied-prediction",),
    (
        Way("as said before", copied(str)),
        Way("bare", copied(bare)),
        Way("in capitals", copied(shouted)),
        Way("spaced", copied(spaced)),
        Way("full-width", copied(full_width)),
        Way("a letter swapped", copied(_with_typo)),
    ),
)


# Perspectives ---------------------------------------------------------------------------------------------------------


def _perspective_topic(view: Perspective, topic_of: Callable[[PreferencePair, Random], str | None]) -> Apply:
    """An unedited candidate, on both sides and as predicted, gets a topic that its perspective forbids."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        edited = {each.position for edit in (pair.chosen_edit, pair.rejected_edit) for each in edit.replaced}
        at = next(
            (n for n, each in enumerate(pair.chosen.candidates) if each.perspective is view and n not in edited), None
        )
        topic = topic_of(pair, rng)
        if at is None or topic is None:
            return None
        for side in ("chosen", "rejected"):
            old = getattr(pair, side).candidates[at].path
            pair = with_candidate(pair, side, at, path=old.model_copy(update={"topic": topic}))
        scored = list(pair.candidates)
        scored[at] = scored[at].model_copy(update={"path": pair.chosen.candidates[at].path})
        return pair.model_copy(update={"candidates": scored})

    return apply


def _known(disguise: Callable[[str], str], least: int = 1) -> Callable[[PreferencePair, Random], str | None]:
    def topic(pair: PreferencePair, rng: Random) -> str | None:
        topics = [each for each in pair.tree or {} if len(each) >= least]
        return disguise(rng.choice(topics)) if topics else None

    return topic


def _unknown(pair: PreferencePair, rng: Random) -> str:
    return rng.choice(["Beekeeping", "Falconry", "Philately"] if pair.language == "en" else ["养蜂", "集邮", "书法"])


def _relabelled(pair: PreferencePair, rng: Random) -> PreferencePair | None:
    """The perspective named is not the path's, on both sides."""
    edited = {each.position for edit in (pair.chosen_edit, pair.rejected_edit) for each in edit.replaced}
    at = rng.choice([number for number in range(4) if number not in edited])
    old = pair.chosen.candidates[at].perspective
    new = Perspective.EXPLORATION if old is Perspective.EXPLOITATION else Perspective.EXPLOITATION
    for side in ("chosen", "rejected"):
        pair = with_candidate(pair, side, at, perspective=new)
    return pair


def _truth_relabelled(pair: PreferencePair, rng: Random) -> PreferencePair:
    known = pair.truth.perspective is Perspective.EXPLOITATION
    return with_truth(pair, perspective=Perspective.EXPLORATION if known else Perspective.EXPLOITATION)


_M, _E = Perspective.EXPLOITATION, Perspective.EXPLORATION
PERSPECTIVES = Kind(
    "perspective errors",
    ("perspective-errors",),
    (
        Way("exploration of a known topic", _perspective_topic(_E, _known(str))),
        Way("the same, in capitals", _perspective_topic(_E, _known(shouted))),
        Way("exploitation of an unknown topic", _perspective_topic(_M, _unknown)),
        Way(
            "exploration of a known topic, plural",
            _perspective_topic(_E, _known(lambda topic: topic if is_han(topic) else topic + "s", 6)),
        ),
        Way("the wrong name on both sides", _relabelled),
        Way("exploration, full-width", _perspective_topic(_E, _known(full_width))),
        Way("the truth's perspective turned", _truth_relabelled),
        Way("exploration, spaced", _perspective_topic(_E, _known(spaced))),
    ),
)

NEGATIVE_KINDS = (NEGATIVE_IS_TRUTH, NEGATIVE_NEAR, COPYABLE_TRUTH, COPIED_PREDICTION, PERSPECTIVES)
