"""The dialogue is read out of prompts: exactly out of ours, and out of released ones only where there is no doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import Context, Turn
from proutt.export.neutral import neutral
from proutt.export.prompt import prompt_text
from proutt.export.reading.context import said_in
from released_rows import CONTEXT, processed_prompt

TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "\n",
                    "\r\n",
                    "\u2028",
                    "# Dialogue\n\n",
                    "# 对话\n\n",
                    "[Round 1]\n",
                    "User:\n",
                    "Assistant:\n",
                    "> ",
                ),
                *("\n[Round 2]\nUser: ", "\nAssistant: ", "```\n", "[user-assistant conversation history]: \n```\n"),
            ]
        ),
        st.characters(exclude_categories=[]),
    ),
    max_size=8,
).map("".join)
TURNS = st.lists(st.builds(Turn, TEXT, TEXT), min_size=1, max_size=3).map(tuple)


def plain_lines(text: str) -> str:
    """What quoting leaves of a text: neutral lines with plain ends."""
    return "\n".join(map(neutral, text.splitlines() or [""]))


@given(TURNS, st.none() | TEXT, st.sampled_from(["en", "zh", "fr"]), st.sampled_from(["structured", "minimal"]))
def test_what_we_write_is_read_back(turns, opening, language, instruction):
    """Every line that was said is quoted, so that nothing said can pass for a heading."""
    said = said_in(prompt_text(Context("d", language, turns, opening), instruction=instruction))
    assert said is not None
    assert said.turns == tuple(Turn(plain_lines(turn.user), plain_lines(turn.assistant)) for turn in turns)
    assert said.opening == (None if opening is None else plain_lines(opening))


@given(TEXT)
def test_no_prompt_breaks_the_reading(text):
    """Whatever a prompt holds, the answer is a dialogue of whole turns, or none."""
    for prompt in (text, processed_prompt(text)):
        said = said_in(prompt)
        assert said is None or len(said.turns) >= 1


def test_a_released_prompt_is_read():
    """Rounds in a fence at the end; empty lines inside an answer stay."""
    said = said_in(processed_prompt())
    assert said is not None
    assert [message["content"] for message in CONTEXT] == [
        text for turn in said.turns for text in (turn.user, turn.assistant)
    ]


@pytest.mark.parametrize(
    "history",
    [
        "",
        "\n[Round 1]\nUser: only a question",
        "\n[Round 2]\nUser: a\nAssistant: b",
        "\n[Round 1]\nUser: a\nAssistant: b\nAssistant: c",
        "\n[Round 1]\nUser: a\nAssistant: b\n\n[Round 1]\nUser: a\nAssistant: b",
    ],
)
def test_a_history_in_doubt_is_none(history):
    """A wrong context is worse than none: an audit would judge by it."""
    assert said_in(processed_prompt(history)) is None


def test_a_system_prompt_is_not_said_by_anybody():
    """It stands before the first round."""
    said = said_in(processed_prompt("[System Prompt]: Be kind.\n\n[Round 1]\nUser: a\nAssistant: b"))
    assert said is not None
    assert said.turns == (Turn("a", "b"),)


@pytest.mark.parametrize("prompt", ["", "What is a tram?", "# Dialogue\n\n[Round 1]\nUser:\nno quote\nAssistant:\n> b"])
def test_a_prompt_of_another_kind_has_no_context(prompt):
    """Only a layout that is known is read."""
    assert said_in(prompt) is None
