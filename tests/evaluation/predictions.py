"""Predictions made by hand, and a server that judges them by simple rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from proutt.methods.record import ContextRecord, TurnRecord, UsageRecord
from proutt.prediction.record import PredictionRecord, SuggestionRecord


def prediction(
    system: str,
    dialogue: str,
    k: int,
    said: Iterable[str],
    *,
    truth: str | None = None,
    language: str = "en",
    source: str = "chats.jsonl:1",
    model: str = "acme-7b",
) -> PredictionRecord:
    """What a system suggests; the truth names the dialogue and K unless it is given."""
    turns = [TurnRecord(user=f"asked {dialogue} {each}", assistant=f"answered {each}") for each in range(1, k + 1)]
    return PredictionRecord(
        dialogue_id=dialogue,
        k=k,
        language=language,
        source=source,
        context=ContextRecord(turns=turns),
        truth=f"truth of {dialogue} {k}" if truth is None else truth,
        system=system,
        method="prompt",
        model=model,
        suggestions=[SuggestionRecord(text=each) for each in said],
        usage=UsageRecord(calls=1, prompt_tokens=1, completion_tokens=1),
    )


def predictions(
    system: str, right: Callable[[int, int], bool], *, dialogues: int = 12, **more: Any
) -> list[PredictionRecord]:
    """Two test cases a dialogue; one of four suggestions is "right" where the rule says so, the others never."""
    return [
        prediction(
            system,
            f"d{number}",
            k,
            [
                f"{'rightly' if right(number, k) and rank == 2 else 'wrong'} {system} {number} {k} {rank}"
                for rank in range(4)
            ],
            **more,
        )
        for number in range(dialogues)
        for k in (1, 2)
    ]


def written(path: Path, records: Iterable[PredictionRecord]) -> Path:
    """The records as a predictions.jsonl."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(each.model_dump_json() + "\n" for each in records), encoding="utf-8")
    return path


def _quoted_after(prompt: str, heading: str) -> list[str]:
    """The quoted lines that follow a heading of the instruction."""
    rest = prompt.rpartition(heading)[2].partition("\n\n")[0]
    return [line.removeprefix("> ").split(". > ")[-1] for line in rest.strip().splitlines()]


def scores_right_high(body: dict[str, Any]) -> str:
    """A judge: 0.9 for a suggestion that says "right", else 0.2; of two lists the one that says so, else a tie."""
    prompt = body["messages"][-1]["content"]
    if "First list of predictions:" in prompt:
        first, second = (any("right" in each for each in _quoted_after(prompt, f"{name} list of predictions:\n"))
                         for name in ("First", "Second"))  # fmt: skip
        return verdict("tie" if first == second else "first" if first else "second")
    said = re.findall(r"^\d+\. > (.*)$", prompt, flags=re.M)
    return json.dumps({"verdicts": [{"reason": "r", "score": 0.9 if "right" in each else 0.2} for each in said]})


def prefers_first(body: dict[str, Any]) -> str:
    """A judge that always prefers what it reads first."""
    return verdict("first")


def verdict(nearer: str) -> str:
    return json.dumps({"reason": "r", "nearer": nearer})
