"""A small experiment on SynPT over a scripted endpoint, as a file: dialogues made, and prompted models measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments.loop import write
from servers.mining import TASKS, mining_answer, seeds_at
from servers.synpt_answers import synpt_answer

#: What of a request's model says who is asked.
MAKER = "maker"


def answer(body: dict[str, Any]) -> str:
    """The maker's model makes dialogues; every other one is tested, or plays the user."""
    return synpt_answer(body) if body["model"] == MAKER else mining_answer(body)


def synpt_experiment(folder: Path, url: str, **more: Any) -> Path:
    """Two arms that make dialogues, of all seeds and of some, and two prompted models; nothing is trained."""
    (folder / "tasks.yaml").write_text(TASKS, encoding="utf-8")
    seeds_at(folder / "seeds.jsonl", 8)
    seeds_at(folder / "test.jsonl", 5)
    said: dict[str, Any] = {
        "title": "A small loop of SynPT",
        "models": {name: {"model": name, "base_url": url} for name in (MAKER, "user", "judge", "one", "other")},
        "data": {name: {"files": f"{name}.jsonl", "tasks": "tasks.yaml"} for name in ("seeds", "test")}
        | {"people": None},
        "people": ["people"],
        "defaults": {
            "simulate": {"from": ["seeds"], "model": MAKER, "small_steps": False},
            "audit": {},
            "mining": {"from": ["test"]},
        },
        "arms": {
            "all": {"mining": None},
            "half": {"simulate": {"share": 0.5}, "mining": None},
            "one": {"simulate": None, "mining": {"model": "one"}},
            "other": {"simulate": None, "mining": {"model": "other"}},
        },
        "paper": {
            "where": "Table 0",
            "data": {"test": "120 test cases"},
            "numbers": {"one": {"vagueness": 84.17, "summary-human": 93.33}, "all": {"synthesis-tokens": 8017}},
        },
    }
    return write(folder / "synpt.yaml", {**said, **more})


def synpt_training(folder: Path, url: str, base: Path) -> Path:
    """Two trainings of a tiny base on the same dialogues; the scripted endpoint answers for the merged models."""
    small = {"accumulation": 1, "lora_rank": 4, "device": "cpu", "max_steps": 1}
    return synpt_experiment(
        folder,
        url,
        models={name: {"model": name, "base_url": url} for name in (MAKER, "user", "judge", "served")}
        | {"base": str(base)},
        defaults={
            "simulate": {"from": ["seeds"], "model": MAKER, "share": 0.5},
            "sft": small,
            "serve": {"form": "merged"},
            "mining": {"from": ["test"], "runs": 2},
        },
        arms={"SynPT": None},
    )
