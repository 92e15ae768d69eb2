"""Chunks of a page: values in, safe text out, and the same values back."""

from __future__ import annotations

import re

import pytest

from proutt.reports.chunks import Chunks, element, packed, unpacked
from records import HOSTILE


@pytest.mark.parametrize("value", [[], [1, None, True], {"a": HOSTILE}, ["\ud800 alone"], ["</script><script>"]])
def test_what_is_packed_comes_back(value):
    """Any JSON value survives, half characters too."""
    assert unpacked(packed(value)) == value


def test_packed_text_can_not_leave_its_element():
    """Nothing but letters, digits and three signs stands in a chunk, whatever was said."""
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed([HOSTILE, "</script><!-- <script>"]))


def test_the_same_values_give_the_same_text():
    """No clock and no random number is in a chunk."""
    assert packed([HOSTILE]) == packed([HOSTILE])


def values_of(made):
    return [unpacked(re.search(r">([^<]+)<", each)[1]) for each in made]


def test_a_chunk_ends_when_it_is_full():
    """By number, and by the weight of its values."""
    by_number, by_weight = Chunks("x", size=2), Chunks("x", size=9, weight=10)
    assert values_of([*by_number.add(1), *by_number.add(2), *by_number.add(3), *by_number.rest()]) == [[1, 2], [3]]
    made = [*by_weight.add(1, 6), *by_weight.add(2, 6), *by_weight.add(3, 1), *by_weight.rest()]
    assert values_of(made) == [[1, 2], [3]]


def test_an_empty_chunk_is_not_written():
    """A full chunk leaves nothing behind."""
    chunks = Chunks("x", size=1)
    assert chunks.empty
    assert len(list(chunks.add(1))) == 1
    assert chunks.empty
    assert list(chunks.rest()) == []


def test_an_element_says_how_many_values_it_holds():
    """The page finds a pair without unpacking the chunks before it."""
    assert element("pairs", 3, "eA==") == '<script type="text/plain" class="pairs" data-count="3">eA==</script>\n'
