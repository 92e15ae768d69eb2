"""Predictions in another language than the user's.

One utterance is short, and detectors err on short texts. So the script decides first; within one script an utterance is
flagged only where the detector is sure, and no common word of the user's language is there to contradict it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from proutt.dialogue.language import UNKNOWN, language_of, likely_language
from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import sides, utterances
from proutt.quality.audit.subject import Subject

#: Least probability, and fewest letters, for a detector's word on one utterance.
SURE, LETTERS = 0.97, 16
#: The same where a letter or a common word of another language is a second witness.
MARKED = 0.6
#: Least kana for a text to be Japanese; a shop sign has one or two.
KANA = 4
_SCRIPTS = {
    "han": re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile(r"[\u3041-\u30ff]"),
    "hangul": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff\u0750-\u077f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "thai": re.compile(r"[\u0e00-\u0e7f]"),
}
#: One character of these says as much as this many letters.
_DENSE = {"han": 3, "kana": 2, "hangul": 2}
_SCRIPT_OF = {"zh": {"han"}, "ja": {"han", "kana"}, "ko": {"hangul", "han"}}
#: Words without which hardly a sentence goes, by language.
_COMMON = {
    "en": "the a an is are was were do does did can could would will should what which who how when where why i you it "
    "me my we our your this that these there to of in on at for with and or not please any some have has had be if "
    "about more tell help make give show find let",
    "es": "el la los las un una de del que qué cómo cuál dónde por para con es son está puede puedes me mi tu su y o "
    "no en al lo se quiero necesito hay más",
    "fr": "le la les un une des de du que quoi comment où pour avec est sont peut pouvez me mon ma tu vous je il elle "
    "et ou ne pas en au aux ce cette dans sur plus",
    "de": "der die das ein eine einen ist sind war was wie wo warum ich du sie wir es mir mein und oder nicht bitte "
    "kann können für mit von zu in im am auf den dem gibt",
    "pt": "o a os as um uma de do da que qual como onde por para com é são pode me meu minha você e ou não em no na "
    "mais",
    "it": "il lo la i gli le un una di del che quale come dove per con è sono può mi mio e o non in al più vorrei a",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")


def language_mismatch(subject: Subject) -> Iterator[Finding]:
    """Predictions in another language than the user writes, be it the dialogue's or that of the last utterance."""
    expected = _languages(subject)
    if not expected:
        return
    for place, text in utterances(subject):
        found = other_language(text, expected)
        if found is not None:
            yield Finding(place, f"it is in {found}, the user writes {' or '.join(sorted(expected))}", text)
    for name, side in sides(subject):
        # Together they are long enough for a verdict where each alone is not.
        if len(side.utterances) > 1 and all(other_language(text, expected) is None for text in side.utterances):
            found = other_language(" \n".join(side.utterances), expected)
            if found is not None:
                reason = f"they are in {found}, the user writes {' or '.join(sorted(expected))}"
                yield Finding(f"{name} predictions", reason, side.utterances[0])


def _languages(subject: Subject) -> set[str]:
    """What the user writes; nothing where it can't be told."""
    expected = {subject.language} if subject.language and subject.language != UNKNOWN else set()
    turns = subject.context.turns if subject.context is not None else ()
    last = language_of([turns[-1].user]) if turns else UNKNOWN
    return {each for each in (*expected, last if last != UNKNOWN or not expected else None) if each and each != UNKNOWN}


def other_language(text: str, expected: set[str]) -> str | None:
    """The language, or script, of a text where it is surely none of those expected; None where it may be one."""
    counts = {name: len(pattern.findall(text)) * _DENSE.get(name, 1) for name, pattern in _SCRIPTS.items()}
    total = sum(counts.values())
    if not total:
        return None
    if counts["kana"] >= KANA * _DENSE["kana"] and counts["kana"] * 4 >= total and "ja" not in expected:
        return "kana"  # Japanese is written in two scripts, of which the other is Chinese too
    script = max(counts, key=lambda name: counts[name])
    if counts[script] >= 0.7 * total and total >= 6 and not any(_writes(script, language) for language in expected):
        # A name or a term may stand alone in Latin letters.
        return script if script != "latin" or _is_sentence(_WORD.findall(text)) else None
    return _within_script(text, expected) if script not in _DENSE and counts[script] >= LETTERS else None


def _is_sentence(words: list[str]) -> bool:
    """Whether words in Latin letters are more than a name: four of them, or three with a small word among them."""
    return len(words) >= 4 or (len(words) == 3 and any(word in each for word in words for each in _WORDS_OF.values()))


def _writes(script: str, language: str) -> bool:
    """Whether a language is written in a script."""
    if language in _SCRIPT_OF:
        return script in _SCRIPT_OF[language]
    if language in _OF_SCRIPT:
        return script == _OF_SCRIPT[language]
    return script == "latin"


#: What other languages are written in; those not listed are written in Latin letters.
_OF_SCRIPT = {
    **dict.fromkeys(("ru", "uk", "bg", "mk", "be", "kk", "mn", "sr"), "cyrillic"),
    **dict.fromkeys(("ar", "fa", "ur"), "arabic"),
    "el": "greek",
    "he": "hebrew",
    **dict.fromkeys(("hi", "mr", "ne"), "devanagari"),
    "th": "thai",
}


def _within_script(text: str, expected: set[str]) -> str | None:
    """A language of the same script, where two witnesses name it: its common words and a detector."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if not expected & set(_WORDS_OF):
        return None
    nearest = max(set(_WORDS_OF) - expected, key=lambda language: (_share(words, language), language), default=None)
    foreign = _share(words, nearest) if nearest else 0.0
    common = _WORDS_OF.get(nearest or "", frozenset())  # a word of both languages speaks for neither
    own = max(_share([word for word in words if word not in common], language) for language in expected)
    if own >= 0.15 or len(words) < 3:
        return None
    if foreign >= own + 0.4:
        return nearest
    language, probability = likely_language(text)
    if language in expected or language == UNKNOWN:
        return None
    if language == nearest and foreign >= own + 0.15:
        return language
    sure = MARKED if foreign or not text.isascii() else SURE
    return language if own == 0 and probability >= sure and len(words) >= 4 else None


def _share(words: list[str], language: str) -> float:
    """The share of words that are common ones of the language, 0..1."""
    common = _WORDS_OF.get(language)
    return sum(word in common for word in words) / len(words) if common and words else 0.0


LANGUAGES = (
    Check(
        name="language-mismatch",
        title="predictions in another language than the user's",
        severity=Severity.ERROR,
        limit=0.01,
        source="practice: the language of the last user turn in at least 99%",
        start=each_row(language_mismatch),
        needs=(Need.LANGUAGE, Need.UTTERANCES),
        unit="utterances",
    ),
)
