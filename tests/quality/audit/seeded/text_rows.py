"""The same rows as files of texts alone: what a trainer's data holds of a pair, written and read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from proutt.export.reading import subjects_in
from proutt.quality.audit import Subject


def _trl(row: Subject) -> dict[str, Any]:
    assert row.rejected is not None
    return {
        "prompt": [{"role": "user", "content": row.prompt}],
        "chosen": [{"role": "assistant", "content": row.chosen.text}],
        "rejected": [{"role": "assistant", "content": row.rejected.text}],
    }


def _llama_factory(row: Subject) -> dict[str, Any]:
    assert row.rejected is not None
    return {
        "conversations": [{"from": "human", "value": row.prompt}],
        "system": "",
        "chosen": {"from": "gpt", "value": row.chosen.text},
        "rejected": {"from": "gpt", "value": row.rejected.text},
    }


FORMATS: dict[str, Callable[[Subject], dict[str, Any]]] = {"TRL": _trl, "LLaMA-Factory": _llama_factory}


def read_back(rows: Sequence[Subject], format: str, folder: Path) -> list[Subject]:
    """The rows after a file of that format; which part of a split a row is in, its file's name would say."""
    file = folder / "rows.jsonl"
    lines = (json.dumps(FORMATS[format](row), ensure_ascii=False) for row in rows)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [replace(read, part=row.part) for read, row in zip(subjects_in(str(file)), rows, strict=True)]
