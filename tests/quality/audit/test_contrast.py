"""Sides that read the same, or do once they are cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proutt.quality.audit import Setup, Side, Subject
from proutt.quality.tokens import TokenCounter
from quality.audit.pairs import clean_subject, flags_of

CHARACTERS = TokenCounter("characters", len, ids=lambda text: [ord(char) for char in text])


def row(chosen: str, rejected: str, prompt: str = "Say it.") -> Subject:
    return Subject("1", "f:1", prompt, Side(chosen), Side(rejected))


def test_equal_sides_and_nearly_equal_ones_are_found():
    """From 98% of the letters on a pair is to be dropped, from 90% on looked at."""
    text = "The quick brown fox jumps over the lazy dog near the bank. " * 4
    names = ["same-sides", "low-contrast"]
    assert [flag.check for flag in flags_of(row(text, text), only=names)] == names
    assert [flag.check for flag in flags_of(row(text, text + "Now."), only=names)] == names
    assert [flag.check for flag in flags_of(row(text, text + "And then it slept."), only=names)] == names[1:]
    assert flags_of(row(text, "Nothing of the kind."), only=names) == []


def test_sides_that_predict_the_same_are_the_same():
    """However much their reasoning differs."""
    clean = clean_subject()
    rejected = replace(clean.rejected, utterances=clean.chosen.utterances)
    assert [flag.reason for flag in flags_of(replace(clean, rejected=rejected), only=["same-sides"])] == [
        "the sides predict the same"
    ]


@pytest.mark.parametrize(("max_length", "found"), [(10, 1), (13, 1), (14, 0), (100, 0)])
@pytest.mark.parametrize("counter", [CHARACTERS, replace(CHARACTERS, ids=None)])
def test_sides_that_are_equal_within_the_length_are_found(max_length, found, counter):
    """The prompt takes ten tokens here, and the answers part with their fourth."""
    setup = Setup(counter, max_length)
    assert len(flags_of(row("abcX", "abcY", "0123456789"), setup=setup, only=["equal-after-truncation"])) == found


def test_rows_longer_than_the_length_are_found():
    """A trainer keeps the beginning; the predictions stand at the end."""
    setup = Setup(CHARACTERS, 14)
    assert flags_of(row("abcd", "abc", "0123456789"), setup=setup, only=["cut-off"]) == []
    (flag,) = flags_of(row("abcd", "abcde", "0123456789"), setup=setup, only=["cut-off"])
    assert flag.reason == "15 tokens, of which a trainer keeps 14"
