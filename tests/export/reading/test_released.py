"""ProUtt's released raw rows become pairs: their words ours, nothing made up."""

from __future__ import annotations

import pytest

from proutt.errors import ItemFailed
from proutt.export.reading.released import METHOD, read_released
from proutt.export.reading.released_words import path_record, perspective_of_view, sentence_type_of
from proutt.export.released import released_row
from proutt.export.text import training_text
from proutt.intent import Perspective, SentenceType
from proutt.methods.record import PathRecord
from records import a_hostile_pair, a_pair
from released_rows import EXPLORE, MINING, REVISED, WRONG, raw_row


def read(**changes):
    return read_released(raw_row(**changes), "LMSYS.jsonl:1")


def test_a_row_becomes_a_pair_in_our_words():
    """Mining is exploitation, Question is interrogative, K counts the context's turns."""
    pair = read()
    assert (pair.method, pair.dialogue_id, pair.k, pair.language) == (METHOD, "7", 2, "en")
    assert pair.source == "LMSYS.jsonl:1"
    assert pair.context.turns[1].user == "How much is it?"
    assert pair.truth.utterance == "When does the last tram leave?"
    assert pair.truth.perspective is Perspective.EXPLOITATION
    assert pair.truth.sentence_type is SentenceType.INTERROGATIVE
    assert pair.chosen.sentence_type is SentenceType.INTERROGATIVE
    assert pair.rejected.sentence_type is SentenceType.DECLARATIVE
    assert [str(path.path()) for path in pair.truth.paths] == ["Travel → LastDeparture", "Travel → Days - Sunday"]


def test_what_a_row_does_not_hold_is_not_made_up():
    """No path a candidate, no turns in the tree, no verification, no models."""
    pair = read()
    assert {candidate.path for side in (pair.chosen, pair.rejected) for candidate in side.candidates} == {None}
    assert {leaf.turn for leaves in (pair.tree or {}).values() for leaf in leaves.values()} == {0}
    assert (pair.verification, pair.verified, pair.models) == (None, None, {})


def test_a_views_reasoning_is_kept_once():
    """One reasoning for two candidates: the first holds it, so that a training text says it once."""
    chosen = read().chosen.candidates
    assert [each.reasoning for each in chosen] == [REVISED["reasoning"], "", EXPLORE["reasoning"], ""]
    assert [each.utterance for each in chosen] == [*REVISED["predictions"], *EXPLORE["predictions"]]
    assert training_text(read()).chosen.count(REVISED["reasoning"]) == 1


def test_scores_go_to_their_candidates_by_the_number_that_the_judge_repeats():
    """A judge that answers in another order is understood; where it repeats no numbers, the order counts."""
    scores = raw_row()["evaluate_reason"]
    for given in (scores, scores[::-1], [{"similarity": each["similarity"]} for each in scores]):
        assert [each.score for each in read(evaluate_reason=given).candidates] == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    ("branch", "chosen", "rejected"),
    [("high", "keep", "perturb"), ("middle", "revise", "perturb"), ("low", "revise", "keep")],
)
def test_branch_and_edits_are_read_off_what_was_edited(branch, chosen, rejected):
    """Both candidates of the truth's view are replaced in an edit, one path each, in the file's order."""
    pair = read(branch=branch)
    assert (pair.branch, pair.chosen_edit.edit, pair.rejected_edit.edit) == (branch, chosen, rejected)
    for edit, names in ((pair.chosen_edit, ["LastDeparture", "Days"]), (pair.rejected_edit, ["Pets", "Lift"])):
        if edit.edit != "keep":
            assert [each.position for each in edit.replaced] == [0, 1]
            assert [each.path and each.path.attribute for each in edit.replaced] == names


def test_the_lower_threshold_is_where_the_file_put_it():
    """At 0.3 the official code edits both sides; the paper's rule would call the same number low."""
    assert read(branch="middle", top_sim=0.3).branch == "middle"
    assert read(branch="low", top_sim=0.3).branch == "low"


def test_an_edit_of_the_exploration_view_has_later_positions():
    """Positions count over all candidates, exploitation first."""
    row = raw_row()
    row["gt_insight_path"] |= {"insight": "Exploration", "path": [{"source_node": "Travel", "target_node": "Zoo-Fee"}]}
    row["chosen"]["insight_reason"] = {"mining_view": MINING, "explore_view": REVISED}
    row["rejected"]["insight_reason"] = {"mining_view": MINING, "explore_view": WRONG}
    pair = read_released(row, "x")
    assert [each.position for each in pair.chosen_edit.replaced] == [2, 3]
    assert pair.truth.paths == [PathRecord(topic="Zoo", attribute="Fee")]


@pytest.mark.parametrize(
    ("source", "target", "perspective", "expected"),
    [
        ("Travel", "LastDeparture", "exploitation", ("Travel", "LastDeparture", None)),
        ("Travel", "Fare - 17 euros", "exploitation", ("Travel", "Fare", "17 euros")),
        ("Travel", "Level (change from 3 to 2)", "exploitation", ("Travel", "Level (change from 3 to 2)", None)),
        ("Travel", "Hotel-Price", "exploration", ("Hotel", "Price", None)),
        ("Travel", "Hotel – Price", "exploration", ("Hotel", "Price", None)),
        ("Travel", "Hotel", "exploration", ("Hotel", None, None)),
        ("Travel", "self-driving cars", "exploration", ("self-driving cars", None, None)),
        ("Hotel", "Price - cheap", "exploration", ("Hotel", "Price", "cheap")),
        ("景点", "门票 - 60元", "exploitation", ("景点", "门票", "60元")),
    ],
)
def test_an_edge_is_a_path(source, target, perspective, expected):
    """In exploration the edge leads to the new topic, unless it begins at one that the tree does not know."""
    path = path_record(source, target, Perspective(perspective), {"Travel": {}, "景点": {}})
    assert path is not None
    assert (path.topic, path.attribute, path.value) == expected


def test_an_edge_without_a_name_is_no_path():
    """A path needs a topic."""
    assert path_record("", "Price", Perspective.EXPLOITATION, {}) is None


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"A": {"b": "c", "d": ""}}, {"A": {"b": "c", "d": None}}),
        ({"A": "c"}, {"A": {"A": "c"}}),
        ({"A": {"b": ["c", 1]}}, {"A": {"b": '["c", 1]'}}),
        ({"A": {}}, {"A": {}}),
    ],
)
def test_trees_that_a_model_wrote_are_read(tree, expected):
    """An empty value is an open one; what is no text becomes one; a bare value keeps its topic's name."""
    read_tree = read(intent_tree=tree).tree or {}
    assert {
        topic: {name: leaf.value for name, leaf in leaves.items()} for topic, leaves in read_tree.items()
    } == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": None}, "label"),
        ({"evaluate_reason": []}, "0 scores for 4 predictions"),
        ({"top_sim": 3}, "top_sim"),
        ({"context": []}, "user says nothing"),
        ({"context": [{"role": "user", "content": "hi"}]}, "does not end with an answer"),
        ({"utterance_category_gt": {"predicted_category": "Poem"}}, "not Statement, Question or Instruction"),
        ({"chosen": {}}, "chosen"),
        ({"sample_id": " "}, "sample_id"),
    ],
)
def test_a_row_that_is_none_names_its_field(changes, message):
    """One bad row of ten thousand must be found."""
    with pytest.raises(ItemFailed, match=message):
        read(**changes)


@pytest.mark.parametrize("word", ["Mining", "mining view", " Exploitation ", "挖掘视角"])
def test_a_view_is_known_by_several_names(word):
    """Models write what they were asked for, more or less."""
    assert perspective_of_view(word, "insight") is Perspective.EXPLOITATION


@pytest.mark.parametrize("word", ["Question", "question.", "疑问句", "INTERROGATIVE"])
def test_a_category_is_known_by_several_names(word):
    """In any case, with a full stop, in Chinese."""
    assert sentence_type_of(word, "category") is SentenceType.INTERROGATIVE


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("branch", ["high", "middle", "low"])
def test_what_we_export_in_the_released_shape_comes_back(language, branch):
    """Truth, utterances, types, edited positions, scores and branch survive the way out and in."""
    pair = a_pair(language=language, branch=branch)
    back = read_released(released_row(pair), "x")
    assert (back.dialogue_id, back.k, back.language, back.branch) == (pair.dialogue_id, pair.k, language, branch)
    assert back.context == pair.context
    assert back.truth == pair.truth
    for side in ("chosen", "rejected"):
        ours, theirs = getattr(pair, side), getattr(back, side)
        assert theirs.sentence_type == ours.sentence_type
        assert [each.utterance for each in theirs.candidates] == [each.utterance for each in ours.candidates]
        edit = getattr(pair, f"{side}_edit")
        assert getattr(back, f"{side}_edit").edit == edit.edit
    assert [each.score for each in back.candidates] == [each.score for each in pair.candidates]


@pytest.mark.parametrize("ablate", [("intent-tree",), ("sentence-type",)])
def test_an_ablated_pair_comes_back(ablate):
    """Without types there is none on either side; without trees the tree is empty."""
    pair = a_pair(ablate=ablate)
    back = read_released(released_row(pair), "x")
    assert back.chosen.sentence_type == pair.chosen.sentence_type
    assert back.truth.sentence_type == pair.truth.sentence_type


def test_hostile_text_comes_back():
    """Nothing in a dialogue is a field name."""
    pair = a_hostile_pair()
    back = read_released(released_row(pair), "x")
    assert [each.utterance for each in back.chosen.candidates] == [each.utterance for each in pair.chosen.candidates]
