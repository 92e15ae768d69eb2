"""Length bias over a data set."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.quality.audit import Audit, Setup, Side, Subject, selected
from proutt.quality.audit.lengths import auc
from proutt.quality.tokens import TokenCounter

NAMES = ["chosen-longer", "length-difference", "length-alone"]


def verdicts(lengths):
    """Of the three checks, over rows of these lengths of chosen and rejected."""
    audit = Audit(Setup(TokenCounter("characters", len)), selected(NAMES))
    for number, (chosen, rejected) in enumerate(lengths):
        audit.look(Subject(str(number), "f", "p", Side("x" * chosen), Side("x" * rejected)))
    return {result.check.name: result for result in audit.results()}


def test_balanced_lengths_pass():
    """As many longer as shorter, by as much."""
    found = verdicts([(100, 110), (110, 100)] * 200)
    assert {name: found[name].verdict for name in NAMES} == dict.fromkeys(NAMES, "pass")
    assert found["chosen-longer"].value == 0.5


def test_a_chosen_side_that_is_longer_throughout_fails():
    """A model learns to write more instead of better."""
    found = verdicts([(100 + at % 30, 90 + at % 30) for at in range(200)])
    assert {name: found[name].verdict for name in NAMES} == dict.fromkeys(NAMES, "fail")
    assert found["length-difference"].note == "+10.0 of 109 tokens"


def test_a_few_rows_show_no_bias_either_way():
    """The interval decides, not the estimate."""
    found = verdicts([(101, 100), (102, 100), (100, 120)])
    assert {found[name].verdict for name in NAMES} == {"undecided"}


def test_equal_lengths_are_no_bias():
    """They count as half a win."""
    found = verdicts([(50, 50)] * 100)
    assert [found[name].value for name in NAMES] == [0.5, 0.0, 0.5]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20), st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_the_area_is_the_share_of_pairs_in_the_right_order(better, worse):
    """Mann-Whitney, ties counting half, as counted by hand."""
    wins = sum((one > other) + (one == other) / 2 for one in better for other in worse)
    assert auc(Counter(better), Counter(worse)) == pytest.approx(wins / (len(better) * len(worse)))
