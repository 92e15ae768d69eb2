"""A completion has the canonical layout, and both sides differ only where their trajectories do."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.export.text import completion_text, training_text, tree_of
from proutt.intent import Candidate, IntentPath, IntentTree, Leaf, Perspective, SentenceType, Trajectory, parse, render
from records import HOSTILE, a_hostile_pair, a_pair

TEXT = st.lists(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from(
            ["</think>", "<think>", "<predict>", "</predict>", "\n", "\u2028", "{reasoning}", "{path}", "\ud800"]
        ),
    )
).map("".join)
LABEL = TEXT.map(lambda text: f"x{text}")
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from(Perspective),
        TEXT,
        st.none() | st.builds(IntentPath, LABEL, LABEL, st.none() | TEXT),
        TEXT,
    ),
    min_size=1,
    max_size=4,
)
TRAJECTORIES = st.builds(
    lambda kind, reasoning, candidates: Trajectory(kind, reasoning if kind else None, tuple(candidates)),
    st.none() | st.sampled_from(SentenceType),
    TEXT,
    CANDIDATES,
)
TREES = st.none() | st.dictionaries(
    LABEL, st.dictionaries(LABEL, st.builds(Leaf, st.none() | TEXT, st.just(1)), max_size=2), max_size=2
).map(IntentTree)


@given(TREES, TRAJECTORIES, st.sampled_from(["en", "zh", "de"]))
def test_every_completion_has_the_canonical_layout(tree, trajectory, language):
    """`<think>`, newline, R, newline, `</think>`, an empty line, A: whatever the texts hold, and nothing twice."""
    text = completion_text(tree, trajectory, language)
    assert text.startswith("<think>\n")
    assert text.count("<think>") == text.count("</think>") == 1
    reasoning, _, answer = text.removeprefix("<think>\n").partition("\n</think>\n\n")
    assert reasoning == reasoning.strip("\n")
    assert answer
    assert answer == answer.strip()
    assert text.encode()


@given(TREES, TRAJECTORIES)
def test_every_candidate_is_one_predict_line(tree, trajectory):
    """The answer is a lead-in line and one line for each candidate, in order."""
    lines = completion_text(tree, trajectory, "en").partition("</think>\n\n")[2].splitlines()
    assert len(lines) == 1 + len(trajectory.candidates)
    assert all(re.fullmatch(r"<predict>[^\n]*</predict>", line) for line in lines[1:])
    assert all(line.count("predict>") - line.count("< predict>") - line.count("< /predict>") == 2 for line in lines[1:])


def test_a_completion_reads_like_the_papers_figures():
    """Tree, sentence type, both perspectives, then the utterances (ProUtt, figures 7 and 8)."""
    assert training_text(a_pair()).chosen == (
        "<think>\n"
        "First, I lay out what the user has wanted so far as a tree of topics, attributes and values.\n"
        "[User Intent Tree]:\n"
        "Travel {\n    Destination: Lyon,\n    Fare\n}\n"
        "\n"
        "Next, I work out which type of sentence the user will say next.\n"
        "[Sentence Type Analysis]: The fare is known, but not the times, so a question is near. "
        "Therefore the sentence type of the user's next utterance is most likely interrogative.\n"
        "\n"
        "Finally, I work out what the user may say, from the perspectives of exploitation and exploration.\n"
        "[Exploitation Analysis]: The user may go further with what was talked about.\n"
        "- The user may arrive late. The intent path is Travel → LastDeparture\n"
        "- A cheaper way may be wanted. The intent path is Travel → Discount - student\n"
        "\n"
        "[Exploration Analysis]: The user may also turn to something new that is close to it.\n"
        "- Travellers need a bed. The intent path is Hotel → Price - cheap\n"
        "- Lyon is known for its food. The intent path is Restaurant → Cuisine - local\n"
        "</think>\n"
        "\n"
        "The user will most likely say one of these next:\n"
        "<predict>When is the last tram?</predict>\n"
        "<predict>Is there a student discount?</predict>\n"
        "<predict>Find me a cheap hotel.</predict>\n"
        "<predict>Where do locals eat?</predict>"
    )


def test_a_chinese_pair_has_chinese_words_throughout():
    """No English word of ours stands in a Chinese text but the tags."""
    text = training_text(a_pair(language="zh"))
    words = re.findall(r"[A-Za-z]+", text.prompt + text.chosen + text.rejected)
    assert set(words) == {"think", "predict"}


@pytest.mark.parametrize(
    ("ablate", "ordinals", "absent"),
    [
        ((), ["First", "Next", "Finally"], []),
        (("intent-tree",), ["First", "Finally"], ["Tree", "path", "→"]),
        (("sentence-type",), ["First", "Finally"], ["Sentence Type", "sentence type"]),
        (("intent-tree", "sentence-type"), [], ["Tree", "path", "Sentence Type"]),
    ],
)
def test_an_ablation_is_visible_in_the_text(ablate, ordinals, absent):
    """A step that was left out is neither asked for nor written, and the others count on (Table III)."""
    text = training_text(a_pair(ablate=ablate))
    assert re.findall(r"^(First|Next|Finally), ", text.chosen, re.MULTILINE) == ordinals
    assert not [word for word in absent for side in (text.prompt, text.chosen, text.rejected) if word in side]


def test_a_path_without_a_tree_is_not_written():
    """Where no tree is built a path is a note of the method; the instruction does not ask for it."""
    pair = a_pair()
    assert "→" not in completion_text(None, pair.chosen.trajectory(), "en")


@given(TREES, TRAJECTORIES)
def test_equal_trajectories_give_equal_texts(tree, trajectory):
    """Which side a trajectory is on leaves no trace in its text."""
    assert completion_text(tree, trajectory, "en") == completion_text(tree, replace(trajectory), "en")


def test_sides_differ_only_where_their_trajectories_differ():
    """The sentence type, one path and its utterance were edited: three lines differ and no other."""
    text = training_text(a_pair())
    pairs = zip(text.chosen.splitlines(), text.rejected.splitlines(), strict=True)
    different = [one for one, other in pairs if one != other]
    assert [line.split(" ")[0] for line in different] == ["[Sentence", "-", "<predict>When"]


def test_no_tree_of_a_training_text_is_a_python_dictionary():
    """The tree in the reasoning is in the layout that the instruction explains, and parses back."""
    pair = a_pair()
    tree = tree_of(pair)
    written = training_text(pair).chosen.split("[User Intent Tree]:\n")[1].split("\n\n")[0]
    assert tree is not None
    assert written == render(tree)
    assert render(parse(written)) == written


def test_the_truth_is_not_in_the_text_of_a_kept_pair():
    """A truth that no trajectory took over appears nowhere."""
    canary = "CANARY-7f3a"
    pair = a_pair()
    marked = pair.model_copy(update={"truth": pair.truth.model_copy(update={"utterance": canary})})
    text = training_text(marked)
    assert canary not in text.prompt + text.chosen + text.rejected


def test_hostile_text_stays_in_its_place():
    """Braces are no fields, tags no tags, and every side has its four predictions."""
    text = training_text(a_hostile_pair())
    for side in (text.chosen, text.rejected):
        assert side.count("</think>") == 1
        assert side.count("<predict>") == side.count("</predict>") == 4
        assert "<|im_end|>" not in side
        assert "{context}" in side
    assert HOSTILE not in text.prompt
