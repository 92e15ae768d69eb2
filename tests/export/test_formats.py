"""Rows have exactly the keys and types that their consumers load."""

from __future__ import annotations

from typing import Any

import pytest

from proutt.export.formats import FORMATS
from proutt.export.text import training_text
from records import a_hostile_pair, a_pair

PAIRS = [
    a_pair(),
    a_pair(language="zh", branch="high"),
    a_pair(branch="low", ablate=("intent-tree",)),
    a_pair(ablate=("sentence-type",), verification=None),
    a_hostile_pair(),
]


def shape(value: Any) -> Any:
    """The keys and types of a JSON value; a list is its elements' shapes, each once."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        shapes = [shape(each) for each in value]
        return [each for index, each in enumerate(shapes) if each not in shapes[:index]]
    return type(value).__name__


MESSAGE = [{"role": "str", "content": "str"}]
TURN = {"from": "str", "value": "str"}
SHAPES = {
    "trl-preference": {"prompt": MESSAGE, "chosen": MESSAGE, "rejected": MESSAGE},
    "trl-sft": {"prompt": MESSAGE, "completion": MESSAGE},
    "llamafactory-preference": {"conversations": [TURN], "system": "str", "chosen": TURN, "rejected": TURN},
    "llamafactory-sft": {"messages": MESSAGE},
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("pair", PAIRS)
def test_rows_have_exactly_these_keys_and_types(name, pair):
    """One more key, or a list for an object, and a consumer drops or refuses the row."""
    assert shape(FORMATS[name].row(pair, training_text(pair))) == SHAPES[name]


@pytest.mark.parametrize("pair", PAIRS)
def test_roles_are_those_that_the_trainers_expect(pair):
    """The prompt is one user turn; each answer is one assistant turn."""
    text = training_text(pair)
    trl = FORMATS["trl-preference"].row(pair, text)
    assert [each[0]["role"] for each in (trl["prompt"], trl["chosen"], trl["rejected"])] == ["user", *["assistant"] * 2]
    assert [len(each) for each in trl.values()] == [1, 1, 1]
    llamafactory = FORMATS["llamafactory-preference"].row(pair, text)
    assert [each["from"] for each in llamafactory["conversations"]] == ["human"]
    assert llamafactory["chosen"]["from"] == llamafactory["rejected"]["from"] == "gpt"
    sft = FORMATS["llamafactory-sft"].row(pair, text)
    assert [each["role"] for each in sft["messages"]] == ["user", "assistant"]


def test_sft_learns_the_chosen_side():
    """SFT rows hold what preference rows call chosen."""
    pair, text = PAIRS[0], training_text(PAIRS[0])
    assert FORMATS["trl-sft"].row(pair, text)["completion"] == FORMATS["trl-preference"].row(pair, text)["chosen"]
    assert FORMATS["llamafactory-sft"].row(pair, text)["messages"][1]["content"] == text.chosen


@pytest.mark.parametrize("name", ["llamafactory-preference", "llamafactory-sft"])
def test_dataset_info_names_every_column_and_tag(name):
    """What is not named is None there: then system prompts vanish and every role is invalid."""
    target = FORMATS[name]
    assert target.entry is not None
    entry, row = target.entry("train.jsonl"), target.row(PAIRS[0], training_text(PAIRS[0]))
    assert entry["file_name"] == "train.jsonl"
    assert entry["formatting"] == "sharegpt"
    assert set(entry["columns"].values()) == set(row)
    assert set(entry["tags"]) == {
        *("role_tag", "content_tag", "user_tag", "assistant_tag", "observation_tag", "function_tag", "system_tag")
    }
    turn = row[entry["columns"]["messages"]][0]
    assert turn[entry["tags"]["role_tag"]] == entry["tags"]["user_tag"]
    assert turn[entry["tags"]["content_tag"]]


def test_only_preference_entries_rank():
    """Without `ranking` LLaMA-Factory takes preference rows for SFT; with it, the other way round."""
    entries = {name: target.entry("f") for name, target in FORMATS.items() if target.entry}
    assert entries["llamafactory-preference"]["ranking"] is True
    assert "ranking" not in entries["llamafactory-sft"]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_released_shape_has_every_field_in_every_row(pair):
    """Keys never depend on the pair; only a revision may be null."""
    row = FORMATS["proutt"].row(pair, training_text(pair))
    assert list(row) == [
        *("sample_id", "item_id", "context", "label", "negative_label", "chat_history", "intent_tree"),
        *("utterance_category_reason", "utterance_category_gt", "insight_reason", "evaluate_reason", "top_sim"),
        *("gt_insight_path", "revised_insight_reason", "usage", "chosen", "rejected"),
    ]
    assert (row["revised_insight_reason"] is None) == (pair.branch == "high")
    for side in (row["chosen"], row["rejected"]):
        assert {"intent_tree", "utterance_category_reason", "insight_reason"} <= set(side)
        assert len(side["insight_reason"]["mining_view"]["predictions"]) == 2
        assert len(side["insight_reason"]["explore_view"]["predictions"]) == 2


def test_the_released_words_replace_ours():
    """Exploitation is Mining there, interrogative is Question; an attribute left open has an empty value."""
    row = FORMATS["proutt"].row(a_pair(), training_text(a_pair()))
    assert row["gt_insight_path"]["insight"] == "Mining"
    assert row["gt_insight_path"]["path"] == [{"source_node": "Travel", "target_node": "LastDeparture"}]
    assert row["chosen"]["utterance_category_reason"]["category"] == "Question"
    assert row["rejected"]["utterance_category_reason"]["category"] == "Statement"
    assert row["rejected"]["incorrect_path"] == [{"source_node": "Travel", "target_node": "Pets - dog"}]
    assert row["intent_tree"] == {"Travel": {"Destination": "Lyon", "Fare": ""}}
    assert row["usage"]["total_tokens"] == 1000
