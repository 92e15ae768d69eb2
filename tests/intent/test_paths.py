"""When two labels, and two paths, mean the same: the examples that the threshold was chosen for."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proutt.intent import IntentPath, near, near_paths


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("hotel", "hotel", True),
        ("hotel", "Hotels", True),
        ("story conversion", "StoryConversion", True),
        ("Original-POV", "original_pov", True),
        ("ＨＯＴＥＬ", "hotel", True),  # full width
        ("colour scheme", "color scheme", True),
        ("opening time", "opening times", True),
        ("hotel price", "hotel phone", False),
        ("hotel price", "hotel", False),
        ("iPhone 14", "iPhone 15", False),
        ("day 1", "day 2", False),
        ("cat", "cats", False),  # too short for spelling to tell
        ("景点", "景点", True),
        ("景点", "酒店", False),
        ("故宫门票", "故宫 门票", True),
        ("故宫门票", "故宫地址", False),
        ("", "", False),
        ("?!", "?!", False),
        ("", "hotel", False),
    ],
)
def test_near_labels_are_the_same_to_a_reader_who_ignores_spelling(one, other, expected):
    """Case, spacing, plural and small spelling differences do not matter; other words and numbers do."""
    assert near(one, other) is near(other, one) is expected


def path(text: str) -> IntentPath:
    """`topic/attribute/value`, from the left; an empty value is left open."""
    topic, attribute, value = (*text.split("/"), "", "")[:3]
    return IntentPath(topic, attribute or None, value or None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Hotel/Price/cheap", "hotels/price/cheap", True),
        ("Hotel/Price/cheap", "Hotel/Price", True),  # one left open: they do not contradict
        ("Hotel/Price", "Hotel/Price", True),
        ("Hotel/Price/cheap", "Hotel/Price/luxury", False),
        ("Hotel/Price", "Hotel/Phone", False),
        ("Hotel/Price/50", "Hotel/Price/60", False),
        ("Hotel/Area/near the station", "Hotel/Location/Near the station", True),  # one thing under two names
        ("Hotel/Area", "Hotel/Location", False),
        ("Hotel/Price/cheap", "Lodging/Price/cheap", True),  # the same thing under another topic
        ("Hotel/Price", "Museum/Price", False),
        ("景点/门票", "景点/门票/60元", True),
        ("景点/门票", "景点/地址", False),
        ("a cheap hotel", "cheap hotel", True),  # phrases, where no tree is built
        ("a cheap hotel", "a museum", False),
        ("Hotel", "Hotel/Price", False),
    ],
)
def test_near_paths_say_the_same_or_do_not_contradict(one, other, expected):
    """A negative must not be near the truth; the relation has no direction."""
    assert near_paths(path(one), path(other)) is near_paths(path(other), path(one)) is expected


WORDS = st.text("abc景", min_size=6, max_size=16)


@given(WORDS, WORDS)
@example("bcbcbbbccc", "bcbcbbccbc")
@example("aaacaabab", "aabacaaab")
def test_nearness_has_no_direction(one, other):
    """`near` says the same of both orders, or two candidates could be alike one way only."""
    assert near(one, other) is near(other, one)


@pytest.mark.parametrize(
    ("given_path", "text"),
    [
        (IntentPath("Hotel"), "Hotel"),
        (IntentPath("Hotel", "Price"), "Hotel → Price"),
        (IntentPath("Hotel", "Price", "cheap"), "Hotel → Price - cheap"),
    ],
)
def test_a_path_reads_as_in_the_figures(given_path, text):
    """Topic, arrow, attribute, dash, value."""
    assert str(given_path) == text
