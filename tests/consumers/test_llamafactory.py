"""LLaMA-Factory's own code prepares our exports, under templates that it reads by itself, as `--check` says it will."""

from __future__ import annotations

import json
import shutil

import pytest

from consumers.conftest import LENGTHS, environment
from consumers.ours import ours, setting_of
from proutt.errors import UserError
from proutt.export.check import Loss, check_export, refuse_broken

FORMATS = ("llamafactory-preference", "llamafactory-sft", "llamafactory-sharegpt", "llamafactory-kto")
NAMES = [
    "trl/qwen2_5",
    "trl/qwen3",
    "trl/llama3",
    "trl/phi3",
    "trl/glm4moe",
    "trl/nemotron_3_nano",
    "trl/lfm2",
    "trl/cohere",
]
#: Which of the rows has an answer in its prompt.
EARLIER_ANSWER = 7
#: Templates that it can't take apart: they refuse a system message alone, or have no place for one.
REFUSED = ["trl/gemma", "trl/gemma3", "trl/qwen3_5_think", "trl/qwen3_8", "trl/deepseek_r1_distill"]


@pytest.fixture(scope="module")
def results(model, exported, run):
    """(format, template, maximum length) → what LLaMA-Factory made of the export."""
    environment("llamafactory")
    keys = [(format, name, length) for format in FORMATS for name in NAMES for length in LENGTHS]
    keys += [("llamafactory-sft", name, LENGTHS[-1]) for name in REFUSED]
    jobs = [
        {"kind": format, "folder": str(exported(format)), "tokenizer": str(model(name)), "max_length": length}
        for format, name, length in keys
    ]
    return dict(zip(keys, run("llamafactory", jobs), strict=True))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", FORMATS)
def test_llamafactory_learns_what_the_check_says(results, exported, model, format, name, length):
    """Row by row the same tokens are learned of each side; none of our rows is left out.

    Of the one row with an earlier answer, SFT learns that answer, too: the last one is compared.
    """
    theirs = results[format, name, length]
    rows = ours(exported(format), model(name), length, library="LLaMA-Factory")
    assert "error" not in theirs
    assert len(theirs["rows"]) == len(rows)
    for index, (row, own) in enumerate(zip(theirs["rows"], rows, strict=True)):
        learned = row["learned"]
        if index == EARLIER_ANSWER and format in {"llamafactory-sft", "llamafactory-sharegpt"}:
            learned = [learned[0][-len(own.kept[0]) :]]
        assert learned == own.kept


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_that_llamafactory_cannot_read_is_refused(results, exported, model, name):
    """It stops with an error of its own, from which nobody learns what to do."""
    assert "error" in results["llamafactory-sft", name, LENGTHS[-1]]
    with pytest.raises(
        UserError, match=r"known to break under LLaMA-Factory sft: .*Set LLaMA-Factory's own `template`"
    ):
        refuse_broken("llamafactory-sft", setting_of(model(name), LENGTHS[-1]))


@pytest.mark.parametrize("format", FORMATS)
def test_the_lengths_make_a_difference(results, exported, model, format):
    """Over the lengths there are cut and, of pairs, equal rows; the longest keeps all."""
    rows = {length: ours(exported(format), model("trl/qwen2_5"), length, library="LLaMA-Factory") for length in LENGTHS}
    wanted = {Loss.TRUNCATED, *([Loss.EQUAL] if format == "llamafactory-preference" else [])}
    assert wanted <= {loss for each in rows.values() for row in each for loss in row.losses}
    assert not any(row.losses for row in rows[LENGTHS[-1]])


def test_an_earlier_answer_gets_an_empty_thought_that_the_template_would_not_write(exported, model):
    """Learned as LLaMA-Factory writes it, seen otherwise at prediction: a prefix mismatch of that row alone."""
    rows = ours(exported("llamafactory-sft"), model("trl/qwen3"), LENGTHS[-1], library="LLaMA-Factory")
    assert [index for index, row in enumerate(rows) if row.losses] == [EARLIER_ANSWER]
    assert rows[EARLIER_ANSWER].losses == {Loss.PREFIX}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_said_forges_no_special_token(results, format, name):
    """A prompt of one message has the special tokens of one message, whatever stands in it."""
    rows = results[format, name, LENGTHS[-1]]["rows"]
    sides = 2 if format == "llamafactory-kto" else 1
    ordinary, hostile, forged = (rows[sides * index]["special"] for index in (0, 5, 6))
    assert ordinary == hostile == forged > 0


def test_rows_out_of_turn_are_left_out(run, model, tmp_path, exported):
    """With no more than a line of its log; the check counts them."""
    environment("llamafactory")
    good = (exported("llamafactory-preference") / "train.jsonl").read_text(encoding="utf-8").splitlines()[0]
    row = json.loads(good)
    bad = [
        {**row, "conversations": [{"from": "gpt", "value": "Hello!"}]},
        {**row, "conversations": [*row["conversations"], {"from": "gpt", "value": "y"}]},
    ]
    (tmp_path / "train.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in [row, *bad, row]), "utf-8")
    shutil.copy(exported("llamafactory-preference") / "dataset_info.json", tmp_path)
    job = {"kind": "llamafactory-preference", "folder": str(tmp_path), "tokenizer": str(model("trl/qwen3"))}
    (theirs,) = run("llamafactory", [{**job, "max_length": 20_000}])
    setting = setting_of(model("trl/qwen3"), 20_000)
    (checked,) = check_export(tmp_path / "train.jsonl", setting, format="llamafactory-preference")
    assert checked.rows - checked.losses[Loss.DROPPED] == len(theirs["rows"]) == 2
