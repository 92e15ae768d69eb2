"""`proutt stats`: the paper's Table II for a run."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.stats import command
from proutt.errors import UserError
from proutt.export import training_text
from records import a_hostile_pair, a_pair


@pytest.fixture
def run(tmp_path):
    """A run directory with an English, a Chinese and a hostile pair."""
    pairs = [a_pair(), a_pair(language="zh", branch="high"), a_hostile_pair(verified=False)]
    lines = "".join(f"{pair.model_dump_json()}\n" for pair in pairs)
    (tmp_path / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def test_the_table_has_a_row_for_each_language_and_for_all(run):
    """Languages first, all last; estimated tokens are called so."""
    text = CliRunner(env={"COLUMNS": "100"}).invoke(command, [str(run)], catch_exceptions=False).output
    rows = [line.split()[:2] for line in text.splitlines() if line.split()[:1] in (["en"], ["zh"], ["all"])]
    assert rows == [["en", "2"], ["zh", "1"], ["all", "3"]]
    assert "estimated" in text
    assert "Verified: 2 of 3 (67%)" in text


@pytest.mark.parametrize("name", [".", "pairs.jsonl"])
def test_json_has_the_lengths_of_the_exported_texts(run, name):
    """Lengths are of what `proutt export` writes; a run and its pairs.jsonl give the same."""
    result = CliRunner().invoke(command, [str(run / name), "--json"], catch_exceptions=False)
    numbers = json.loads(result.output)
    text = training_text(a_pair(language="zh", branch="high"))
    chinese = numbers["groups"]["zh"]
    assert numbers["tokens"] == {"tokenizer": "estimated", "estimated": True}
    assert chinese["avg_chars"] == (len(text.chosen) + len(text.rejected)) / 2
    assert chinese["delta_chars"]["mean"] == len(text.chosen) - len(text.rejected)
    assert chinese["avg_prompt_chars"] == len(text.prompt)


def test_the_minimal_instruction_shortens_prompts_only(run):
    """Responses are the same under both instructions (Table VI)."""
    both = [
        json.loads(CliRunner().invoke(command, [str(run), "--json", "--instruction", each]).output)["groups"]["all"]
        for each in ("structured", "minimal")
    ]
    assert both[0]["avg_prompt_chars"] > both[1]["avg_prompt_chars"]
    assert both[0]["avg_chars"] == both[1]["avg_chars"]


def test_a_run_without_pairs_is_an_error(tmp_path):
    """Zeros would look like a result."""
    (tmp_path / "pairs.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(UserError, match="the run has no pairs"):
        CliRunner().invoke(command, [str(tmp_path)], catch_exceptions=False)
