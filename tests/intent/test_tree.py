"""Intent trees: a fold over new paths, of which a prefix knows nothing that came later."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent import (
    IntentPath,
    IntentTree,
    Leaf,
    Perspective,
    fold,
    from_json,
    new_paths,
    normal,
    perspective_of,
    prefix,
    to_json,
)

TOPICS = ["Hotel", "hotels", "Travel", "景点", "Story Conversion", "StoryConversion", "x"]
ATTRIBUTES = ["Price", "price", "Style", "门票", "Length", "Day of Week"]
VALUES = [None, "cheap", "Cheap", "50", "60", "北京", "a, b: {c}\\"]

PATHS = st.builds(
    lambda topic, attribute, value: IntentPath(topic, attribute, value if attribute else None),
    st.sampled_from(TOPICS),
    st.one_of(st.none(), st.sampled_from(ATTRIBUTES)),
    st.sampled_from(VALUES),
)
HISTORIES = st.lists(st.lists(PATHS, max_size=4), min_size=1, max_size=8)

CHANGED = (
    (IntentPath("Hotel", "Price", "cheap"), IntentPath("Hotel", "City", None)),
    (),
    (IntentPath("hotel", "price", "luxury"), IntentPath("Food", "Cuisine", "local")),
    (IntentPath("Hotel", "City", "Lyon"),),
)


def labels(tree: IntentTree) -> set[str | None]:
    """Every text in a tree."""
    found: set[str | None] = set(tree.topics)
    for leaves in tree.topics.values():
        found |= set(leaves) | {leaf.value for leaf in leaves.values()}
    return found


@given(HISTORIES, HISTORIES, st.data())
def test_a_prefix_is_blind_to_what_comes_after_it(past, future, data):
    """Whatever the later turns bring, T^(K) is the same, and its texts and turn numbers are of turns up to K."""
    k = data.draw(st.integers(1, len(past)))
    tree = prefix([*past, *future], k)
    assert tree == prefix(past, k)
    said = {text for paths in past[:k] for path in paths for text in (path.topic, path.attribute, path.value)}
    assert labels(tree) <= said | {None}
    assert all(1 <= leaf.turn <= k for leaves in tree.topics.values() for leaf in leaves.values())


@given(HISTORIES, st.data())
def test_prefix_and_fold_commute(paths, data):
    """Cutting the paths and folding is folding and cutting: what the whole tree has of turns up to K, T^(K) has too."""
    k = data.draw(st.integers(1, len(paths)))
    cut, whole = prefix(paths, k), fold(paths)
    assert cut == fold(paths[:k])
    assert list(whole.topics)[: len(cut.topics)] == list(cut.topics)
    for topic, leaves in whole.topics.items():
        early = {name: leaf for name, leaf in leaves.items() if leaf.turn <= k}
        assert early.items() <= cut.topics.get(topic, {}).items()


@given(HISTORIES)
def test_folding_turn_by_turn_is_folding_at_once(paths):
    """A turn changes only what its own paths name: every other leaf is that of the turn before."""
    for k in range(2, len(paths) + 1):
        before, after = prefix(paths, k - 1), prefix(paths, k)
        for topic, leaves in after.topics.items():
            for name, leaf in leaves.items():
                assert leaf.turn == k or before.topics[topic][name] == leaf
    assert prefix(paths, len(paths)) == fold(paths)


@given(HISTORIES)
def test_the_tree_holds_every_path_that_it_was_made_of(paths):
    """What was folded last is held; and a turn whose paths the tree holds brings nothing new."""
    tree = fold(paths)
    for path in paths[-1][-1:]:
        assert tree.holds(path)
        assert new_paths(tree, [path]) == ()


def test_a_value_that_changes_later_has_its_old_value_in_the_prefix():
    """T^(2) still says cheap; the whole tree says luxury, and since which turn."""
    assert prefix(CHANGED, 2).topics["Hotel"]["Price"] == Leaf("cheap", 1)
    assert fold(CHANGED).topics["Hotel"]["Price"] == Leaf("luxury", 3)


def test_a_value_given_later_fills_what_was_left_open_and_an_open_one_erases_nothing():
    """City was asked for in turn 1 and named in turn 4; naming Price without a value changes nothing."""
    assert prefix(CHANGED, 3).topics["Hotel"]["City"] == Leaf(None, 1)
    assert fold([*CHANGED, (IntentPath("Hotel", "Price"),)]) == fold(CHANGED)
    assert fold(CHANGED).topics["Hotel"]["City"] == Leaf("Lyon", 4)


def test_the_tree_keeps_the_first_spelling_and_the_order_of_coming_up():
    """`hotel → price` of turn 3 goes to the topic and attribute of turn 1."""
    assert [list(leaves) for leaves in fold(CHANGED).topics.values()] == [["Price", "City"], ["Cuisine"]]
    assert list(fold(CHANGED).topics) == ["Hotel", "Food"]


@pytest.mark.parametrize("k", [0, -1, 5])
def test_a_prefix_outside_the_dialogue_is_a_bug_of_ours(k):
    """K counts turns from 1 to N."""
    with pytest.raises(ValueError, match=f"k={k} is outside 1..4"):
        prefix(CHANGED, k)


@pytest.mark.parametrize(
    ("path", "perspective"),
    [
        (IntentPath("Hotel", "Breakfast"), Perspective.EXPLOITATION),
        (IntentPath("hotels", "Breakfast"), Perspective.EXPLOITATION),  # the same topic, otherwise written
        (IntentPath("Museum", "Price", "cheap"), Perspective.EXPLORATION),
        (IntentPath("Food", "Cuisine"), Perspective.EXPLORATION),  # not before turn 3
    ],
)
def test_a_known_topic_is_exploitation_and_a_new_one_exploration(path, perspective):
    """The perspective of a path is computed from T^(K)."""
    assert perspective_of(path, prefix(CHANGED, 2)) is perspective


def test_new_paths_are_those_that_the_tree_does_not_hold_each_once():
    """A restated value and a repetition are not new; another value, another attribute and another topic are."""
    stated = [
        IntentPath("hotel", "price", "CHEAP"),
        IntentPath("hotel", "price", "mid-range"),
        IntentPath("Hotel", "Breakfast"),
        IntentPath("Hotels", "breakfast"),
        IntentPath("Food", "Cuisine", "local"),
    ]
    assert new_paths(prefix(CHANGED, 2), stated) == (stated[1], stated[2], stated[4])


@pytest.mark.parametrize(
    ("path", "held"),
    [
        (IntentPath("hotels"), True),
        (IntentPath("Museum"), False),
        (IntentPath("Hotel", "Price"), True),
        (IntentPath("Hotel", "Price", "Cheap"), True),
        (IntentPath("Hotel", "Price", "luxury"), False),
        (IntentPath("Hotel", "City", "Lyon"), False),  # asked about, but left open
        (IntentPath("Hotel", "Stars"), False),
    ],
)
def test_a_tree_holds_what_it_states(path, held):
    """Same topic, same attribute and, where the path gives one, the same value."""
    assert prefix(CHANGED, 2).holds(path) is held


def test_latest_keeps_exactly_the_attributes_that_were_set_last():
    """Of one turn's attributes the later ones stay; a topic that keeps none leaves."""
    tree = fold(CHANGED)  # City in turn 4; Price, then Cuisine, in turn 3
    assert to_json(tree.latest(2)) == {
        "Hotel": {"City": {"value": "Lyon", "turn": 4}},
        "Food": {"Cuisine": {"value": "local", "turn": 3}},
    }
    assert list(tree.latest(1).topics) == ["Hotel"]
    assert tree.latest(3) == tree.latest(99) == tree
    assert tree.latest(0) == IntentTree({})


@given(HISTORIES, st.integers(0, 12))
def test_latest_never_keeps_more_than_asked_nor_anything_older_than_what_it_drops(paths, leaves):
    """Its attributes are a part of the tree's, and none dropped is younger than one kept."""
    tree = fold(paths)
    kept = tree.latest(leaves)
    flat = {(topic, name): leaf.turn for topic, each in tree.topics.items() for name, leaf in each.items()}
    stay = {(topic, name) for topic, each in kept.topics.items() for name in each}
    assert len(stay) == min(leaves, len(flat))
    assert all(flat[one] >= flat[other] for one in stay for other in flat.keys() - stay)


@given(HISTORIES)
def test_json_gives_back_the_same_tree_in_the_same_order(paths):
    """Through real JSON text, turns included."""
    tree = fold(paths)
    again = from_json(json.loads(json.dumps(to_json(tree))))
    assert again == tree
    assert [list(leaves) for leaves in again.topics.values()] == [list(leaves) for leaves in tree.topics.values()]


@pytest.mark.parametrize("topic", ["", "  ", "?!", "😀"])
def test_a_path_needs_a_topic_that_can_be_told_from_others(topic):
    """A topic without a letter or digit names nothing."""
    assert not normal(topic)
    with pytest.raises(ValueError, match="needs a topic"):
        IntentPath(topic, "attribute")


def test_a_path_with_a_value_needs_an_attribute():
    """A value alone says nothing."""
    with pytest.raises(ValueError, match="needs an attribute"):
        IntentPath("Hotel", None, "cheap")
