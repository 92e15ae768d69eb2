"""Statistics of SynPT's dialogues: by task, then over all."""

from __future__ import annotations

import json

from click.testing import CliRunner

from proutt.cli.stats import command
from proutt.quality.dialogue_statistics import dialogue_statistics
from proutt.runs.directory import DIALOGUES
from synpt_records import a_dialogue, without_thinking

MADE = [
    a_dialogue(),
    a_dialogue(seed_id="s2", end="reluctant", flags=["asked-twice", "told-unasked"], attempts=3),
    a_dialogue(seed_id="s3", language="zh", end="most-turns", inquiry=None),
    without_thinking(a_dialogue(seed_id="s4", inquiry=[])),
]


def test_dialogues_are_counted_by_task():
    """Turns, ends, flags, users and tokens of each task, and of all."""
    groups = dialogue_statistics(MADE)
    assert list(groups) == ["Trip", "旅行计划", "all"]
    assert [group.dialogues for group in groups.values()] == [3, 1, 4]
    whole = groups["all"]
    assert whole.ends == {"nothing-missing": 2, "reluctant": 1, "most-turns": 1}
    assert whole.turns.as_json() == {"mean": 2.5, "sigma": 0.5, "min": 2, "max": 3}
    assert (whole.flagged, whole.again, whole.reluctant) == (1, 1, 1)
    assert whole.flags == {"asked-twice": 1, "told-unasked": 1}
    assert whole.modules["emotion"] == {"calls": 8, "prompt_tokens": 2400, "completion_tokens": 800}
    assert whole.as_json()["usage_by_module"]["emotion"]["tokens_a_dialogue"] == 800.0


def test_what_an_inquiry_was_to_tell_and_what_it_told_are_apart():
    """The first is the method's draw, null of those that draw none; the second is what was understood."""
    whole = dialogue_statistics(MADE)["all"]
    assert whole.chosen == {0: 1, 1: 2}
    assert whole.given == {1: 3}


def test_inquiries_are_measured_in_words_and_characters():
    """A Chinese character is a word: there are no spaces to go by."""
    groups = dialogue_statistics(MADE)
    assert (groups["旅行计划"].words.least, groups["旅行计划"].characters.least) == (6, 7)  # 我想去北京玩。
    assert groups["Trip"].characters.most == len("I'd like to see Lyon.")


def test_the_command_prints_them(tmp_path):
    """As a table and as JSON, with what could not be read."""
    (tmp_path / DIALOGUES).write_text("".join(each.model_dump_json() + "\n" for each in MADE) + "{}\n")
    refused = CliRunner().invoke(command, [str(tmp_path)])
    assert "dialogues.jsonl:5" in str(refused.exception)
    shown = CliRunner().invoke(command, [str(tmp_path), "--skip-bad"], env={"COLUMNS": "120"})
    assert "Reluctant users: 1 of 4 (25%" in shown.stdout
    assert "emotion" in shown.stdout
    told = json.loads(CliRunner().invoke(command, [str(tmp_path), "--skip-bad", "--json"]).stdout)
    assert (told["unreadable"], told["groups"]["all"]["dialogues"]) == (1, 4)
