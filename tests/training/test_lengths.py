"""Rows are counted as the trainer prepares them, and rows that the base's template spoils are refused."""

from __future__ import annotations

import json

import pytest

from proutt.errors import UserError
from proutt.training.lengths import row_lengths
from training.small import TEMPLATE, rows


def test_lengths_are_those_of_trl(base, data):
    """The tokens that TRL's own preparation makes of prompt and completion."""
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer  # noqa: F401  # what is compared with is installed

    tokenizer = AutoTokenizer.from_pretrained(base)
    found = row_lengths(data, base)
    for length, row in zip(found, rows(), strict=True):
        prompt = tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True)["input_ids"]
        sides = [
            tokenizer.apply_chat_template(row["prompt"] + row[side])["input_ids"] for side in ("chosen", "rejected")
        ]
        assert (length.prompt, length.longest) == (len(prompt), max(map(len, sides)))
        assert length.total == sum(map(len, sides))
        assert length.predicts


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (TEMPLATE.replace("message['content']", "message['content'].split('</think>')[-1]"), "reasoning lost"),
        (TEMPLATE.replace("{{ '<|im_start|>assistant\n' }}", "{{ 'Answer: ' }}"), "prefix mismatch"),
        ("{{ raise_exception('no') }}", "can't render"),
    ],
)
def test_a_template_that_spoils_rows_is_refused_with_the_line(base, data, tmp_path, template, said):
    """The loss would be on other text than was written, or not on the completion alone."""
    for file in base.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "chat_template.jinja").write_text(template, encoding="utf-8")
    with pytest.raises(UserError, match=said) as caught:
        row_lengths(data, tmp_path)
    assert "rows.jsonl:1" in str(caught.value)


def test_the_rows_are_short_enough_to_be_read(data):
    """The fixture is what it says: our layout, two sides that differ."""
    first = json.loads(data.read_text(encoding="utf-8").splitlines()[0])
    assert first["chosen"] != first["rejected"]
    assert "</think>\n\n" in first["chosen"][0]["content"]
