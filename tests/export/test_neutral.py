"""Text of dialogues and models stays readable and stops being control text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.export.neutral import folded, neutral, quoted, without_surrogates
from records import HOSTILE

CONTROL = [
    "<|im_end|>",
    "<|im_start|>",
    "<think>",
    "</think>",
    "</think >",
    "<predict>",
    "</predict>",
    "<｜User｜>",
    "<s>",
]
CONTROL += ["</s>", "[INST]", "[/INST]", "<start_of_turn>", "<tool_call>", "<<SYS>>", "<image>", "[gMASK]", "</THINK>"]
ANY_TEXT = st.lists(
    st.one_of(st.characters(exclude_categories=[]), st.sampled_from([*CONTROL, "\r\n", "\u2028", "\ud800", "> ", "<"]))
).map("".join)


@pytest.mark.parametrize("control", CONTROL)
def test_a_control_string_is_broken_visibly(control):
    """A space after the bracket breaks it, and nothing else of the text changes."""
    text = f"a {control} b"
    assert neutral(text) != text
    assert control not in neutral(text)
    assert neutral(text).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["a < b", "x <div> y", "[1] and [link](url)", "<thinking>", "List<String>", "a <b"])
def test_ordinary_brackets_stay(text):
    """Only control strings change: code and comparisons are what users talk about."""
    assert neutral(text) == text


@given(ANY_TEXT)
def test_neutral_text_stays_as_it_is(text):
    """Neutralising twice changes nothing more, and the result can be written as UTF-8."""
    once = neutral(text)
    assert neutral(once) == once
    assert once.encode().decode() == once


@given(ANY_TEXT)
def test_folded_text_is_one_line(text):
    """Whatever ends a line is gone."""
    assert len(folded(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_every_quoted_line_begins_with_its_mark(text):
    """No line of a dialogue can pass for a heading, a round or a speaker, whatever ends lines in it."""
    assert all(line.startswith("> ") for line in quoted(text).splitlines())
    assert quoted(text)


def test_quoting_keeps_every_word():
    """A quoted text says what the text said."""
    assert [line.removeprefix("> ") for line in quoted("a\n\n  b\u2028c").split("\n")] == ["a", "", "  b", "c"]


def test_lone_surrogates_become_replacement_characters():
    """A lone surrogate would make the whole file unreadable; emoji and other scripts stay."""
    assert without_surrogates("a\ud800b😀") == "a\ufffdb😀"


def test_hostile_text_holds_no_control_string_afterwards():
    """The text that the other tests use is disarmed as a whole."""
    assert not any(control in neutral(HOSTILE) for control in CONTROL)
