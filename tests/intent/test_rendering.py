"""Trees as text, as in figures 7 and 8: what is rendered can be read back, whatever the names and values hold."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proutt.intent import EMPTY, IntentTree, Leaf, parse, render

HOSTILE = [
    "\n",
    "\r\n",
    "{",
    "}",
    "{}",
    " {",
    ": ",
    ":",
    ",",
    "\\",
    "\\,",
    "\\n",
    "    ",
    "\u2028",
    "\x85",
    "\x1c",
    "(empty)",
]
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.lists(st.sampled_from([*HOSTILE, "a", "景点", "Price"]), max_size=5).map("".join),
)
LEAVES = st.builds(Leaf, st.one_of(st.none(), TEXTS), st.just(0))
TREES = st.dictionaries(TEXTS, st.dictionaries(TEXTS, LEAVES, max_size=4), max_size=4).map(IntentTree)


def test_a_tree_reads_as_in_the_figures():
    """A topic's attributes are indented, values follow a colon, an open attribute has none, commas separate."""
    tree = IntentTree(
        {
            "StoryConversion": {"OriginalPOV": Leaf("Third person", 1), "AuthorName": Leaf(None, 3)},
            "景点": {"城市": Leaf("北京", 2)},
            "Greeting": {},
        }
    )
    assert render(tree) == (
        "StoryConversion {\n    OriginalPOV: Third person,\n    AuthorName\n}\n景点 {\n    城市: 北京\n}\nGreeting {}"
    )


def test_an_empty_tree_says_so():
    """Nothing known is a word, not a blank."""
    assert render(IntentTree({})) == EMPTY
    assert parse(EMPTY) == IntentTree({})


@given(TREES)
@example(IntentTree({"a {": {"b,": Leaf("c\\,", 0), "": Leaf("", 0), "}": Leaf(None, 0)}, "": {}, " ": {}}))
def test_what_is_rendered_can_be_read_back(tree):
    """Modulo turns, which the text does not say; order included."""
    again = parse(render(tree))
    assert again == tree
    assert [list(leaves) for leaves in again.topics.values()] == [list(leaves) for leaves in tree.topics.values()]


@given(TREES)
def test_no_name_or_value_makes_a_line_of_its_own(tree):
    """However lines are told apart, each is a topic, an attribute or a closing brace."""
    leaves = sum(len(each) for each in tree.topics.values())
    topics = sum(2 if each else 1 for each in tree.topics.values())
    assert len(render(tree).splitlines()) == max(leaves + topics, 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hotel", "line 1: expected `Topic {`"),
        ("Hotel {\nPrice: cheap\n}", "line 2: expected an attribute"),
        ("Hotel {\n    Price: cheap", "not closed"),
        ("Hotel {\n    Price\n}\n{'Hotel': 1}", "line 4: expected `Topic {`"),
    ],
)
def test_a_text_in_another_layout_is_refused_with_its_line(text, problem):
    """A dictionary as Python prints it, a half tree: never read as something else."""
    with pytest.raises(ValueError, match=problem):
        parse(text)
