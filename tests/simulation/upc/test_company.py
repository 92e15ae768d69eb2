"""Who may come into a company of personas: names as people spell them, and backgrounds unlike the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proutt.prompts.personas.brief import Brief, Sketch
from proutt.simulation.upc.company import Company, flaw, plain_name

BRIEF = Brief("woman", 41, "West Africa", "O", "L", "shy", "lost the shop", "chess", "mixed", "rough")
LIFE = (
    "has sold cloth at the market in Ibadan since she was fifteen, first for an aunt and later from a stall of her own "
    "that burned down two years ago. She left school early and learned bookkeeping from a neighbour. She is shy with "
    "strangers, keeps her debts to herself, and spends her evenings over chess problems that she cuts out of papers."
)
BRIEF_ZH = replace(BRIEF, family="陈", given="婷")
LIFE_ZH = (
    "在城南菜市场卖了十五年的布，前几年铺面失火，只好把剩下的货搬到路边继续卖。她初中没有读完，记账是跟邻居学的。"
    "她怕生，欠了钱也不肯对人说，晚上爱看旧报纸上的残局棋谱，自己摆到深夜。"
)


def sketch(name: str, life: str = LIFE) -> Sketch:
    return Sketch(name, "-", "-", "-", "-", f"{name}{'' if life is LIFE_ZH else ' '}{life}")


@pytest.mark.parametrize(
    "name", ["Ola Lawal", "Ọláolú Lawal", "Øystein Łaski", "Lee Ok-ja", "Omar al-Lami", "Olu D. Lawal", "Orla O'Leary"]
)
def test_names_are_taken_as_people_spell_them(name):
    """With accents and strokes, in either order, with particles and middle initials."""
    assert flaw(sketch(name), BRIEF, "en") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Ola", "name-form"),
        ("Dr. Ola Lawal", "name-form"),
        ("Ola Lawal 2", "name-form"),
        ("Ola\x1b[31m Lawal", "name-form"),
        ("Ola Ade", "name-drawn"),
    ],
)
def test_what_is_no_name_is_refused(name, kind):
    """One word, a title, digits, terminal control, other initials than were drawn."""
    assert flaw(sketch(name), BRIEF, "en").kind == kind


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"background": f"She {LIFE}"}, "name-absent"),
        ({"background": f"Ola Lawal {LIFE[:100]}"}, "length"),
        ({"background": f"Ola Lawal {LIFE} {LIFE}"}, "length"),
        ({"background": "Ola Lawal " + "vende telas en el mercado de la ciudad desde joven y no confía en nadie " * 4},
         "language"),
    ],
)  # fmt: skip
def test_what_is_no_background_is_refused(change, kind):
    """Without the name, too short, too long, in another language."""
    assert flaw(replace(sketch("Ola Lawal"), **change), BRIEF, "en").kind == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("陈婷", None), ("陈小婷", None), ("李婷", "name-drawn"), ("Chen Ting", "name-form")]
)
def test_chinese_names_have_the_family_name_that_was_drawn(name, kind):
    """Two to four characters; the given name's character is only asked for."""
    found = flaw(sketch(name, LIFE_ZH), BRIEF_ZH, "zh")
    assert (found and found.kind) == kind


def test_nobody_comes_in_twice():
    """By name, whatever its accents, or by a life that is nearly another's."""
    company = Company()
    company.add(sketch("Ola Lawal"))
    assert company.clash(sketch("Olá LAWAL", LIFE_ZH), "en").kind == "name-taken"
    near = company.clash(sketch("Olga Lund"), "en")
    assert (near.kind, "Ola Lawal" in near.text) == ("near", True)
    assert company.clash(sketch("Olga Lund", LIFE_ZH), "en") is None
    assert plain_name("Ọláolú  Łaski") == "olaolulaski"
