"""The checks that texts must pass before they become training text, and how answered labels become paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent import IntentPath, fold, render
from proutt.prompts.context import estimated_tokens
from proutt.prompts.proutt.wording import (
    as_path,
    equal_pair,
    label,
    named,
    reasoning_problem,
    repeats,
    shown,
    speaks,
    text_problem,
)


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("no no no no", True),
        ("no no no, thank you", False),
        ("What is the price of it? What is the price of it? What is the price of it?", True),
        ("What is the price? What is the place?", False),
        ("好" * 8, True),
        ("哈哈哈", False),
        ("我想预订酒店房间啊。我想预订酒店房间啊。我想预订酒店房间啊。", True),
        ("aaaaaaaa", True),
        ("----------", False),  # layout, not a loop
        ("", False),
    ],
)
def test_a_text_that_runs_in_a_loop_is_found(text, loops):
    """A word four times in a row, a longer piece three times, a letter eight times."""
    assert repeats(text) is loops


@pytest.mark.parametrize(
    ("text", "language", "speaking"),
    [
        ("Which train?", "en", True),
        ("哪趟车？", "en", False),
        ("What does 北京 mean?", "en", True),
        ("哪趟车？", "zh", True),
        ("Which train goes there?", "zh", False),
        ("帮我看看 Python 的 asyncio", "zh", True),
        ("東京はどこですか", "ja", True),
        ("Hvor er det?", "da", True),
        ("Где это?", "ru", True),
        ("1 + 1?", "en", True),
        ("1 + 1?", "zh", False),
    ],
)
def test_the_script_of_a_text_fits_the_language(text, language, speaking):
    """Chinese has Han characters; a language in another script has few."""
    assert speaks(text, language) is speaking


@pytest.mark.parametrize(
    ("text", "language", "problem"),
    [
        ("Which train goes there?", "en", None),
        ("为什么？", "zh", None),
        ("", "en", "empty"),
        ("ok?!", "en", "empty"),
        ("{utterance}", "en", "layout"),
        ("Travel → Train", "en", "layout"),
        ("<predict>Which train?", "en", "layout"),
        ("</think> Which train?", "en", "layout"),
        ("> Which train?", "en", "layout"),
        ("[Round 3] Which train?", "en", "layout"),
        ("Which train?\\nWhich bus?", "en", "layout"),
        ("utterance: Which train?", "en", "layout"),
        ("Is 3 > 2 right here?", "en", None),
        ("哪趟车去那里？", "en", "language"),
        ("Which train goes there?", "zh", "没有使用用户的语言"),
        ("tick tick tick tick", "en", "repeats"),
    ],
)
def test_what_is_wrong_with_a_text_is_said_in_one_sentence(text, language, problem):
    """In the language of the prompts; None where nothing is wrong."""
    found = text_problem(text, '"utterance"', language)
    assert found is None if problem is None else problem in found


@pytest.mark.parametrize(
    ("text", "language", "tells"),
    [
        ("The user has settled the hotel, so the train is next.", "en", False),
        ("The provided path says that the train is next.", "en", True),
        ("The Ground Truth is about the train, so I say train.", "en", True),
        ("The user's actual next question is about the train.", "en", True),
        ("What the user actually said next is about the train.", "en", True),
        ("The intent is taken to be the train, hence this.", "en", True),
        ("According to the instruction it is about the train.", "en", True),
        ("用户已经订好酒店，接下来自然要考虑交通。", "zh", False),
        ("根据给定的路径，用户接下来要问交通。", "zh", True),
        ("真实的下一句是关于交通的，所以这样推断。", "zh", True),
    ],
)
def test_reasoning_that_speaks_of_the_task_tells_on_the_truth(text, language, tells):
    """A student must not learn to speak of a path that it was given."""
    found = reasoning_problem(text, '"reasoning"', language)
    assert (found is not None) is tells


def test_two_texts_that_are_nearly_equal_are_found():
    """Anywhere in the list."""
    assert equal_pair(["How much?", "Which train goes there?", "which trains go there"])
    assert not equal_pair(["How much?", "Which train goes there?", "Which hotel is there?"])
    assert not equal_pair([])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('  "Hotel price" ', "Hotel price"),
        ("**Hotel**", "Hotel"),
        ("Hotel\n  price", "Hotel price"),
        ("- Hotel → price", "Hotel price"),
        ("“酒店”", "酒店"),
        ("C++", "C++"),
        ("→", ""),
    ],
)
def test_a_label_is_one_line_without_marks_around_it(text, expected):
    """As models write them, so as trees can hold them."""
    assert label(text) == expected


@pytest.mark.parametrize(
    ("answered", "path"),
    [
        (("Hotel", "Price", "cheap"), IntentPath("Hotel", "Price", "cheap")),
        (("Hotel", "Price", ""), IntentPath("Hotel", "Price")),
        (("Hotel", "", "cheap"), IntentPath("Hotel", "general", "cheap")),
        (("Hotel", "?", ""), IntentPath("Hotel", "general")),
    ],
)
def test_answered_labels_become_a_path(answered, path):
    """An attribute that names nothing is "general", an empty value is left open."""
    assert as_path(*answered) == path


@given(st.text(max_size=20))
def test_a_text_either_names_a_topic_or_is_refused(text):
    """Nothing that passes the answer's check can fail to make a path later."""
    try:
        named(text)
    except ValueError:
        return
    assert as_path(text, text, text).topic
    assert IntentPath(label(text))


@pytest.mark.parametrize("budget", [128, 400, 4000])
def test_a_tree_is_shown_within_half_of_the_budget(budget):
    """The latest attributes stay; the tree itself remembers all."""
    tree = fold([[IntentPath(f"Topic {number}", "attribute", "value " * 8)] for number in range(300)])
    part = shown(tree, budget)
    assert estimated_tokens(render(part)) <= budget // 2
    assert "Topic 299" in part.topics


def test_a_small_tree_is_shown_whole():
    """Nothing is dropped that fits."""
    tree = fold([[IntentPath("Hotel", "Price", "cheap")], [IntentPath("Hotel")]])
    assert shown(tree, 400) == tree
