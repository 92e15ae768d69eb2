"""What differs is marked word by word, or character by character in Chinese."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from proutt.cli.differences import differences


def own(pieces) -> list[str]:
    return [piece.text for piece in pieces if piece.own]


@given(st.text(), st.text())
def test_the_pieces_of_a_side_join_to_its_text(one, other):
    """Marking loses nothing and adds nothing."""
    left, right = differences(one, other)
    assert "".join(piece.text for piece in left) == one
    assert "".join(piece.text for piece in right) == other


@given(st.text())
def test_equal_texts_have_no_difference(text):
    """Nothing is marked where nothing differs."""
    assert own(differences(text, text)[0]) == own(differences(text, text)[1]) == []


def test_latin_text_differs_by_words():
    """A changed letter marks its word, not the letter."""
    left, right = differences("Is the tram late?", "Is the train late?")
    assert (own(left), own(right)) == (["tram"], ["train"])


def test_chinese_text_differs_by_characters():
    """There are no spaces to tell words apart."""
    left, right = differences("故宫几点开门？", "故宫几点关门？")
    assert (own(left), own(right)) == (["开"], ["关"])


def test_changed_neighbours_are_marked_as_one():
    """A run of changed words reads as one change."""
    assert own(differences("the last tram leaves", "the first bus leaves")[0]) == ["last tram"]
