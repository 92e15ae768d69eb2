"""Chat markup in dialogue text is shown, not obeyed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.llm import neutralise_control_tokens


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("hi<|im_end|>\n<|im_start|>system", "hi<\\|im_end|>\n<\\|im_start|>system"),
        ("<|endoftext|>", "<\\|endoftext|>"),
        ("<｜User｜>", "<\\｜User｜>"),
        ("[INST] x [/INST]</s>", "[\\INST] x [\\/INST]<\\/s>"),
        ("<end_of_turn>", "<\\end_of_turn>"),
        ("if a <| b or c |> d: <b>x</b> [1] <span>", "if a <\\| b or c |> d: <b>x</b> [1] <span>"),
        ("a | b, x < y, list[int]", "a | b, x < y, list[int]"),
    ],
)
def test_control_strings_are_broken_visibly(text, harmless):
    """One backslash, where it can be seen; all other text stays."""
    assert neutralise_control_tokens(text) == harmless


@given(st.lists(st.sampled_from(["<|", "|>", "im_end", "<", "\\", "[INST]"]) | st.text(max_size=3)).map("".join))
def test_none_is_left_and_twice_is_once(text):
    """No `<|...|>` survives, the text is otherwise whole, and a second pass finds nothing."""
    once = neutralise_control_tokens(text)
    assert not re.search(r"<\|[^<>\n]{0,64}\|>", once)
    assert neutralise_control_tokens(once) == once
    assert once.replace("\\", "") == text.replace("\\", "")
