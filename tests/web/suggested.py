"""Predictions of two systems, "system-one" and "system-two", as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation.predictions import prediction, written


def suggested(folder: Path, dialogues: int, *, alike: bool = False, extra: str = "", **more: Any) -> tuple[Path, Path]:
    """Two test cases a dialogue, two suggestions a system. alike: both begin with the same. extra: in every text."""

    def texts(system: str, number: int, k: int) -> Iterable[str]:
        first = f"same {number} {k}" if alike else f"{system}ly {number} {k}"
        return (first + extra, f"other of {system} {number} {k}" + extra)

    one, two = (
        written(
            folder / name / "predictions.jsonl",
            (
                prediction(f"system-{name}", f"d{number}", k, texts(name, number, k), **more)
                for number in range(dialogues)
                for k in (1, 2)
            ),
        )
        for name in ("one", "two")
    )
    return one, two
