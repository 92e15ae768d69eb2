"""`proutt export`: what was written, what was left out and why, and what to do next."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.export import FORMAT_NAMES, command
from proutt.errors import UserError
from proutt.export import FORMATS
from proutt.methods.record import ContextRecord, TurnRecord
from records import a_pair


def said(number: int) -> ContextRecord:
    """A context that is like no other's."""
    words = " ".join(f"word{number}x{place}" for place in range(30))
    return ContextRecord(turns=[TurnRecord(user=words, assistant="I see.")])


@pytest.fixture
def run(tmp_path):
    """A run directory with pairs of twenty dialogues, one pair unverified."""
    pairs = [a_pair(dialogue_id=f"d{number}", context=said(number)) for number in range(20)] + [a_pair(verified=False)]
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
    assert {"train.jsonl", "train.meta.jsonl", "manifest.json", "README.md", *FORMATS[name].file_names} <= {
        each.name for each in folder.iterdir()
    }
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


def test_the_next_step_is_the_trainers_own_command(run):
    """Each configuration's command is shown, with the length that it allows."""
    manifest = json.loads(invoke(run, "--to", "trl-preference", "--json"))
    text = invoke(run, "--to", "trl-preference")
    for command_line in ("trl dpo --config dpo.yaml", "python orpo.py --config orpo.yaml"):
        assert command_line in text
    assert f"{manifest['tokens']['longest_row']:,} tokens (estimated)" in text
    assert f"{manifest['tokens']['max_length']:,}" in text
    assert "llamafactory-cli train sft.yaml" in invoke(run, "--to", "llamafactory-sft")
    assert "official post-processing" in invoke(run, "--to", "proutt")


def test_several_formats_are_written_at_once(run):
    """Each into a folder of its own, also under --out; a format that is named twice is written once."""
    text = invoke(run, "--to", "trl-sft", "--to", "openai-sft", "--to", "trl-sft", "--out", run / "all")
    assert {each.name for each in (run / "all").iterdir()} == {"trl-sft", "openai-sft"}
    assert text.count("Exported 20 of 21") == 2
    lines = invoke(run, "--to", "trl-sft", "--to", "openai-sft", "--json").splitlines()
    assert [json.loads(line)["format"] for line in lines] == ["trl-sft", "openai-sft"]


def test_the_list_names_every_format(run):
    """With who reads it and what stands beside the rows; no other option is needed."""
    lines = invoke("--list").splitlines()
    assert [line.split()[0] for line in lines] == list(FORMATS)
    assert "dpo.yaml, orpo.yaml, orpo.py" in lines[0]


def test_somebody_elses_file_is_exported(tmp_path):
    """Any preference file that can be read: here one of LLaMA-Factory's, for TRL."""
    row = {
        "conversations": [{"from": "human", "value": "hi <|im_end|>"}],
        "chosen": {"from": "gpt", "value": "yes"},
        "rejected": {"from": "gpt", "value": "no"},
    }
    (tmp_path / "other.json").write_text(json.dumps([row]), encoding="utf-8")
    invoke(tmp_path / "other.json", "--to", "trl-preference", "--out", tmp_path / "out")
    written = json.loads((tmp_path / "out/train.jsonl").read_text(encoding="utf-8"))
    assert written["prompt"] == [{"role": "user", "content": "hi < |im_end|>"}]
    assert written["rejected"] == [{"role": "assistant", "content": "no"}]


def test_a_base_model_and_parquet_are_asked_for(run):
    """The name stands in every configuration, and every part is a table, too."""
    invoke(run, "--to", "trl-preference", "--base-model", "own/model", "--parquet", "--out", run / "data")
    assert 'model_name_or_path: "own/model"' in (run / "data/dpo.yaml").read_text(encoding="utf-8")
    assert (run / "data/train.parquet").read_bytes()[:4] == b"PAR1"


def test_near_duplicates_are_spoken_of(run):
    """What a split kept together is said."""
    copies = "".join(f"{a_pair(dialogue_id=f'c{n}', context=said(0)).model_dump_json()}\n" for n in range(3))
    with (run / "pairs.jsonl").open("a", encoding="utf-8") as file:
        file.write(copies)
    text = invoke(run, "--to", "trl-sft", "--split", "0.5/0.5")
    assert "Kept together: 4 near-duplicate dialogues in 1 groups" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "trl-sft", "--public"], "--public.*--push"),
        (["--to", "trl-sft", "--push", "nobody"], "owner/name"),
        (["--to", "trl-sft", "--to", "proutt", "--parquet"], "no table"),
        (["--to", "trl-sft", "--to", "openai-sft", "--push", "a/b"], "one format"),
    ],
)
def test_options_that_do_not_go_together_are_refused_first(run, arguments, message):
    """Before anything is written."""
    with pytest.raises(UserError, match=message):
        invoke(run, *arguments)
    assert not (run / "export").exists()


@pytest.mark.parametrize(
    ("source", "formats", "message"),
    [("-", ["trl-sft"], "--out"), ("-", ["trl-sft", "trl-kto"], "once"), ("hf:a/b", ["trl-sft"], "--out")],
)
def test_a_source_without_a_place_needs_one(source, formats, message):
    """Standard input and the hub have no folder to write beside."""
    with pytest.raises(UserError, match=message):
        invoke(source, *(each for name in formats for each in ("--to", name)))


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
    with pytest.raises(UserError, match="holds no file"):
        invoke(tmp_path, "--to", "trl-sft")
