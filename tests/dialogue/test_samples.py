"""The real samples load whole. They lie beside the checkout; where they are missing, these tests are skipped."""

from __future__ import annotations

import pytest

from proutt.dialogue import ReadingReport, read_dialogues


@pytest.mark.parametrize(
    ("name", "format", "dialogues", "turns"),
    [
        ("sharegpt_sample.json", "sharegpt", 150, 748),
        ("crosswoz_val_sample.json", "crosswoz", 60, 495),
        ("schemas/lmsys_chat_1m.handmade.jsonl", "lmsys", 3, 6),
        ("schemas/wildchat.handmade.jsonl", "wildchat", 3, 4),
    ],
)
def test_every_sample_loads(sample, name, format, dialogues, turns):
    """All records are dialogues, of the format that they are, and none is skipped."""
    report = ReadingReport()
    list(read_dialogues([sample(name)], report=report, strict=True))
    assert (report.formats, report.dialogues, report.turns) == ({format: dialogues}, dialogues, turns)
    assert not report.skipped


def test_crosswoz_is_chinese(sample):
    """All of its users write Chinese."""
    assert {dialogue.language for dialogue in read_dialogues([sample("crosswoz_val_sample.json")])} == {"zh"}


def test_sharegpt_is_mostly_english(sample):
    """The few others were told by hand; pasted code and French tables are no other language."""
    report = ReadingReport()
    list(read_dialogues([sample("sharegpt_sample.json")], report=report))
    assert report.languages == {"en": 140, "zh": 4, "ko": 3, "es": 2, "ru": 1}
