"""`proutt dialogues`: what a person and a script see."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from proutt.cli.dialogues import command, summary, with_progress
from proutt.dialogue import ReadingReport, read_dialogues
from proutt.errors import UserError

TALK = [
    {"role": "user", "content": "How do I peel garlic?"},
    {"role": "assistant", "content": "Press it with the flat of a knife."},
    {"role": "user", "content": "And how do I keep the rest fresh?"},
]
LINE = json.dumps({"id": "a", "messages": TALK})


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in an empty folder; errors of ours come through."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, stdin=None):
        return CliRunner().invoke(command, arguments, input=stdin, catch_exceptions=False)

    return invoke


@pytest.fixture
def chats(tmp_path):
    (tmp_path / "my chats.jsonl").write_text(f"{LINE}\n{{\n{LINE}\n")
    return "my chats.jsonl"


def test_a_person_sees_counts_problems_and_the_next_step(run, chats):
    """Everything that one needs to decide what to do, the next command ready to paste."""
    shown = run(chats).output
    assert shown.startswith("dialogues          1  messages 1\nturns              1")
    assert "not-json 1, duplicate 1" in shown
    assert "my chats.jsonl:2  not-json: the line is not JSON" in shown
    assert shown.endswith("next: proutt synthesize 'my chats.jsonl' --out run\n")


def test_a_script_gets_json(run, chats):
    """Counts first, then the rest of the report."""
    found = json.loads(run(chats, "--json").stdout)
    assert list(found)[:3] == ["dialogues", "turns", "skipped"]
    assert (found["dialogues"], found["turns"], found["pairs"]) == (1, 1, 1)
    assert found["skipped"] == {"not-json": 1, "duplicate": 1}
    assert found["problems"][0]["place"] == "my chats.jsonl:2"


def test_the_normal_form_goes_to_a_file(run, chats, tmp_path):
    """And the next command reads that file."""
    shown = run(chats, "--to", "out.jsonl").output
    assert (tmp_path / "out.jsonl").read_text() == LINE + "\n"
    assert "next: proutt synthesize out.jsonl --out run" in shown


def test_the_normal_form_goes_to_standard_output(run, chats):
    """Alone: the summary stands on standard error."""
    result = run(chats, "--to", "-")
    assert result.stdout == LINE + "\n"
    assert "dialogues" in result.stderr


def test_standard_input_is_read(run):
    """`-` stands for it."""
    assert json.loads(run("-", "--json", stdin=LINE).stdout)["dialogues"] == 1


def test_json_and_dialogues_do_not_share_standard_output(run, chats):
    """Mixed, neither could be read."""
    with pytest.raises(UserError, match="both write"):
        run(chats, "--json", "--to", "-")


def test_strict_limit_language_and_format_reach_the_reading(run, chats):
    """The options are those of read_dialogues."""
    assert json.loads(run(chats, "--json", "--limit", "1", "--language", "fr").stdout)["languages"] == {"fr": 1}
    with pytest.raises(UserError, match=r"my chats\.jsonl:2"):
        run(chats, "--strict")
    with pytest.raises(UserError, match="lmsys"):
        run(chats, "--format", "lmsys")


def test_what_a_file_holds_cannot_command_the_terminal(run, tmp_path):
    """Escape sequences in dialogues are shown as codes."""
    odd = json.dumps({"id": 1, "messages": [{"role": "\x1b]0;owned\x07", "content": "x"}]})
    (tmp_path / "odd.jsonl").write_text(f"{LINE}\n{odd}\n")
    shown = run("odd.jsonl").output
    assert "unknown-speaker" in shown
    assert "\x1b" not in shown


def test_dialogues_with_nothing_to_predict_say_so(run):
    """One utterance each makes no pair: the next step would give nothing."""
    single = json.dumps({"id": "a", "messages": TALK[:2]})
    assert "needs two or more" in run("-", stdin=single).output


def test_repairs_are_listed_in_words():
    """A note is shown by its meaning, not its slug."""
    report = ReadingReport(dialogues=1, turns=1, pairs=1)
    report.notes["joined"] = 1234
    assert "1,234  messages joined to the one before" in summary(report, ("a.jsonl",))


def test_progress_passes_every_dialogue_on(chats, tmp_path):
    """With or without a display, nothing is lost or reordered."""
    seconds = iter(range(0, 1000, 3))
    report = ReadingReport()
    dialogues = read_dialogues([str(tmp_path / chats)], report=report)
    assert [each.id for each in with_progress(dialogues, report, clock=lambda: next(seconds))] == ["a"]


@pytest.mark.parametrize("name", ["", "  "])
def test_an_input_without_a_name_is_not_this_folder(name):
    """As an unset variable of a shell gives."""
    with pytest.raises(UserError, match="an input has no name"):
        next(read_dialogues([name]))
