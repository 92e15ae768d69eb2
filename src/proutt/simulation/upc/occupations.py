"""ISCO-08's sub-major groups: which there are, and which a set of personas is drawn from (UPC 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

import yaml


@dataclass(frozen=True, slots=True)
class OccupationGroup:
    """code: two digits; en, zh: its name."""

    code: str
    en: str
    zh: str

    def name(self, language: str) -> str:
        """In Chinese for Chinese, in English for all else."""
        return self.zh if language == "zh" else self.en


@cache
def occupation_groups() -> tuple[OccupationGroup, ...]:
    """All 43, by code."""
    text = files("proutt.simulation.upc").joinpath("data", "isco08.yaml").read_text(encoding="utf-8")
    return tuple(OccupationGroup(**each) for each in yaml.safe_load(text))


def drawn_groups(count: int, seed: int) -> tuple[OccupationGroup, ...]:
    """So many of them at random, by code; all where there are no more. A larger count draws those of a smaller too."""
    shuffled = Random(f"{seed}/groups").sample(occupation_groups(), len(occupation_groups()))
    return tuple(sorted(shuffled[:count], key=lambda group: group.code))


def group_name(code: str | None, language: str) -> str:
    """What a persona's group is called; the group as it is where it is none of ISCO-08's."""
    known = {group.code: group.name(language) for group in occupation_groups()}
    return known.get(code or "", code or "-")
