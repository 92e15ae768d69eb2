"""A split is by dialogue, by shares, and the same every time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.export.split import Split, parse_split


@pytest.mark.parametrize(
    ("text", "parts"),
    [("1", ("train",)), ("0.9/0.1", ("train", "test")), ("0.8/0.1/0.1", ("train", "validation", "test"))],
)
def test_shares_name_their_parts(text, parts):
    """Two shares are train and test; three have a validation part between them."""
    assert parse_split(text).parts == parts


@pytest.mark.parametrize(
    "text", ["0.9/0.2", "0.9", "a/b", "", "1/0", "-0.5/1.5", "0.25/0.25/0.25/0.25", "nan/nan", "0.9/"]
)
def test_what_is_no_split_is_refused(text):
    """Shares that don't sum to 1, or too many of them, name the option and a right example."""
    with pytest.raises(UserError, match=r"--split.*0\.9/0\.1"):
        parse_split(text)


@given(st.text(), st.integers())
def test_a_dialogue_is_always_on_the_same_side(dialogue_id, seed):
    """Seed and id decide, nothing else."""
    assert Split((0.5, 0.5), seed).part_of(dialogue_id) == Split((0.5, 0.5), seed).part_of(dialogue_id)


def test_shares_are_kept_over_many_dialogues():
    """A tenth of the dialogues is a tenth, within what chance allows."""
    split = Split((0.9, 0.1))
    test = sum(split.part_of(f"d{number}") == "test" for number in range(5000))
    assert 400 < test < 600


def test_another_seed_splits_otherwise():
    """Which dialogues are held out can be drawn anew."""
    ids = [f"d{number}" for number in range(100)]
    assert [Split((0.5, 0.5), 1).part_of(each) for each in ids] != [Split((0.5, 0.5), 2).part_of(each) for each in ids]
