"""TRL's own code prepares our exports, under the chat templates that come with it, as `--check` says it will."""

from __future__ import annotations

import json

import pytest

from consumers.conftest import LENGTHS, TEMPLATES, environment
from consumers.ours import ours
from proutt.export.check import Loss

FORMATS = ("trl-preference", "trl-sft", "trl-kto")
NAMES = [name for name in TEMPLATES if name.startswith("trl/")]

#: Templates of which TRL has a version for training that marks the answers, and that keep the reasoning.
MARKED = ["trl/qwen2_5", "trl/qwen3", "trl/llama3", "trl/gemma", "trl/phi3", "trl/glm4moe", "trl/lfm2", "trl/cohere"]


@pytest.fixture(scope="module")
def results(model, exported, run):
    """(format, template, maximum length) → what TRL made of the export."""
    environment("trl")
    keys = [(format, name, length) for format in FORMATS for name in NAMES for length in LENGTHS]
    keys += [("messages-sft", name, length) for name in MARKED for length in LENGTHS]
    jobs = [
        {"kind": format, "folder": str(exported(format)), "tokenizer": str(model(name)), "max_length": length}
        for format, name, length in keys
    ]
    return dict(zip(keys, run("trl", jobs), strict=True))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("format", FORMATS)
def test_trl_learns_what_the_check_says(results, exported, model, format, name, length):
    """Row by row the same tokens are learned and the same rows dropped; it warns of prefixes where we count some."""
    theirs = results[format, name, length]
    rows = ours(exported(format), model(name), length, library="TRL")
    assert "error" not in theirs
    learned = {int(index): row["learned"] for index, row in theirs["kept"].items()}
    assert learned == {index: row.kept for index, row in enumerate(rows) if row.kept is not None}
    assert theirs["warned"] == (not all(row.prepared.as_template for row in rows))


@pytest.mark.parametrize("format", FORMATS)
def test_the_lengths_make_a_difference(results, exported, model, format):
    """Over the lengths there are dropped, cut and, of pairs, equal rows: the comparison is not one of empty sets."""
    rows = {length: ours(exported(format), model("trl/qwen3"), length, library="TRL") for length in LENGTHS}
    wanted = {Loss.DROPPED, Loss.TRUNCATED, *([Loss.EQUAL] if format == "trl-preference" else [])}
    assert wanted <= {loss for each in rows.values() for row in each for loss in row.losses}
    assert not any(row.losses for row in rows[LENGTHS[-1]])
    assert len(results[format, "trl/qwen3", LENGTHS[-1]]["kept"]) == len(rows[LENGTHS[-1]])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_what_was_said_forges_no_special_token(results, format, name):
    """A dialogue full of control strings has as many special tokens as one without, but for its longer prompt's turns.

    Row for row: a prompt of one message has the marks of one message, whatever stands in it.
    """
    kept = results[format, name, LENGTHS[-1]]["kept"]
    sides = 2 if format == "trl-kto" else 1
    ordinary, hostile, forged = (kept[str(sides * index)]["special"] for index in (0, 5, 6))
    assert ordinary == hostile == forged > 0


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", MARKED)
def test_trl_learns_the_answers_of_messages(results, exported, model, name, length):
    """With `assistant_only_loss`, as our configuration has it: rows whose prompt fills the length are dropped, and of
    rows that are whole the reasoning and the answer are learned."""
    theirs = results["messages-sft", name, length]
    rows = ours(exported("messages-sft"), model(name), length, library="TRL")
    assert "error" not in theirs
    assert {int(index) for index in theirs["kept"]} == {
        index for index, row in enumerate(rows) if Loss.DROPPED not in row.losses
    }
    lines = (exported("messages-sft") / "train.jsonl").read_text(encoding="utf-8").splitlines()
    for index, row in theirs["kept"].items():
        if not rows[int(index)].losses:
            reasoning, answer = json.loads(lines[int(index)])["messages"][-1]["content"][7:].split("</think>")
            assert reasoning.strip() in row["text"]
            assert answer.strip() in row["text"]
