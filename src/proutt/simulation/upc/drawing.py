"""What is drawn of a person before a model writes of them, keyed by the place in the set alone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Literal

import yaml

from proutt.prompts.personas.brief import Brief

#: Languages that personas are written in.
LANGUAGES = ("en", "zh")
#: Shares of people with a difficult temper and with a rough career, where nobody sets them. Of the rest, half are
#: mixed and half pleasant, half in steady work and half in luck.
DIFFICULT, ROUGH = 0.3, 0.4
YOUNGEST, OLDEST = 24, 72


def brief_of(
    code: str, slot: int, *, seed: int, language: str, difficult: float = DIFFICULT, rough: float = ROUGH
) -> Brief:
    """The person at a place in an occupation group.

    code       of the group; slot: which of its people, from 1
    difficult  share of difficult tempers, 0..1; rough: of rough careers
    """
    lives, chance = _lives(language), Random(f"{seed}/{code}/{slot}/life")
    sex: Literal["woman", "man"] = "woman" if chance.random() < 0.5 else "man"
    age = chance.randint(YOUNGEST, OLDEST)
    place, given, family = _name_of(lives, sex, language, chance)
    temper = _kind(("pleasant", "mixed", "difficult"), difficult, chance)
    luck = _kind(("good", "steady", "rough"), rough, chance)
    return Brief(
        sex=sex,
        age=age,
        place=place,
        given=given,
        family=family,
        temper=chance.choice(lives["tempers"][temper]),
        luck=chance.choice(lives["luck"][luck]),
        pastime=chance.choice(lives["pastimes"]),
        temper_kind=temper,
        luck_kind=luck,
    )


def _kind(kinds: tuple[str, str, str], share: float, chance: Random) -> str:
    """The last kind with this probability, else one of the others."""
    return kinds[2] if chance.random() < share else chance.choice(kinds[:2])


def _name_of(lives: dict[str, Any], sex: str, language: str, chance: Random) -> tuple[str, str, str]:
    """Place, and what binds given and family name."""
    if language == "zh":
        given = lives["given"]["女" if sex == "woman" else "男"]
        return chance.choice(lives["places"]), chance.choice(given), chance.choice(lives["families"])
    place = chance.choice(sorted(lives["places"]))
    initials = lives["places"][place]
    return place, chance.choice(initials["given"]), chance.choice(initials["family"])


@cache
def _lives(language: str) -> dict[str, Any]:
    text = files("proutt.simulation.upc").joinpath("data", f"lives.{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
