"""docs/predict.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from proutt.prediction.methods import METHODS
from proutt.prediction.repair import PROBLEMS

PAGE = (Path(__file__).resolve().parents[2] / "docs/predict.md").read_text(encoding="utf-8")


def _table(heading: str) -> dict[str, str]:
    """First column → second column of the first table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {name: said.strip() for name, said in re.findall(r"^\| `([^`]+)` \| ([^|]*)\|", section, flags=re.M)}


def test_every_problem_is_explained():
    """Slug by slug, in the words of the code."""
    assert _table("Repairs") == PROBLEMS


def test_every_method_is_explained():
    """In the order of the table of methods."""
    assert list(_table("Methods"))[1:] == list(METHODS)  # after the table's heading
