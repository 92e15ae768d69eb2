"""axolotl's own code prepares our exports, under its own chat templates and TRL's, as `--check` says it will."""

from __future__ import annotations

import json

import pytest

from consumers.conftest import LENGTHS, TEMPLATES, environment
from consumers.ours import ours, setting_of
from proutt.errors import UserError
from proutt.export.check import Loss, refuse_broken
from proutt.export.reading import Message

PREFERENCE = ("axolotl-preference", "axolotl-orpo")
FORMATS = (*PREFERENCE, "messages-sft")
NAMES = [name for name in TEMPLATES if name != "trl/gemma"]


@pytest.fixture(scope="module")
def results(model, exported, run):
    """(format, template, maximum length) → what axolotl made of the export."""
    environment("axolotl")
    keys = [(format, name, length) for format in FORMATS for name in NAMES for length in LENGTHS]
    jobs = [
        {"kind": format, "folder": str(exported(format)), "tokenizer": str(model(name)), "max_length": length}
        for format, name, length in keys
    ]
    return dict(zip(keys, run("axolotl", jobs), strict=True))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", PREFERENCE)
def test_axolotl_takes_the_answers_that_the_check_says(results, exported, model, format, name, length):
    """Row by row the same text after the prompt, and the same rows dropped; where a side is empty axolotl stops."""
    theirs = results[format, name, length]
    rows = ours(exported(format), model(name), length, library="axolotl")
    if any(not side.text for row in rows for side in row.prepared.learned):
        assert "keys are required" in theirs["error"]
        return
    learned = {int(index): row["learned"] for index, row in theirs["kept"].items()}
    assert learned == {
        index: [side.text for side in row.prepared.learned]
        for index, row in enumerate(rows)
        if Loss.DROPPED not in row.losses
    }


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", NAMES)
def test_axolotl_sft_drops_and_learns_what_the_check_says(results, exported, model, name, length):
    """The same rows dropped; of the others, reasoning and answer are learned unless the check says they are lost."""
    theirs = results["messages-sft", name, length]
    rows = ours(exported("messages-sft"), model(name), length, library="axolotl")
    assert "error" not in theirs
    kept = {int(index): row["learned"][0] for index, row in theirs["kept"].items()}
    assert set(kept) == {index for index, row in enumerate(rows) if Loss.DROPPED not in row.losses}
    lines = (exported("messages-sft") / "train.jsonl").read_text(encoding="utf-8").splitlines()
    for index, text in kept.items():
        reasoning, answer = (
            json.loads(lines[index])["messages"][-1]["content"].removeprefix("<think>").split("</think>")
        )
        assert (reasoning.strip() in text) == (Loss.REASONING not in rows[index].losses)
        assert (answer.strip() in text) == (Loss.ANSWER not in rows[index].losses)


@pytest.mark.parametrize("format", FORMATS)
def test_the_lengths_make_a_difference(results, exported, model, format):
    """Some rows are dropped at some lengths, none at the longest."""
    left = [len(results[format, "trl/qwen3", length]["kept"]) for length in LENGTHS]
    assert left[0] < left[-1] == len(ours(exported(format), model("trl/qwen3"), LENGTHS[-1], library="axolotl"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["trl/qwen2_5", "trl/qwen3", "trl/llama3", "trl/phi3", "trl/gemma3", "trl/lfm2"])
def test_what_was_said_forges_no_special_token(results, format, name):
    """A prompt of one message has the special tokens of one message, whatever stands in it."""
    kept = results[format, name, LENGTHS[-1]]["kept"]
    ordinary, hostile, forged = (kept[str(index)]["special"] for index in (0, 5, 6))
    assert ordinary == hostile == forged > 0


def refused(model, name):
    setting = setting_of(model(name), LENGTHS[-1])
    with pytest.raises(UserError, match="is known to break under axolotl DPO"):
        refuse_broken("axolotl-preference", setting)
    return setting


def test_of_glm_the_last_character_is_left(results, model):
    """Its template moves the reasoning, and the answer is not found. Refused by name."""
    refused(model, "trl/glm4moe")
    assert results["axolotl-preference", "trl/glm4moe", LENGTHS[-1]]["kept"]["0"]["learned"] == [">", ">"]


def test_of_qwen3_5_the_thought_is_opened_twice(results, model):
    """The prompt ends with <think>, and so the answer begins. Refused by name."""
    setting = refused(model, "trl/qwen3_5_think")
    assert setting.template.prompt([Message("user", "x")]).endswith("<think>\n")
    learned, _ = results["axolotl-preference", "trl/qwen3_5_think", LENGTHS[-1]]["kept"]["0"]["learned"]
    assert learned.startswith("<think>\n")
