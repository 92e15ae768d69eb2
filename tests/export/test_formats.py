"""Rows have exactly the keys and types that their consumers load."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.export.example import Example, example_of
from proutt.export.formats import FORMATS
from proutt.export.reading import Message, TextPair
from records import a_hostile_pair, a_pair
from row_shapes import SHAPES, shape

PAIRS = [
    a_pair(),
    a_pair(language="zh", branch="high"),
    a_pair(branch="low", ablate=("intent-tree",)),
    a_pair(ablate=("sentence-type",), verification=None),
    a_hostile_pair(),
]
#: A row of somebody else's: a system message and two rounds.
FOREIGN = TextPair(
    id="r1",
    where="other.jsonl:1",
    messages=(
        Message("system", "Be brief."),
        Message("user", "hi"),
        Message("assistant", "yes?"),
        Message("user", "?"),
    ),
    chosen="good",
    rejected="bad",
)
EXAMPLES = [*(example_of(pair) for pair in PAIRS), example_of(FOREIGN)]


def row(name: str, example: Example) -> dict[str, Any]:
    return FORMATS[name].rows(example)[0]


def test_every_format_has_its_shape_here():
    """A new format brings its row of the table; the released shape has a test of its own."""
    assert {*SHAPES, "proutt"} == set(FORMATS)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.texts.id[:5])
def test_rows_have_exactly_these_keys_and_types(name, example):
    """One more key, or a list for an object, and a consumer drops or refuses the row."""
    for each in FORMATS[name].rows(example):
        assert shape(each) == SHAPES[name]


@pytest.mark.parametrize("name", ["trl-kto", "llamafactory-kto"])
def test_kto_has_a_row_for_each_side(name):
    """The chosen side is desirable, the rejected one is not; data without a rejected side has only the first."""
    tag = "label" if name == "trl-kto" else "kto_tag"
    good, bad = FORMATS[name].rows(example_of(FOREIGN))
    assert (good[tag], bad[tag]) == (True, False)
    assert "good" in str(good)
    assert "bad" in str(bad)
    sft = TextPair("r", "f:1", FOREIGN.messages, "good")
    assert [each[tag] for each in FORMATS[name].rows(example_of(sft))] == [True]


@pytest.mark.parametrize("name", [name for name in FORMATS if name.startswith(("llamafactory", "axolotl", "unsloth"))])
def test_a_system_message_is_where_the_consumer_looks_for_it(name):
    """In a column of its own where there is one, else the first message; in no case lost or said twice."""
    own = row(name, example_of(FOREIGN))
    assert str(own).count("Be brief.") == 1
    if "system" in SHAPES[name]:
        assert own["system"] == "Be brief."


def test_roles_are_those_that_the_trainers_expect():
    """The prompt of a run's pair is one user turn; each answer is one assistant turn."""
    example = EXAMPLES[0]
    trl = row("trl-preference", example)
    assert [each[0]["role"] for each in (trl["prompt"], trl["chosen"], trl["rejected"])] == ["user", *["assistant"] * 2]
    assert [len(each) for each in trl.values()] == [1, 1, 1]
    llamafactory = row("llamafactory-preference", example)
    assert [each["from"] for each in llamafactory["conversations"]] == ["human"]
    assert llamafactory["chosen"]["from"] == llamafactory["rejected"]["from"] == "gpt"
    assert [each["role"] for each in row("llamafactory-sft", example)["messages"]] == ["user", "assistant"]
    assert [each["from"] for each in row("unsloth-sharegpt", example)["conversations"]] == ["human", "gpt"]
    assert [each["role"] for each in row("axolotl-orpo", example)["chosen"]] == ["user", "assistant"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.texts.id[:5])
def test_both_sides_of_an_orpo_row_share_their_beginning(example):
    """axolotl takes the prompt from one side and cuts it off both; a `prompt` key would replace every user message."""
    own = row("axolotl-orpo", example)
    assert own["chosen"][:-1] == own["rejected"][:-1]
    assert len(own["chosen"]) % 2 == 0
    assert "prompt" not in own


@pytest.mark.parametrize("name", [name for name in FORMATS if name.endswith(("-sft", "-sharegpt"))])
def test_sft_learns_the_chosen_side(name):
    """SFT rows end with what preference rows call chosen, and the rejected side is nowhere in them."""
    example = EXAMPLES[0]
    own = str(row(name, example))
    assert own.count(repr(example.texts.chosen)[1:-1]) == 1
    assert example.texts.rejected is not None
    assert repr(example.texts.rejected)[1:-1] not in own


@given(st.lists(st.sampled_from(["system", "user", "assistant", "tool"]), max_size=7))
def test_what_a_consumer_would_drop_is_refused(roles):
    """LLaMA-Factory skips rows that don't alternate with no more than a log line, so they are named here instead."""
    example = Example(TextPair("r", "f:1", tuple(Message(role, "x") for role in roles), "good", "bad"))
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    alternates = len(spoken) % 2 == 1 and all(role == ("user", "assistant")[at % 2] for at, role in enumerate(spoken))
    for name, target in FORMATS.items():
        if name.startswith("llamafactory") or name == "axolotl-orpo":
            assert (target.refuses(example) is None) == alternates, name
        else:
            assert (target.refuses(example) is None) == (roles[-1:] == ["user"] and "tool" not in roles), name


@pytest.mark.parametrize("pair", PAIRS)
def test_the_released_shape_has_every_field_in_every_row(pair):
    """Keys never depend on the pair; only a revision may be null."""
    own = row("proutt", example_of(pair))
    assert list(own) == [
        *("sample_id", "item_id", "context", "label", "negative_label", "chat_history", "intent_tree"),
        *("utterance_category_reason", "utterance_category_gt", "insight_reason", "evaluate_reason", "top_sim"),
        *("gt_insight_path", "revised_insight_reason", "usage", "chosen", "rejected"),
    ]
    assert (own["revised_insight_reason"] is None) == (pair.branch == "high")
    for side in (own["chosen"], own["rejected"]):
        assert {"intent_tree", "utterance_category_reason", "insight_reason"} <= set(side)
        assert len(side["insight_reason"]["mining_view"]["predictions"]) == 2
        assert len(side["insight_reason"]["explore_view"]["predictions"]) == 2


def test_the_released_words_replace_ours():
    """Exploitation is Mining there, interrogative is Question; an attribute left open has an empty value."""
    own = row("proutt", example_of(a_pair()))
    assert own["gt_insight_path"]["insight"] == "Mining"
    assert own["gt_insight_path"]["path"] == [{"source_node": "Travel", "target_node": "LastDeparture"}]
    assert own["chosen"]["utterance_category_reason"]["category"] == "Question"
    assert own["rejected"]["utterance_category_reason"]["category"] == "Statement"
    assert own["rejected"]["incorrect_path"] == [{"source_node": "Travel", "target_node": "Pets - dog"}]
    assert own["intent_tree"] == {"Travel": {"Destination": "Lyon", "Fare": ""}}
    assert own["usage"]["total_tokens"] == 1000
