"""What is drawn of a person: by the place alone, in the shares that were asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from proutt.simulation.upc.drawing import brief_of
from proutt.simulation.upc.occupations import drawn_groups, occupation_groups


def test_all_sub_major_groups_are_there():
    """Forty-three, by code, each named in both languages; their first digit is one of ISCO-08's ten major groups."""
    groups = occupation_groups()
    assert len({group.code for group in groups}) == 43
    assert Counter(group.code[0] for group in groups) == {
        **{"0": 3, "1": 4, "2": 6, "3": 5, "4": 4, "5": 4, "6": 3, "7": 5, "8": 3, "9": 6}
    }
    assert all(group.en and group.zh for group in groups)


def test_groups_are_drawn_by_the_seed():
    """The same for the same seed; fewer are some of more."""
    assert drawn_groups(40, 1) == drawn_groups(40, 1) != drawn_groups(40, 2)
    assert set(drawn_groups(5, 1)) <= set(drawn_groups(40, 1))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_is_drawn_by_the_place_alone(language):
    """Not by who was drawn before; another place or seed gives somebody else."""
    one = brief_of("21", 3, seed=0, language=language)
    brief_of("22", 1, seed=0, language=language)
    assert brief_of("21", 3, seed=0, language=language) == one
    assert one not in {brief_of("21", 4, seed=0, language=language), brief_of("21", 3, seed=1, language=language)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shares_of_temper_and_career_are_those_asked_for(language):
    """Over a thousand people, within four standard errors; not all are pleasant, nor all unhappy."""
    briefs = [brief_of("51", slot, seed=0, language=language, difficult=0.3, rough=0.4) for slot in range(1000)]
    tempers, careers = (Counter(getattr(each, kind) for each in briefs) for kind in ("temper_kind", "luck_kind"))
    assert tempers["difficult"] == pytest.approx(300, abs=58)
    assert careers["rough"] == pytest.approx(400, abs=62)
    assert set(tempers) == {"pleasant", "mixed", "difficult"}
