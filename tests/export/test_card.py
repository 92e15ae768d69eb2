"""The card is one that the hub's library takes, says what the data is, and names no licence."""

from __future__ import annotations

import pytest

from proutt.export import FORMATS, ExportSettings, export_pairs
from proutt.export.card import card_text
from records import a_hostile_pair, a_pair

PAIRS = [a_pair(), a_pair(dialogue_id="d2", language="zh"), a_pair(dialogue_id="d3", verified=False), a_hostile_pair()]
#: The hub's names for sizes, https://huggingface.co/docs/hub/datasets-cards; ours go no further.
SIZES = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B"]


@pytest.fixture
def hub():
    return pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: pip install 'proutt[hub]'")


@pytest.mark.parametrize("name", FORMATS)
def test_the_hubs_library_reads_every_card(hub, name, tmp_path):
    """Its front matter has the hub's own keys and values, and comes back as it was written."""
    export_pairs(PAIRS, tmp_path, ExportSettings(name))
    card = hub.DatasetCard.load(tmp_path / "README.md")
    known = set(vars(hub.DatasetCardData()))
    data = card.data.to_dict()
    assert set(data) <= known | {"configs", "tags"}
    assert data["language"] == ["en", "zh"]
    assert data["size_categories"] == ["n<1K"]
    assert data["task_categories"] == ["text-generation"]
    assert "license" not in data
    assert hub.DatasetCard(str(card)).data.to_dict() == data


def test_the_card_says_how_the_data_was_made(tmp_path):
    """Counts, models, judge, prompt version, what was left out; and that audits and the licence are left to do."""
    export_pairs(PAIRS, tmp_path, ExportSettings("trl-preference"))
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for said in (
        "| train | 3 |",
        "3 of 4 (left out: 1 not verified)",
        "judge: local",
        "judges: llm",
        "abc123",
        "middle 3",
        "en 2, zh 1",
        "`proutt audit`",
        "# license: left to you",
        "`dpo.yaml`",
    ):
        assert said in text, said


def test_names_of_models_are_no_markup(tmp_path):
    """A model's name comes from a server; in the card it is text."""
    export_pairs([a_pair(models={"judge": "[x](http://e.vil) <b>\n# x"})], tmp_path, ExportSettings("trl-sft"))
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert r"\[x\](http://e.vil) \<b\> \# x" in text
    assert "\n# x" not in text


@pytest.mark.parametrize(("rows", "size"), [(999, 0), (1000, 1), (99_999, 2), (10**6, 4), (10**8, 6)])
def test_sizes_are_the_hubs(hub, rows, size, tmp_path):
    """Every count falls into the class that the hub has for it."""
    manifest = export_pairs([a_pair()], tmp_path, ExportSettings("trl-sft"))
    manifest["files"]["train.jsonl"]["rows"] = rows
    assert hub.DatasetCard(card_text(manifest, [])).data.size_categories == [SIZES[size]]


def test_languages_that_are_none_are_left_out(hub, tmp_path):
    """The hub refuses a card whose language it does not know."""
    pairs = [a_pair(language="und"), a_pair(dialogue_id="d2", language="pt-BR?"), a_pair(dialogue_id="d3")]
    export_pairs(pairs, tmp_path, ExportSettings("trl-sft"))
    assert hub.DatasetCard.load(tmp_path / "README.md").data.language == ["en"]
