"""A company of personas that grows: who may come in, and why somebody may not. Pure but for its own state."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from proutt.dialogue.language import likely_language
from proutt.prompts.personas.brief import Brief, Sketch, background_words, word_bounds
from proutt.quality.duplicates import NearDuplicates

#: Estimated Jaccard similarity of 5-grams from which two backgrounds are too near to each other.
NEAR = 0.5

_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof|professor|sir|madam|nurse|captain|chef|officer)\b\.?\s", re.I)
_NAME = {"en": re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)+\.?"), "zh": re.compile(r"[\u3400-\u9fff]{2,4}")}

_WHY = {
    "en": {
        "length": "the background of {name} has {count} words; it needs {least} to {most}.",
        "name-form": "“{name}” is no given name with a family name, or has a title.",
        "name-drawn": "the name “{name}” does not begin as settled ({given}., {family}.).",
        "name-absent": "the background does not say the name {name}.",
        "language": "the background of {name} is not in English.",
        "name-taken": "the name “{name}” is taken; take another one.",
        "near": "the background of {name} is nearly that of {other}; write another life.",
    },
    "zh": {
        "length": "{name}的介绍有{count}个字，应为{least}到{most}个字。",
        "name-form": "“{name}”不是二到四个汉字的姓名。",
        "name-drawn": "姓名“{name}”与已定的姓“{family}”不符。",
        "name-absent": "介绍里没有写出姓名{name}。",
        "language": "{name}的介绍不是中文。",
        "name-taken": "姓名“{name}”已被使用，请换一个。",
        "near": "{name}的介绍与{other}的几乎相同，请写另一种人生。",
    },
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a person does not come in. kind: a slug for counting; text: for the model, in its language."""

    kind: str
    text: str


class Company:
    """Names and backgrounds of those who are in."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._near = NearDuplicates(NEAR)

    def clash(self, sketch: Sketch, language: str) -> Refusal | None:
        """Why somebody can't be among them, or None."""
        if plain_name(sketch.name) in self._names:
            return _refusal("name-taken", language, name=sketch.name)
        other = self._near.near(sketch.background)
        return None if other is None else _refusal("near", language, name=sketch.name, other=other)

    def add(self, sketch: Sketch) -> None:
        self._names.add(plain_name(sketch.name))
        self._near.add(sketch.name, sketch.background)


@lru_cache(maxsize=1 << 14)
def flaw(sketch: Sketch, brief: Brief, language: str) -> Refusal | None:
    """What is wrong with a person alone, whoever else there is; None where nothing is.

    Kept, for a run comes to the same people again when it counts, and to tell a language takes milliseconds.
    """
    name = sketch.name
    if not _NAME[language].fullmatch(name) or _TITLE.match(name):
        return _refusal("name-form", language, name=name)
    if not _as_drawn(name, brief, language):
        return _refusal("name-drawn", language, name=name, given=brief.given, family=brief.family)
    if not _named(name, sketch.background, language):
        return _refusal("name-absent", language, name=name)
    count, (least, most) = background_words(sketch.background), word_bounds(language)
    if not least <= count <= most:
        return _refusal("length", language, name=name, count=str(count), least=str(least), most=str(most))
    if likely_language(sketch.background)[0] != language:
        return _refusal("language", language, name=name)
    return None


def plain_name(name: str) -> str:
    """A name as two spellings of it are compared: letters alone, without accents and case."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in folded if each.isalnum())


def _as_drawn(name: str, brief: Brief, language: str) -> bool:
    """In English only the initials are asked for, in either order: some peoples put the family name first."""
    if language == "zh":
        return name.startswith(brief.family)
    initials = {plain_name(part)[:1] for part in name.split()}
    return {brief.given.casefold(), brief.family.casefold()} <= initials


def _named(name: str, background: str, language: str) -> bool:
    said = plain_name(background)
    return plain_name(name) in said if language == "zh" else any(plain_name(part) in said for part in name.split())


def _refusal(kind: str, language: str, **fields: str) -> Refusal:
    return Refusal(kind, _WHY[language][kind].format(**fields))
