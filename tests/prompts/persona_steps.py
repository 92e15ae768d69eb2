"""The steps that write personas, over made-up briefs, for the tests of prompts."""

from __future__ import annotations

from typing import Any

from proutt.prompts.personas.brief import Brief
from proutt.prompts.personas.small_write import WritePerson
from proutt.prompts.personas.write import WritePeople
from proutt.prompts.step import Step

GROUP = {"en": "Sales workers", "zh": "销售人员"}
BRIEFS = {
    "en": (
        Brief("woman", 41, "South America", "A", "S", "shy", "lost {the} shop", "chess", "mixed", "rough"),
        Brief("man", 66, "East Asia", "K", "T", "warm", "won a prize", "birds", "pleasant", "good"),
    ),
    "zh": (
        Brief("woman", 41, "四川", "芳", "李", "内向", "丢了{铺面}", "下棋", "mixed", "rough"),
        Brief("man", 66, "北京", "强", "王", "热情", "得过奖", "观鸟", "pleasant", "good"),
    ),
}
REFUSED = {"en": "the name is taken.", "zh": "姓名已被使用。"}


def persona_steps(language: str) -> dict[str, Step[Any]]:
    """Every step by the name of its question."""
    given: dict[str, Any] = {"code": language, "group": GROUP[language]}
    briefs = BRIEFS[language]
    return {
        "personas-write": WritePeople(**given, briefs=briefs),
        "personas-write-again": WritePeople(
            **given, briefs=briefs, taken=("Ana Sol", "Kei Tan"), refused=((2, REFUSED[language]),)
        ),
        "personas-small-write": WritePerson(**given, brief=briefs[0]),
    }
