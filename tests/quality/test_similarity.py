"""Edit similarity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.quality.similarity import alike, common_prefix, edit_distance, similarity

TEXTS = st.text(alphabet="abc京 ", max_size=14)


def by_table(one: str, other: str) -> int:
    """Levenshtein's distance by the table of the textbook."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, start=1):
        below = [at]
        for place, same in enumerate(other, start=1):
            below.append(min(row[place] + 1, below[-1] + 1, row[place - 1] + (char != same)))
        row = below
    return row[-1]


@given(TEXTS, TEXTS)
def test_the_distance_is_the_textbook_s(one, other):
    """Whatever the texts, in either order."""
    assert edit_distance(one, other) == by_table(one, other) == edit_distance(other, one)


@given(TEXTS, TEXTS, st.sampled_from([0.0, 0.3, 0.5, 0.9, 0.98, 1.0]))
def test_alike_is_a_quicker_way_to_the_same_answer(one, other, least):
    """Texts that cannot be alike are told without a distance, and never wrongly."""
    assert alike(one, other, least) is (similarity(one, other) >= least - 1e-9)


@given(TEXTS, TEXTS)
def test_the_common_prefix_is_counted_in_characters(one, other):
    """As counted one by one."""
    counted = 0
    while counted < min(len(one), len(other)) and one[counted] == other[counted]:
        counted += 1
    assert common_prefix(one, other) == counted


@pytest.mark.parametrize(
    ("one", "other", "value"), [("", "", 1.0), ("abcd", "", 0.0), ("kitten", "sitting", 1 - 3 / 7)]
)
def test_similarity_is_over_the_longer_text(one, other, value):
    """0 for nothing in common, 1 for the same."""
    assert similarity(one, other) == pytest.approx(value)
