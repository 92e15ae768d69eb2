"""What is settled of a person before a model writes of them, and what a model has written. Pure.

A model left to itself invents pleasant people with smooth careers and a handful of names, so code draws what varies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proutt.prompts.template import prompt_language

#: Least and most words of a background: the paper's, and as much in Chinese characters.
WORDS, CHARACTERS = (50, 100), (80, 160)

_BRIEF = {
    "en": "{sex}, about {age} years old, from {place}; the given name begins with {given}, the family name with "
    "{family}; temper: {temper}; career: {luck}; one pastime: {pastime}",
    "zh": "{sex}，约{age}岁，{place}人；姓{family}，名字里有“{given}”字；性格：{temper}；职业经历：{luck}；"
    "爱好之一：{pastime}",
}
_SEXES = {"en": {"woman": "a woman", "man": "a man"}, "zh": {"woman": "女", "man": "男"}}
_UNIT = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Brief:
    """One person as drawn.

    age            in years
    given, family  initials of the names; in Chinese a character of the given name, and the family name
    temper, luck, pastime  as an instruction's words
    temper_kind    pleasant, mixed or difficult
    luck_kind      good, steady or rough
    """

    sex: Literal["woman", "man"]
    age: int
    place: str
    given: str
    family: str
    temper: str
    luck: str
    pastime: str
    temper_kind: str
    luck_kind: str

    def text(self, language: str) -> str:
        """One line, for a prompt."""
        code = prompt_language(language)
        return _BRIEF[code].format(
            sex=_SEXES[code][self.sex],
            age=self.age,
            place=self.place,
            given=self.given,
            family=self.family,
            temper=self.temper,
            luck=self.luck,
            pastime=self.pastime,
        )


@dataclass(frozen=True, slots=True)
class Sketch:
    """One person as written: the parts, a few words each, and the background that tells them all."""

    name: str
    career: str
    education: str
    personality: str
    hobbies: str
    background: str


def background_words(text: str) -> int:
    """Words of a text, "well-known" and "don't" for one each; of Chinese, characters."""
    return len(_UNIT.findall(text))


def word_bounds(language: str) -> tuple[int, int]:
    """Least and most of `background_words` that a background may have."""
    return CHARACTERS if language == "zh" else WORDS


def listed(briefs: Sequence[Brief], language: str) -> str:
    """A line each, numbered from 1."""
    return "\n".join(f"{number}. {brief.text(language)}" for number, brief in enumerate(briefs, start=1))
