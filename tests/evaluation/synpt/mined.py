"""Dialogues of a model under test, as an evaluation stores them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from proutt.evaluation.synpt.record import EvaluatedDialogue, ReplyRecord, TurnRecord
from proutt.methods.record import UsageRecord


def dialogue(
    seed: str,
    system: str = "mine",
    repeat: int = 1,
    *,
    right: bool = True,
    turns: int = 2,
    said: Sequence[TurnRecord] = (),
    **more: object,
) -> EvaluatedDialogue:
    """One of two intentions, of which the first words tell one. said: its turns, where they matter."""
    usage = UsageRecord(calls=turns, prompt_tokens=90, completion_tokens=10)
    facts = {
        "seed_id": seed, "repeat": repeat, "system": system, "subject": "plain", "task": "trip", "language": "en",
        "part": "some", "told": ["a"], "values": {"a": "1", "b": "2"}, "names": {"a": "A", "b": "B"},
        "any_value": "any", "end": "summary", "decided_by": "judge", "vagueness_right": right, "mined": right,
        "summary_right": right, "models": {"assistant-agent": "m"}, "usage": usage, "usage_of_others": usage,
        "turns": said or [TurnRecord(user=f"hello {seed}", reply=ReplyRecord(text="?"))] * turns,
    }  # fmt: skip
    return EvaluatedDialogue.model_validate({**facts, **more})


def stored(folder: Path, *dialogues: EvaluatedDialogue) -> Path:
    """An evaluation's folder with these."""
    folder.mkdir()
    lines = "".join(each.model_dump_json() + "\n" for each in dialogues)
    (folder / "evaluated.jsonl").write_text(lines, encoding="utf-8")
    return folder
