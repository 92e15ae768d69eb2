"""`proutt export`: what was written, what was left out and why, and what to do next."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.export import FORMAT_NAMES, command, enough_tokens
from proutt.errors import UserError
from proutt.export import FORMATS
from records import a_pair


@pytest.fixture
def run(tmp_path):
    """A run directory with pairs of twenty dialogues, one pair unverified."""
    pairs = [a_pair(dialogue_id=f"d{number}") for number in range(20)] + [a_pair(verified=False)]
    lines = "".join(f"{pair.model_dump_json()}\n" for pair in pairs)
    (tmp_path / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def invoke(*arguments) -> str:
    result = CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_knows_every_format():
    """The names are written out where `--help` needs them, so that it loads nothing."""
    assert tuple(FORMATS) == FORMAT_NAMES


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_files_go_into_the_run_by_default(run, name):
    """RUN/export/FORMAT holds the rows, their metadata and the manifest."""
    text = invoke(run, "--to", name)
    folder = run / "export" / name
    assert {"train.jsonl", "train.meta.jsonl", "manifest.json"} <= {each.name for each in folder.iterdir()}
    assert f"Exported 20 of 21 pairs as {name}" in text
    assert "Left out: 1 not verified (--include-unverified takes them)" in text


def test_a_pairs_file_will_do_for_a_run(run):
    """The export then lies beside the file."""
    invoke(run / "pairs.jsonl", "--to", "trl-sft", "--quiet")
    assert (run / "export" / "trl-sft" / "train.jsonl").exists()


def test_split_and_folder_can_be_named(run):
    """Both parts are written where --out says."""
    text = invoke(run, "--to", "trl-preference", "--split", "0.5/0.5", "--seed", "1", "--out", run / "data")
    assert (run / "data" / "test.jsonl").exists()
    assert "test.jsonl: " in text


def test_the_longest_row_decides_the_length_to_train_with(run):
    """The trainers' own limits cut rows off where the predictions are, so a length that holds all is named."""
    manifest = json.loads(invoke(run, "--to", "trl-preference", "--json"))
    longest = manifest["longest_row_tokens_estimated"]
    text = invoke(run, "--to", "trl-preference")
    assert f"`max_length: {enough_tokens(longest)}`" in text
    assert f"{longest:,} tokens (estimated)" in text
    assert f"`cutoff_len: {enough_tokens(longest)}`" in invoke(run, "--to", "llamafactory-sft")


@pytest.mark.parametrize(("estimated", "length"), [(1, 256), (204, 256), (205, 512), (1000, 1280), (2000, 2560)])
def test_a_length_to_train_with_leaves_a_quarter_of_room(estimated, length):
    """Estimates err: a quarter more, rounded up to steps of 256."""
    assert enough_tokens(estimated) == length


def test_the_minimal_instruction_is_in_the_rows(run):
    """`--instruction minimal` writes other prompts and the same answers."""
    rows = []
    for each in ("structured", "minimal"):
        invoke(run, "--to", "trl-sft", "--instruction", each, "--out", run / each, "--quiet")
        rows.append(json.loads((run / each / "train.jsonl").read_text(encoding="utf-8").splitlines()[0]))
    assert rows[0]["completion"] == rows[1]["completion"]
    assert len(rows[0]["prompt"][0]["content"]) > len(rows[1]["prompt"][0]["content"])


def test_quiet_prints_nothing(run):
    """For scripts that read the files."""
    assert invoke(run, "--to", "proutt", "--quiet") == ""


def test_a_folder_without_pairs_is_an_error_with_a_remedy(tmp_path):
    """The message names what to give instead."""
    with pytest.raises(UserError, match="proutt synthesize"):
        invoke(tmp_path, "--to", "trl-sft")
