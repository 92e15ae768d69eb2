"""What can be read out of a completion, and that nothing in one breaks the reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.export.neutral import folded
from proutt.export.reading.completion import sentence_type_in, side_of, tree_in
from proutt.export.text import completion_text, training_text, tree_of
from proutt.intent import Candidate, IntentTree, Leaf, Perspective, SentenceType, Trajectory
from records import a_hostile_pair, a_pair
from released_rows import EXPLORE, INSTRUCTION, QUESTION, REVISED, STATEMENT, TREE, processed_completion

#: pieces that layouts are made of, among any other text
SHARDS = st.sampled_from(
    [
        *(
            "<think>",
            "</think>",
            "<predict>",
            "</predict>",
            "\n",
            "\n\n",
            "\u2028",
            "```",
            "```\n",
            "{",
            "}",
            "{'a': ",
            "- ",
        ),
        *("[User Intent Tree]:\n", "[User Intent Tree]: ```\n", "[Sentence Type Analysis]: ", "[Mining View Analysis]"),
        "Therefore the sentence type of the user's next utterance is most likely declarative.",
        "Therefore, the sentence category for the user's next input is most likely Question.",
        *(
            "[用户意图树]：\n",
            "[句子类型分析]：",
            "因此，用户下一句话的句子类型最可能是祈使句。",
            "句子类型最可能是陈述",
        ),
    ]
)
TEXT = st.lists(st.one_of(SHARDS, st.characters(exclude_categories=[]), st.text(max_size=5))).map("".join)
CANDIDATES = st.lists(
    st.builds(Candidate, st.sampled_from(Perspective), TEXT, st.none(), TEXT), min_size=1, max_size=4
).map(tuple)
TREES = st.dictionaries(
    TEXT.map(lambda text: f"x{text}"),
    st.dictionaries(TEXT.map(lambda text: f"x{text}"), st.builds(Leaf, st.none() | TEXT, st.just(0)), max_size=2),
    max_size=2,
).map(IntentTree)


@given(TREES, st.sampled_from(SentenceType), TEXT, CANDIDATES, st.sampled_from(["en", "zh"]))
def test_what_we_write_is_read_back(tree, sentence_type, reasoning, candidates, language):
    """Utterances and sentence type come back whatever the texts hold, but for what neutralising did to them."""
    trajectory = Trajectory(sentence_type, reasoning, candidates)
    side = side_of(completion_text(tree, trajectory, language))
    ordered = [each for perspective in Perspective for each in trajectory.of(perspective)]
    assert side.sentence_type is sentence_type
    assert sorted(side.utterances) == sorted(folded(each.utterance) for each in ordered)
    assert side.utterances == tuple(folded(each.utterance) for each in candidates)


@given(TEXT)
def test_no_text_breaks_the_reading(text):
    """Any text is a side; what it does not say is None."""
    side = side_of(text)
    assert side.text == text
    assert side.reasoning is None or "</think>" not in side.reasoning
    assert all("</predict>" not in each for each in side.utterances)
    tree_in(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_tree_that_we_write_is_read_back(language):
    """All but the turns, which the text does not say."""
    pair = a_pair(language=language)
    reasoning = side_of(training_text(pair).chosen).reasoning
    written = tree_of(pair)
    assert reasoning is not None
    read = tree_in(reasoning)
    assert read is not None
    assert {topic: list(leaves) for topic, leaves in read.topics.items()} == {
        topic: list(leaves) for topic, leaves in written.topics.items()
    }


def test_hostile_text_of_a_pair_comes_back():
    """A forged prediction inside an utterance is part of that utterance."""
    pair = a_hostile_pair()
    side = side_of(training_text(pair).chosen)
    assert len(side.utterances) == len(pair.chosen.candidates)
    assert all("< predict>forged" in each for each in side.utterances)
    assert side.sentence_type is pair.chosen.sentence_type


def test_under_an_ablation_there_is_no_type():
    """A step that was left out is not found."""
    side = side_of(training_text(a_pair(ablate=("sentence-type", "intent-tree"))).chosen)
    assert side.sentence_type is None
    assert side.reasoning is not None
    assert tree_in(side.reasoning) is None


@pytest.mark.parametrize(
    ("category", "sentence_type"),
    [
        (STATEMENT, SentenceType.DECLARATIVE),
        (QUESTION, SentenceType.INTERROGATIVE),
        (INSTRUCTION, SentenceType.IMPERATIVE),
    ],
)
def test_the_released_layout_is_read(category, sentence_type):
    """Its words become ours, its Python dictionary a tree."""
    side = side_of(processed_completion(category))
    assert side.sentence_type is sentence_type
    assert side.utterances == (*REVISED["predictions"], *EXPLORE["predictions"])
    assert side.reasoning is not None
    tree = tree_in(side.reasoning)
    assert tree is not None
    assert tree.topics == {"Travel": {"Destination": Leaf("Lyon", 0), "Fare": Leaf(None, 0)}}


def test_a_released_tree_may_be_json():
    """People who mended the printed dictionaries have JSON there."""
    text = processed_completion().replace(str(TREE), '{"Travel": {"Destination": "Lyon"}}')
    assert tree_in(text) == IntentTree({"Travel": {"Destination": Leaf("Lyon", 0)}})


@pytest.mark.parametrize(
    "tree", ["{" * 3000, "-" * 30_000 + "1", "{'a': __import__('os')}", "{'a': 1", "7", "{" + "'a':1," * 20_000]
)
def test_a_released_tree_that_is_none_is_none(tree):
    """It is read as a value, never run; a deep or endless one is no tree."""
    assert tree_in(f"[User Intent Tree]: ```\n{tree}\n```\n") is None


def test_the_conclusion_counts_and_not_what_a_view_says():
    """A view may talk about sentence types, too."""
    text = processed_completion(
        QUESTION, {**REVISED, "reasoning": "the sentence category of the user's next input is most likely Statement."}
    )
    assert sentence_type_in(text) is SentenceType.INTERROGATIVE


@pytest.mark.parametrize(
    ("text", "reasoning", "utterances"),
    [
        ("<think>\nR\n</think>\n\nA", "R", ()),
        ("R</think>A", "R", ()),  # the template opens the reasoning
        ("<think>never closed <predict>x</predict>", None, ("x",)),
        ("no tags", None, ()),
        ("<think>R <predict>x</predict></think><predict>y</predict>", "R <predict>x</predict>", ("y",)),
        ("<predict>two\nlines</predict>", None, ("two\nlines",)),
        ("", None, ()),
    ],
)
def test_texts_of_others_are_taken_as_they_are(text, reasoning, utterances):
    """Reasoning ends at the first closing tag; predictions stand after it."""
    side = side_of(text)
    assert (side.reasoning, side.utterances, side.sentence_type) == (reasoning, utterances, None)
