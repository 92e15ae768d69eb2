"""What users did with suggestions as preference pairs: taken, or said instead, over shown and passed by.

A pair holds one prediction on each side, under an instruction that asks for one: nobody said anything of the others, of
their order or of the reasoning. What makes no pair is counted by reason (docs/serve.md, "Feedback").
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from proutt.dialogue import Context, Turn
from proutt.errors import UserError
from proutt.export.prompt import Instruction, Outline, prompt_text
from proutt.export.reading.textpair import Message, TextPair
from proutt.export.text import completion_text
from proutt.intent import Candidate, Perspective, SentenceType, Trajectory, near, normal
from proutt.methods.record import ContextRecord, PathRecord, Record

FEEDBACK_VERSION = 1
#: One prediction, thought of without a tree, a type or perspectives.
_ONE = Outline(tree=False, sentence_type=False, exploitation=0, exploration=0, plain=1)

#: reason → what it means; the table of docs/serve.md is checked against it
NO_PAIR = {
    "nothing-sent": "the user took nothing and sent nothing, so nobody knows what they wanted",
    "nothing-passed-by": "every suggestion shown was the one taken, or says nearly the same",
    "seen-before": "the same chat, chosen and rejected were there before",
    "unreadable": "the line is not one that `proutt serve --feedback` writes",
}


class SuggestedRecord(Record):
    """A suggestion as it was given."""

    text: str = Field(min_length=1)
    perspective: Perspective | None = None
    sentence_type: SentenceType | None = None
    score: float | None = Field(None, ge=0, le=1)
    path: PathRecord | None = None


class FeedbackRecord(Record):
    """One line of a feedback file."""

    version: int = FEEDBACK_VERSION
    id: str
    at: str = Field(description="when it came, UTC")
    language: str
    context: ContextRecord
    suggestions: list[SuggestedRecord]
    shown: list[int] = Field(description="indexes of those that the user saw")
    taken: int | None = Field(description="index of the one that the user took")
    sent: str | None = Field(description="what the user then sent")
    method: str
    model: str


@dataclass
class FeedbackReport:
    """What became of a file's lines. pairs: rows made; no_pair: reason of `NO_PAIR` → lines, doubles: rows.

    first_unreadable: the first line, from 1, that is no feedback.
    """

    lines: int = 0
    pairs: int = 0
    no_pair: Counter[str] = field(default_factory=Counter)
    first_unreadable: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wanted, and what they saw and passed by; either may be missing."""

    chosen: str | None
    rejected: tuple[str, ...]


def wanted_in(record: FeedbackRecord) -> Wanted:
    """What one feedback says.

    What was sent counts before what was taken, for a user may take a suggestion and mend it. A shown suggestion that
    says nearly what was chosen was not passed by, nor was the one that was taken and mended.
    """
    taken = None if record.taken is None else record.suggestions[record.taken].text
    chosen = record.sent if record.sent is not None and normal(record.sent) else taken
    if chosen is None:
        return Wanted(None, ())
    shown = dict.fromkeys(index for index in record.shown if index != record.taken)
    texts = (record.suggestions[index].text for index in shown)
    return Wanted(chosen, tuple(text for text in texts if not near(text, chosen)))


def feedback_pairs(
    path: Path, report: FeedbackReport, *, instruction: Instruction = "structured"
) -> Iterator[TextPair]:
    """The pairs of a feedback file, in order; what makes none is counted in the report. Raises UserError."""
    seen: set[bytes] = set()
    for number, line in _lines(path):
        report.lines += 1
        record = _record(line)
        if record is None:
            report.no_pair["unreadable"] += 1
            report.first_unreadable = report.first_unreadable or number
            continue
        wanted = wanted_in(record)
        if wanted.chosen is None or not wanted.rejected:
            report.no_pair["nothing-sent" if wanted.chosen is None else "nothing-passed-by"] += 1
            continue
        prompt = prompt_text(_context(record), instruction=instruction, outline=_ONE)
        for rejected in wanted.rejected:
            key = hashlib.sha256(json.dumps([prompt, wanted.chosen, rejected]).encode()).digest()[:16]
            if key in seen:
                report.no_pair["seen-before"] += 1
                continue
            seen.add(key)
            report.pairs += 1
            yield TextPair(
                id=f"{record.id}:{report.pairs}",
                where=f"{path.name}:{number}",
                messages=(Message("user", prompt),),
                chosen=_completion(wanted.chosen, record.language),
                rejected=_completion(rejected, record.language),
                dialogue_id=_dialogue_id(record),
                k=len(record.context.turns),
                language=record.language,
            )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that hold anything, by their number in the file, from 1."""
    try:
        with path.open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, start=1) if line.strip())
    except OSError as error:
        remedy = "Give the file that proutt serve --feedback wrote."
        raise UserError(f"can't be read ({error.strerror}).", where=str(path), remedy=remedy) from error


def _record(line: bytes) -> FeedbackRecord | None:
    try:
        record = FeedbackRecord.model_validate_json(line)
    except ValidationError:
        return None
    named = [*record.shown, *([] if record.taken is None else [record.taken])]
    return record if record.context.turns and all(0 <= each < len(record.suggestions) for each in named) else None


def _context(record: FeedbackRecord) -> Context:
    turns = tuple(Turn(turn.user, turn.assistant) for turn in record.context.turns)
    return Context(_dialogue_id(record), record.language, turns, record.context.opening)


def _dialogue_id(record: FeedbackRecord) -> str:
    """The same for every feedback of one chat, so that a split keeps them together: how the chat began."""
    first = record.context.turns[0]
    began = json.dumps([record.context.opening, first.user, first.assistant])
    return f"chat-{hashlib.sha256(began.encode()).hexdigest()[:16]}"


def _completion(said: str, language: str) -> str:
    return completion_text(None, Trajectory(None, None, (Candidate(None, "", None, said),)), language)
