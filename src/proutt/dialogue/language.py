"""The language that a user writes, as ISO 639-1, "und" where it cannot be told.

What people paste misleads detectors: code, markup, links, names of things. So those go first; East Asian scripts are
told by counting characters; only then py3langid decides, among the languages of `LANGUAGES`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

UNKNOWN = "und"

#: what py3langid chooses from: written by many, and with a code of two letters; rare ones win short texts by chance
LANGUAGES = (
    *("af", "ar", "az", "be", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa"),
    *("fi", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "km", "kn"),
    *("ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "si"),
    *("sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh"),
)
#: least probability of a verdict over the user's texts alone, and over the whole dialogue
SURE, LIKELY = 0.9, 0.5
#: characters of the beginning of each text, and of all together, that are looked at
PER_TEXT, ALL_TEXTS = 300, 3000
#: one character of these scripts says as much as this many letters
CJK_WEIGHT = 3

_FENCED = re.compile(r"```.*?(```|\Z)", re.DOTALL)
_ASIDES = re.compile(r"`[^`\n]*`|https?://\S+|www\.\S+|(?<!\S)\S{1,64}@\S+|</?[A-Za-z][^<>\n]*>|\\[nrt_]")
_SCRIPTS = {
    "ja": re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]"),
    "ko": re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7af]"),
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
}


def language_of(said: Sequence[str], answered: Iterable[str] = ()) -> str:
    """The language of the user's texts; where they are too short to tell ("ok"), the answers are heard too."""
    prose = _prose(said)
    by_script = _by_script(prose)
    if by_script:
        return by_script
    language, probability = _detected(prose)
    if probability >= SURE:
        return language
    with_answers = "\n".join([prose, _prose(answered)])
    by_script = _by_script(with_answers)
    if by_script:
        return by_script
    wider, wider_probability = _detected(with_answers)
    return wider if wider_probability >= LIKELY else UNKNOWN


def likely_language(text: str) -> tuple[str, float]:
    """The language of one text and its probability, 0..1; by script where that tells it, and "und" without letters.

    One short text is told wrongly often, even at high probability: whoever acts on it should look for other signs.
    """
    prose = _prose([text])
    by_script = _by_script(prose)
    return (by_script, 1.0) if by_script else _detected(prose)


def _prose(texts: Iterable[str]) -> str:
    parts, length = [], 0
    for text in texts:
        part = _without_code(text)
        parts.append(part)
        length += len(part)
        if length >= ALL_TEXTS:
            break
    return "\n".join(parts)


def _without_code(text: str) -> str:
    """The beginning of the text without code blocks, links, markup, and lines that are mostly signs."""
    bare = _ASIDES.sub(" ", _FENCED.sub(" ", text[: 20 * PER_TEXT]))
    kept, length = [], 0
    for line in bare.splitlines():
        if length >= PER_TEXT:
            break
        if _share_of_letters(line) >= 0.6:
            kept.append(line)
            length += len(line)
    return "\n".join(kept)[:PER_TEXT]


def _share_of_letters(line: str) -> float:
    """Letters and their marks among all that shows but digits, 0..1; 0 where nothing does."""
    seen = len(line) - sum(map(str.isspace, line)) - sum(map(str.isdigit, line))
    letters = sum(map(str.isalpha, line))
    marks = 0 if line.isascii() or letters == seen else sum(unicodedata.category(char)[0] == "M" for char in line)
    return (letters + marks) / seen if seen else 0.0


def _by_script(text: str) -> str | None:
    """zh, ja or ko where their characters carry at least half of the text."""
    counts = {language: len(pattern.findall(text)) for language, pattern in _SCRIPTS.items()}
    east_asian = sum(counts.values())
    if not east_asian or east_asian * CJK_WEIGHT < sum(map(str.isalpha, text)) - east_asian:
        return None
    if counts["ko"] * 2 >= east_asian:
        return "ko"
    # Japanese mixes kana with Chinese characters; Chinese has no kana but in quotations.
    return "ja" if counts["ja"] * 10 >= east_asian else "zh"


def _detected(text: str) -> tuple[str, float]:
    if not any(map(str.isalpha, text)):
        return UNKNOWN, 0.0
    language, probability = _detector().classify(text[:ALL_TEXTS])
    return str(language), float(probability)


@cache
def _detector() -> Any:
    """py3langid's model, loaded once (under a second), with probabilities."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(LANGUAGES)
    return detector
