"""What `proutt export` says and refuses where it takes feedback in place of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.export.feedback import FeedbackReport
    from proutt.export.prompt import Instruction
    from proutt.export.reading import TextPair


def source(run: str | None, from_feedback: Path | None, out: Path | None) -> str:
    """What is exported, as the user calls it. Raises UserError where that is nothing, or two things."""
    if (run is None) == (from_feedback is None):
        raise UserError("name a run or a file, or --from-feedback FILE: one of them.", where="export")
    if from_feedback is None:
        return run or ""
    if out is None:
        raise UserError("there is no folder to write into.", where=str(from_feedback), remedy="Name one with --out.")
    return str(from_feedback)


def refuse_check_alone() -> None:
    """Raise UserError for --check of feedback without a format."""
    remedy = "Give --to FORMAT and --out DIR; what is written is checked then."
    raise UserError("feedback is no training file yet.", where="--check", remedy=remedy)


def pairs_of(path: Path, told: FeedbackReport, instruction: Instruction) -> Iterator[TextPair]:
    """The pairs of a feedback file. Raises UserError, at its end, where no line has made one."""
    from proutt.export.feedback import feedback_pairs

    yield from feedback_pairs(path, told, instruction=instruction)
    if told.pairs == 0:
        where = str(path) if told.first_unreadable is None else f"{path}:{told.first_unreadable}"
        remedy = "Give the file that proutt serve --feedback wrote; docs/serve.md says what makes a pair."
        raise UserError(f"nothing to export. {said(told)}.", where=where, remedy=remedy)


def said(report: FeedbackReport) -> str:
    """What became of the feedback's lines."""
    without = ", ".join(f"{count} {reason}" for reason, count in sorted(report.no_pair.items()))
    return f"Feedback: {report.lines} lines, {report.pairs} pairs" + (f"; without: {without}" if without else "")
