"""The generated pages are up to date, and the README's commands exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_generated_pages_are_up_to_date():
    """Command reference and JSON Schemas say what the code says; `make docs` writes them."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_verb_in_the_readme_exists():
    """Each `proutt VERB` that README or a user's page shows is a verb, and each option it gives exists."""
    reference = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for line in re.findall(r"^\s*proutt (\S.*)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            verb = line.split()[0]
            if verb.startswith("-"):
                continue
            assert f"## proutt {verb}" in reference, f"{page.name}: {line}"
            for option in re.findall(r"(--[a-z][a-z-]+)", line.split("#")[0]):
                assert option in reference, f"{page.name}: {line}: no option {option}"


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_links_lead_somewhere(page):
    """Every relative link of a page leads to a file."""
    place = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", place.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (place.parent / target).exists(), f"{page}: {target}"


def test_examples_are_read_and_alternate():
    """The shipped examples are 12 dialogues of 3 to 8 turns, the demo's are two, one English and one Chinese."""
    rows = [json.loads(line) for line in (ROOT / "examples/dialogues.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 12
    assert all(3 <= len(row["messages"]) // 2 <= 8 for row in rows)
    demo = [json.loads(line) for line in (ROOT / "examples/demo.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(demo) == 2
    assert any(re.search(r"[\u4e00-\u9fff]", row["messages"][0]["content"]) for row in demo)
