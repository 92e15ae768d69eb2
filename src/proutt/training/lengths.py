"""How long each row is for the base, and which rows fit: counted as TRL prepares them, with the base's own template.

What does not fit would lose its end in training, and there the `<predict>` lines stand; or the trainer would drop it
and say nothing. So nothing is ever cut here: a row fits whole or is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.check.finding_templates import template_named
from proutt.export.check.losses import MEANING, Loss, losses_of
from proutt.export.check.prepared import Conversation, Prepared, Setting
from proutt.export.check.template import TemplateRefused
from proutt.export.check.trl import completion_conversation, preference_conversation, prepare
from proutt.export.check.vocabulary import vocabulary_named

#: Longer than any row: lengths are counted before anything is cut.
_NO_LIMIT = 1 << 40
#: What a template may do to a row that no length cures.
_SPOILT = (Loss.PREFIX, Loss.REASONING, Loss.ANSWER, Loss.DOUBLED, Loss.FORGED)


@dataclass(frozen=True, slots=True)
class RowLength:
    """Tokens of one row.

    prompt    before the completion, the template's own included
    longest   prompt and the longer completion; total: every token computed, prompt counted for each completion
    predicts  a completion has `<predict>` lines, at its end
    """

    prompt: int
    longest: int
    total: int
    predicts: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """What a maximum length means for the rows.

    keep          a flag a row: it fits whole
    dropped       rows whose prompt alone fills the length: a trainer would drop them and say nothing
    truncated     rows that would lose the end of a completion
    predict_lost  of these, those that would lose `<predict>` lines
    tokens        of the rows that are kept, every one computed in an epoch
    longest       tokens of the longest row that is kept
    """

    max_length: int
    keep: tuple[bool, ...]
    dropped: int
    truncated: int
    predict_lost: int
    tokens: int
    longest: int

    @property
    def rows(self) -> int:
        """Rows that are trained on."""
        return sum(self.keep)

    @property
    def share_lost(self) -> float:
        """Share of rows that don't fit, 0..1."""
        return 1 - self.rows / len(self.keep)


def row_lengths(path: Path, base: Path) -> list[RowLength]:
    """The lengths of a file's rows, in order. base: folder with chat template and tokenizer.

    Raises UserError, naming the line, where the template can't render a row, drops its reasoning, or writes the prompt
    otherwise than it stands in the whole: the loss would then not be on the completion alone.
    """
    template, vocabulary = template_named(str(base)), vocabulary_named(str(base))
    prepared, marks = prepare(Setting(template, vocabulary, _NO_LIMIT)), vocabulary.marks_of(template.text)
    found = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            conversation = _conversation(row)
            place = f"{path.name}:{number}"
            try:
                made = prepared(conversation)
            except TemplateRefused as refused:
                raise UserError(
                    f"the base's chat template can't render the row ({refused}).",
                    where=place,
                    remedy="Use another base, or leave the row out.",
                ) from None
            _refuse_spoilt(losses_of(conversation, made, marks), place)
            found.append(_length(conversation, made))
    return found


def _conversation(row: dict[str, Any]) -> Conversation:
    return preference_conversation(row) if "chosen" in row else completion_conversation(row)


def _refuse_spoilt(losses: frozenset[Loss], place: str) -> None:
    spoilt = next((loss for loss in _SPOILT if loss in losses), None)
    if spoilt is not None:
        raise UserError(
            f"with the base's chat template: {MEANING[spoilt]}.",
            where=place,
            remedy="Use a base with another template; docs/exports.md lists those that are known.",
        )


def _length(conversation: Conversation, made: Prepared) -> RowLength:
    lengths = [each.length for each in made.learned]
    texts = [message.content for completion in conversation.completions for message in completion]
    return RowLength(
        prompt=lengths[0] - len(made.learned[0].kept),
        longest=max(lengths),
        total=sum(lengths),
        predicts=any("<predict>" in text for text in texts),
    )


def fit(lengths: Sequence[RowLength], max_length: int) -> Fit:
    """What fits into `max_length` tokens, and what would become of the rest."""
    keep = tuple(each.longest <= max_length for each in lengths)
    out = [each for each, kept in zip(lengths, keep, strict=True) if not kept]
    inside = [each for each, kept in zip(lengths, keep, strict=True) if kept]
    cut = [each for each in out if each.prompt < max_length]
    return Fit(
        max_length,
        keep,
        dropped=len(out) - len(cut),
        truncated=len(cut),
        predict_lost=sum(each.predicts for each in cut),
        tokens=sum(each.total for each in inside),
        longest=max((each.longest for each in inside), default=0),
    )


def length_for(lengths: Sequence[RowLength], context: int | None) -> int:
    """The maximum length where none is given: what the longest row has, at most the base's context."""
    longest = max(each.longest for each in lengths)
    return longest if context is None else min(longest, context)
