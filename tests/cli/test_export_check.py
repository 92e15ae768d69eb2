"""`proutt export --check`: what would be lost is shown and counted, and the exit code says whether anything is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from consumers.making_tokenizers import make_tokenizer
from export.check.chat_templates import template
from proutt.cli.export import command
from proutt.errors import UserError
from records import a_pair


@pytest.fixture
def run(tmp_path):
    """A run with three pairs."""
    lines = "".join(f"{a_pair(dialogue_id=f'd{number}').model_dump_json()}\n" for number in range(3))
    (tmp_path / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def jinja(tmp_path):
    """A chat template's file, by its way of treating reasoning."""

    def written(way: str) -> str:
        (tmp_path / f"{way}.jinja").write_text(template(way).text, encoding="utf-8")
        return str(tmp_path / f"{way}.jinja")

    return written


def invoke(*arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)


def test_an_export_is_written_and_then_checked(run, jinja):
    """At the length that its own configurations name; nothing is lost, and the exit code is 0."""
    result = invoke(run, "--to", "trl-preference", "--check", "--template", jinja("plain"))
    assert result.exit_code == 0
    assert "Exported 3 of 3 pairs as trl-preference" in result.output
    assert "Nothing is lost." in result.output


def test_an_export_that_is_there_is_checked_without_writing(run, jinja):
    """Without --to; the format is the manifest's."""
    invoke(run, "--to", "axolotl-preference")
    folder = run / "export" / "axolotl-preference"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    result = invoke(folder, "--check", "--template", jinja("plain"))
    assert (result.exit_code, "axolotl DPO 0.19" in result.output) == (0, True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_an_export_is_counted_with_the_tokenizer_that_it_is_checked_with(run):
    """So the length in its configurations holds every row, though an estimate would fall short for this tokenizer."""
    model = make_tokenizer(template("plain").text, run / "model")
    result = invoke(run, "--to", "trl-preference", "--check", "--template", model, "--json")
    manifest = json.loads(result.output)
    assert result.exit_code == 0
    assert manifest["tokens"]["counted_with"] == str(model)
    assert manifest["check"][0]["longest_row"] <= manifest["check"][0]["max_length"] == manifest["tokens"]["max_length"]


def test_losses_are_an_exit_code(run, jinja):
    """With the first row of each kind, and the length that would hold all."""
    result = invoke(run, "--to", "trl-preference", "--check", "--template", jinja("plain"), "--max-length", 400)
    assert result.exit_code == 1
    assert "train.jsonl:1" in result.output
    assert "the prompt fills max_length" in result.output
    assert "tokens holds every row." in result.output


def test_a_combination_that_breaks_is_refused_before_anything_is_written(run, jinja):
    """By what it does, with a remedy."""
    with pytest.raises(UserError, match="trl-sft breaks with this template under TRL SFT: reasoning lost"):
        invoke(run, "--to", "trl-sft", "--check", "--template", jinja("drops-reasoning"))
    assert not (run / "export").exists()


def test_force_goes_on_and_the_losses_are_still_counted(run, jinja):
    """The files are there, and the exit code is 1."""
    result = invoke(run, "--to", "trl-sft", "--check", "--template", jinja("drops-reasoning"), "--force")
    assert result.exit_code == 1
    assert (run / "export" / "trl-sft" / "train.jsonl").exists()
    assert "reasoning lost: the template drops it: 3" in result.output


def test_several_formats_are_checked_each_for_its_trainers(run, jinja):
    """`messages-sft` is for TRL and for axolotl."""
    result = invoke(run, "--to", "messages-sft", "--to", "trl-kto", "--check", "--template", jinja("plain"))
    assert result.exit_code == 0
    for trainer in ("TRL SFT 1.16", "axolotl SFT 0.19", "TRL KTO 1.16"):
        assert trainer in result.output


def test_json_has_every_count(run, jinja):
    """Beside the manifest where an export was written, alone where one was checked."""
    template_file = jinja("plain")
    written = json.loads(invoke(run, "--to", "trl-sft", "--check", "--template", template_file, "--json").output)
    folder = run / "export" / "trl-sft"
    checked = json.loads(invoke(folder, "--check", "--template", template_file, "--json").output)
    assert written["format"] == "trl-sft"
    (one,), (other,) = written["check"], checked["check"]
    assert one == other
    assert (one["trainer"], one["rows"], one["tokens"]["estimated"]) == ("TRL SFT", 3, True)
    assert set(one["losses"].values()) == {0}


def test_quiet_leaves_the_exit_code(run, jinja):
    """Nothing is printed."""
    result = invoke(run, "--to", "trl-sft", "--check", "--template", jinja("plain"), "--max-length", 9, "--quiet")
    assert (result.exit_code, result.output) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check"], "--check: a check needs the model's chat template"),
        (["--to", "openai-sft", "--check"], "openai-sft can't be checked"),
        ([], "--to: names no format"),
    ],
)
def test_what_is_missing_is_named(run, jinja, arguments, message):
    """In one line, before anything is written."""
    template_option = ["--template", jinja("plain")] if "--to" in arguments else []
    with pytest.raises(UserError, match=message):
        invoke(run, *arguments, *template_option)
    assert not (run / "export").exists()


def test_a_file_without_a_manifest_needs_a_length(tmp_path, jinja):
    """Nobody said how long its rows may be."""
    row = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="--max-length"):
        invoke(tmp_path / "rows.jsonl", "--check", "--template", jinja("plain"))
    result = invoke(tmp_path / "rows.jsonl", "--check", "--template", jinja("plain"), "--max-length", 50)
    assert (result.exit_code, "Nothing is lost." in result.output) == (0, True)


def test_nothing_lossy_is_pushed(run, jinja):
    """The upload waits for a mended export, or for --force; that is said before the exit code."""
    options = ["--to", "trl-sft", "--check", "--template", jinja("plain"), "--max-length", 9, "--push", "me/data"]
    result = invoke(run, *options)
    assert result.exit_code == 1
    assert "Not uploaded" in result.output
    assert "Uploading" not in result.output


def test_names_and_reasons_cannot_reach_the_terminal(tmp_path, run):
    """A template is a program of strangers, and what it raises is shown, not obeyed."""
    (tmp_path / "evil.jinja").write_text("{{ raise_exception('\x1b[2Jgone [bold]x[/bold]') }}", encoding="utf-8")
    arguments = [run, "--to", "trl-sft", "--check", "--template", tmp_path / "evil.jinja", "--force"]
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "\\u001b[2Jgone [bold]x[/bold]" in result.output


def test_the_check_needs_no_heavy_library(run, jinja):
    """Neither torch nor transformers, and without a tokenizer no `tokenizers` either."""
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom proutt.cli.export import command\n"
        f"result = CliRunner().invoke(command, [{str(run)!r}, '--to', 'trl-sft', '--check', "
        f"'--template', {jinja('plain')!r}])\n"
        "assert result.exit_code == 0, result.output\n"
        "sys.exit(bool({'torch', 'transformers', 'tokenizers', 'datasets'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_standard_input_is_not_checked(jinja):
    """It is read more than once."""
    with pytest.raises(UserError, match="standard input can be read once"):
        invoke("-", "--check", "--template", jinja("plain"))
