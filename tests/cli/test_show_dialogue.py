"""`proutt show` of SynPT's dialogues."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proutt.cli.show import command
from proutt.methods.synpt.record import SynPTDialogue
from synpt_records import a_dialogue, changed_turn, reflected


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of three dialogues: whole, reluctant, cut off and flagged."""
    return written(
        tmp_path,
        a_dialogue(),
        a_dialogue(seed_id="s2", end="reluctant"),
        a_dialogue(seed_id="s3", end="most-turns", flags=["incomplete", "asked-twice"], language="zh"),
    )


def written(folder: Path, *made: SynPTDialogue) -> Path:
    text = "".join(each.model_dump_json() + "\n" for each in made)
    (folder / "dialogues.jsonl").write_text(text, encoding="utf-8")
    return folder


def show(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def test_a_dialogue_is_shown_turn_by_turn(run):
    """What the user wants, what was said, and what both sides thought in between."""
    shown = " ".join(show(run).output.split())
    for part in (
        "s1 Trip en ended: nothing missing no flags",
        "* Destination: Lyon",
        "named by the initial inquiry: 1 of 3",
        "User I'd like to see Lyon.",
        "given Destination = Lyon",
        "missing Days, Month",
        "asks Days",
        "options 2 days | 3 days | 5 days. A trip there mostly takes this long.",
        "Assistant Lovely! For how long: 2 days, 3 days or 5 days?",
        "Month: May </summary>",
        "9 calls, 900 prompt + 300 answer tokens",
        "emotion: 2 calls, 600 + 200",
    ):
        assert part in shown
    assert shown.index("User I'd like") < shown.index("missing Days") < shown.index("Assistant Lovely!")


def test_what_went_wrong_stands_at_the_top(run):
    """Flags, and that it was cut off; a reluctant user's wish where it came up."""
    cut = show(run, "s3").output.splitlines()[0]
    assert "INCOMPLETE: most turns reached" in cut
    assert "FLAGGED: incomplete, asked-twice" in " ".join(show(run, "s3").output.split())
    weary = " ".join(show(run, "s2").output.split())
    assert "wants no more questions" in weary
    assert "emotion NOT willing." in weary


def test_a_list_has_a_line_for_each(run):
    """With how it ended and its flags."""
    listed = show(run, "--list").output.splitlines()
    assert [line.split("  ")[0] for line in listed] == ["s1", "s2", "s3"]
    assert "most-turns  incomplete, asked-twice" in listed[2]


def test_json_is_the_record(run):
    """As it was read."""
    assert SynPTDialogue.model_validate(json.loads(show(run, "s2", "--json").output)) == a_dialogue(
        seed_id="s2", end="reluctant"
    )


def test_hostile_text_is_shown_and_not_obeyed(tmp_path):
    """No escape reaches the terminal, no markup is read."""
    hostile = changed_turn(
        reflected(a_dialogue()), 0, user={"utterance": "\x1b[31mred[/] [bold]x"}, assistant={"reply": "a\x1b]0;t\x07"}
    )
    shown = show(written(tmp_path, hostile)).output
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\\u001b[31mred[/] [bold]x" in shown
    assert "kept. It is right." in shown


def test_a_seed_that_is_not_there_is_named(run):
    """With how to find those that are."""
    found = show(run, "s9")
    assert found.exit_code == 1
    assert "there is no dialogue of a seed 's9'" in str(found.exception)
    assert "--list" in str(found.exception)
