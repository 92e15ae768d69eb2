"""`--dry-run` of what is made around SynPT and UPC: says what it will take, calls nothing, writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from proutt.cli import cli

SEEDS = Path(__file__).resolve().parents[2] / "examples" / "synpt-seeds.en.jsonl"
NOWHERE = ("--model", "m", "--base-url", "http://nowhere/v1")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (("evaluate", "synpt", SEEDS, "--user-model", "u", "--repeats", 2), "12 test cases, 24 dialogues"),
        (("simulate", "synpt-seeds", "--count", 15), "90 seeds for 6 tasks, at least 12 rounds"),
        (("personas", "generate", "--groups", 3), "60 personas of 3 groups, at least 12 rounds"),
    ],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_what_it_will_take_is_said_and_nothing_done(tmp_path, order, said):
    """As a table and as JSON, low to high; the run's folder is not begun."""
    out = tmp_path / "run"
    asked = [str(each) for each in (*order, *NOWHERE, "--dry-run", "--out", out)]
    shown = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert shown.exit_code == 0
    assert shown.output.startswith(f"{said}. Nothing was called.")
    assert "What this rests on:" in shown.output
    total = json.loads(CliRunner().invoke(cli, [*asked, "--json"], catch_exceptions=False).output)["total"]
    assert 0 < total["calls"]["low"] < total["calls"]["expected"] < total["calls"]["high"]
    assert not out.exists()


def test_a_run_that_is_none_tells_nothing(tmp_path):
    """`--like` names a run's folder."""
    order = ["personas", "generate", "--dry-run", "--like", str(tmp_path), *NOWHERE]
    assert "no journal" in str(CliRunner().invoke(cli, order).exception)
