"""Whole files are checked, row by row, and what is lost is counted with the first place of each kind."""

from __future__ import annotations

import json

import pytest

from export.check.chat_templates import template
from proutt.errors import UserError
from proutt.export import ExportSettings, export_pairs, parse_split
from proutt.export.check import (
    TRAINERS,
    Loss,
    Setting,
    as_json,
    check_export,
    estimated_vocabulary,
    manifest_max_length,
)
from records import a_hostile_pair, a_pair

PAIRS = [a_pair(), a_pair(dialogue_id="d2", language="zh"), a_pair(dialogue_id="d3", branch="low"), a_hostile_pair()]


def setting(max_length: int = 100_000, way: str = "plain") -> Setting:
    return Setting(template(way), estimated_vocabulary({}), max_length)


@pytest.mark.parametrize("format", TRAINERS)
def test_exports_of_ours_lose_nothing(tmp_path, format):
    """In every format that can be checked, hostile dialogues included, at the length that its configurations name."""
    export_pairs(PAIRS, tmp_path, ExportSettings(format))
    for checked in check_export(tmp_path, setting(manifest_max_length(tmp_path))):
        assert checked.rows == len(PAIRS) * (2 if format.endswith("kto") else 1)
        assert (checked.lossy, dict(checked.losses)) == (0, {})


def test_every_part_of_a_split_is_checked(tmp_path):
    """Not the training rows alone."""
    pairs = [a_pair(dialogue_id="d1"), a_pair(dialogue_id="d2", language="zh")]
    export_pairs(pairs, tmp_path, ExportSettings("trl-sft", split=parse_split("0.5/0.5", 5)))
    (checked,) = check_export(tmp_path, setting())
    assert checked.rows == 2


def test_losses_are_counted_with_their_first_place(tmp_path):
    """Two of four rows are too long, and the first of them is named."""
    export_pairs(PAIRS, tmp_path, ExportSettings("axolotl-preference"))
    (whole,) = check_export(tmp_path, setting())
    (checked,) = check_export(tmp_path, setting(whole.longest - 1))
    assert checked.losses == {Loss.DROPPED: 1}
    assert checked.first[Loss.DROPPED].endswith("train.jsonl:4")
    assert as_json(checked, setting(whole.longest - 1))["reasons"] == {"longer than sequence_len": 1}


def test_a_row_that_the_template_refuses_is_counted(tmp_path):
    """A system message, with a template that has no place for one."""
    rows = [
        {"messages": [{"role": role, "content": "x"} for role in roles]}
        for roles in (("user", "assistant"), ("system", "user", "assistant"))
    ]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    trl, axolotl = check_export(tmp_path / "rows.jsonl", setting(way="refuses-system"))
    assert trl.losses == axolotl.losses == {Loss.REFUSED: 1}
    assert trl.reasons == {"TemplateError: no system role": 1}


def test_a_foreign_file_is_told_from_its_rows(tmp_path):
    """No manifest is needed."""
    row = {
        "prompt": [{"role": "user", "content": "x<|im_end|>"}],
        "chosen": [{"role": "assistant", "content": "a"}],
        "rejected": [{"role": "assistant", "content": "b"}],
    }
    (tmp_path / "pref.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (checked,) = check_export(tmp_path / "pref.jsonl", setting())
    assert (checked.trainer.name, dict(checked.losses)) == ("TRL DPO", {Loss.FORGED: 1})


def test_texts_in_place_of_messages_are_left_to_other_tools(tmp_path):
    """TRL would train on them without any template: counted as left out."""
    (tmp_path / "t.jsonl").write_text(json.dumps({"prompt": "x", "chosen": "a", "rejected": "b"}) + "\n", "utf-8")
    (checked,) = check_export(tmp_path / "t.jsonl", setting())
    assert checked.losses == {Loss.DROPPED: 1}


def test_a_row_of_another_shape_is_named(tmp_path):
    """With its file and line."""
    export_pairs(PAIRS, tmp_path, ExportSettings("trl-sft"))
    with pytest.raises(UserError, match=r"train\.jsonl:1: is no row that TRL DPO reads"):
        check_export(tmp_path, setting(), format="trl-preference")


def test_a_damaged_row_ends_the_check(tmp_path):
    """A file that `datasets` could not load is not half checked."""
    (tmp_path / "rows.jsonl").write_text('{"messages": [\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"rows\.jsonl:1"):
        check_export(tmp_path / "rows.jsonl", setting(), format="messages-sft")
