"""Reading the pairs of a run, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from proutt.errors import UserError
from proutt.methods.record import PreferencePair

PAIRS = "pairs.jsonl"
JOURNAL = "journal.sqlite"


def pairs_file(run: Path) -> Path:
    """The `pairs.jsonl` of a run directory, or the file itself. Raises UserError where there is none."""
    path = run / PAIRS if run.is_dir() else run
    if run.is_dir() and not path.is_file() and (run / JOURNAL).exists():
        raise UserError(
            "this run is not finished: its pairs or dialogues come when it ends or is stopped.",
            where=str(run),
            remedy="Where none is at work, give its command again.",
        )
    if not path.is_file():
        raise UserError(
            "there is no pairs.jsonl here.", where=str(run), remedy="Name the --out directory of `proutt synthesize`."
        )
    return path


def read_pairs(run: Path) -> Iterator[PreferencePair]:
    """Every pair of a run directory (or of a `pairs.jsonl` named directly), in order, one at a time.

    Raises UserError, naming file and line, where there is no such file or a line is not a pair.
    """
    path = pairs_file(run)
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield PreferencePair.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"]) or "the line"
                raise UserError(
                    f"not a preference pair: {place}: {first['msg']}.",
                    where=f"{path}:{number}",
                    remedy="Make the file again with the `proutt synthesize` command of its run.",
                ) from None
