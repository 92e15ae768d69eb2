"""The model card and the curves: made of record and log alone, without torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from proutt.training.card import card_text
from proutt.training.curves import draw_curves
from proutt.training.record import result_of
from proutt.training.settings import TrainSettings, stage_of

LOG = [
    {"step": 1, "loss": 2.0, "mean_token_accuracy": 0.5},
    {"step": 2, "loss": 1.0, "mean_token_accuracy": 0.75},
    {"step": 2, "train_runtime": 12.5, "train_loss": 1.5},
]
ALIGNED = [
    {"step": 1, "loss": 0.69, "rewards/margins": 0.0, "rewards/accuracies": 0.0},
    {"step": 2, "loss": 0.4, "rewards/margins": 0.7, "rewards/accuracies": 1.0},
]


def record(base: str = "local:tiny", data: str = "runs/a*b") -> dict[str, object]:
    stage = {"pairs_read": 14, "left_out": {"not verified": 2}, "rows_trained_on": 11, "max_length": 900}
    stage |= {"dropped": 0, "truncated": 1, "steps": 2}
    return {
        "proutt": "0.1.0",
        "settings": TrainSettings(base, (stage_of("sft"), stage_of("dpo"))).as_json(),
        "data": {"name": data, "sha256": {"trl-sft": "ab" * 32, "trl-preference": "cd" * 32}},
        "base": {"name": base, "identity": "local (SmolLM2, b179c952)", "licence": "Apache-2.0"},
        "versions": {"trl": "1.16.0"},
        "plan": {
            "device": "cpu",
            "precision": "float32",
            "devices": 2,
            "stages": [{**stage, "method": "sft"}, {**stage, "method": "dpo"}],
        },
        "results": [result_of("sft", LOG, 11), result_of("dpo", ALIGNED, 11)],
    }


def test_results_are_the_ends_of_the_log():
    """First and last tenth; a measure that a trainer does not have is left out."""
    sft, dpo = result_of("sft", LOG, 11), result_of("dpo", ALIGNED, 11)
    assert sft["measures"] == {"loss": {"first": 2.0, "last": 1.0}, "token_accuracy": {"first": 0.5, "last": 0.75}}
    assert dpo["measures"]["margin"] == {"first": 0.0, "last": 0.7}
    assert (sft["steps"], sft["seconds_of_last_session"]) == (2, 12.5)


def test_the_card_says_data_recipe_results_and_licence():
    """What was left out, the batch over both devices, the ends of each measure."""
    card = card_text(record())
    assert "11 rows of 14 pairs (left out: 2 not verified); 1 rows longer than 900 tokens left out" in card
    assert "| 2 | DPO | 1 | 2 | 5e-06 | 0.1 |" in card
    assert "Batch 16, loss on the completion only" in card
    assert "| DPO | 11 | 2 | margin | 0 | 0.7 |" in card
    assert "Base: Apache-2.0." in card


def test_names_of_others_are_no_markup_in_the_card():
    """And a path of this machine is not in it, only its last name."""
    assert "- from: a\\*b" in card_text(record(data="/home/me/runs/a*b"))
    assert "/home/me" not in card_text(record(data="/home/me/runs/a*b"))


@pytest.mark.parametrize(("base", "named"), [("Qwen/Qwen3-8B", "Qwen/Qwen3-8B"), ("local:tiny", None)])
def test_the_front_matter_names_the_base_where_the_hub_has_it(base, named):
    """The hub links what it knows."""
    front = yaml.safe_load(card_text(record(base)).split("---")[1])
    assert front.get("base_model") == named
    assert front["library_name"] == "peft"
    assert {"sft", "dpo"} < set(front["tags"])


def test_the_same_log_draws_the_same_curves(tmp_path):
    """A panel for each measure that a stage has, none for those it lacks."""
    pytest.importorskip("matplotlib")
    drawn = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        assert [path.name for path in draw_curves({"1-sft": LOG, "2-dpo": ALIGNED}, folder)] == [
            "curves.svg",
            "curves.png",
        ]
        drawn.append((folder / "curves.svg").read_bytes())
    assert drawn[0] == drawn[1]
    for title in ("1-sft: loss", "1-sft: accuracy of tokens", "2-dpo: margin", "2-dpo: accuracy of preferences"):
        assert title.encode() in drawn[0]
    assert b"1-sft: margin" not in drawn[0]


def test_a_log_without_steps_draws_nothing(tmp_path: Path):
    """A training that ended at once is no error."""
    pytest.importorskip("matplotlib")
    assert draw_curves({"1-sft": []}, tmp_path) == []
