"""`proutt stats`: the paper's Table II for a run."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.reading import FORMAT_NAMES
from proutt.cli.stats import command
from proutt.errors import UserError
from proutt.export import training_text
from proutt.export.reading import SHAPES
from records import a_hostile_pair, a_pair
from released_rows import processed_completion, processed_preference, processed_sft, raw_row


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


@pytest.fixture
def stats(tmp_path):
    """Run the command on a file of these rows; gives its numbers."""

    def run(rows, *arguments: str, name: str = "rows.json") -> dict:
        (tmp_path / name).write_text(json.dumps(rows), encoding="utf-8")
        result = CliRunner().invoke(command, [str(tmp_path / name), "--json", *arguments], catch_exceptions=False)
        return json.loads(result.stdout)

    return run


def test_released_files_have_a_table_too(stats):
    """Processed rows count as they are; raw ones as the texts that `proutt export` would write of them."""
    numbers = stats([processed_preference()] * 3)
    chosen, rejected = (processed_preference()[side]["value"] for side in ("chosen", "rejected"))
    assert numbers["formats"] == {"llamafactory-preference": 3}
    assert {name: group["samples"] for name, group in numbers["groups"].items()} == {"en": 3, "all": 3}
    assert numbers["groups"]["all"]["avg_chars"] == (len(chosen) + len(rejected)) / 2
    assert numbers["groups"]["all"]["delta_chars"]["mean"] == len(chosen) - len(rejected)
    assert "branches" not in numbers["groups"]["all"]
    raw = stats([raw_row(), raw_row("high")])["groups"]
    assert list(raw) == ["en", "all"]
    assert raw["all"]["branches"] == {"high": 1, "middle": 1}


def test_sft_rows_have_lengths_and_no_differences(stats):
    """There is one response a row."""
    numbers = stats([processed_sft()])["groups"]["all"]
    assert numbers["avg_chars"] == len(processed_completion())
    assert numbers["delta_tokens"] is None


def test_the_table_says_what_was_read(tmp_path):
    """The form of the rows, and dashes where there is nothing to say."""
    (tmp_path / "sft.json").write_text(json.dumps([processed_sft()]), encoding="utf-8")
    runner = CliRunner(env={"COLUMNS": "100"})
    text = runner.invoke(command, [str(tmp_path / "sft.json")], catch_exceptions=False).output
    assert "Read as: messages-sft 1" in text
    assert "–" in text
    assert "Verified" not in text


def test_bad_rows_stop_the_count_or_are_counted(stats, tmp_path):
    """A number over part of a file says so."""
    rows = [processed_preference(), {"conversations": [], "chosen": 1, "rejected": 2}]
    with pytest.raises(UserError, match=r"rows\.json\[1\]"):
        stats(rows)
    assert stats(rows, "--skip-bad")["unreadable"] == 1
    shown = CliRunner().invoke(command, [str(tmp_path / "rows.json"), "--skip-bad"], catch_exceptions=False)
    assert "Left out: 1 row that can't be read" in shown.stderr


def test_the_formats_on_the_command_line_are_those_that_are_read():
    """The names are written twice so that `--help` need not load what reads them."""
    assert set(FORMAT_NAMES) == set(SHAPES)
