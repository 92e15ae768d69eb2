"""How long initial inquiries are (VI-C): what probability control is to spread. Pure but for reading a run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import read_lines
from proutt.evaluation.tables import Table
from proutt.methods.synpt.record import SynPTDialogue
from proutt.runs.directory import DIALOGUES

#: A word of a language that has spaces, or one Han character, kana or Hangul syllable.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’]\w+)?"
)


def word_length(text: str) -> int:
    """Words of a text; each character counts in scripts without spaces."""
    return len(_WORD.findall(text))


def lengths_in(path: Path) -> list[int]:
    """The lengths of a run's initial inquiries, or of a dialogues.jsonl. Raises UserError."""
    file = path / DIALOGUES if path.is_dir() else path
    found = [word_length(each.turns[0].user.utterance) for each in read_lines(file, SynPTDialogue) if each.turns]
    if not found:
        raise UserError("holds no dialogue.", where=str(file), remedy="Name a run of proutt simulate synpt.")
    return found


def spread_of(lengths: Sequence[int]) -> dict[str, float]:
    """n, mean, standard deviation and quartiles."""
    import numpy as np

    low, middle, high = (float(each) for each in np.quantile(lengths, (0.25, 0.5, 0.75)))
    mean = math.fsum(lengths) / len(lengths)
    deviation = math.sqrt(math.fsum((each - mean) ** 2 for each in lengths) / max(len(lengths) - 1, 1))
    return {"n": len(lengths), "mean": mean, "deviation": deviation, "q1": low, "median": middle, "q3": high}


def lengths_table(spreads: Mapping[str, Mapping[str, Any]]) -> Table:
    """A row a run."""
    rows = [
        (name, str(each["n"]), *(f"{each[key]:.1f}" for key in ("mean", "deviation", "q1", "median", "q3")))
        for name, each in spreads.items()
    ]
    return Table(
        "synpt-lengths",
        "Lengths of initial inquiries",
        ("run", "inquiries", "mean", "deviation", "first quartile", "median", "third quartile"),
        tuple(rows),
        "Words; in scripts without spaces, characters.",
    )
