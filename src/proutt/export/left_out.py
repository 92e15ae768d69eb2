"""Which examples are not exported, and why: each reason is counted on screen and in the manifest."""

from __future__ import annotations

from proutt.export.example import Example
from proutt.export.formats import Format

UNVERIFIED = "not verified"
SAME_TEXT = "chosen and rejected read the same"
NO_CANDIDATES = "no candidates"
ONE_SIDE = "no rejected side"
EMPTY_SIDE = "an empty side"
NO_RECORD = "no record of how the pair came about"


def left_out_reason(example: Example, target: Format, *, include_unverified: bool) -> str | None:
    """Why an example is not exported, or None where it is."""
    texts, record = example.texts, example.record
    if record is not None and not (record.chosen.candidates and (record.rejected.candidates or texts.rejected is None)):
        return NO_CANDIDATES
    if target.records and record is None:
        return NO_RECORD
    if target.preference and texts.rejected is None:
        return ONE_SIDE
    if not texts.chosen.strip() or (target.preference and not (texts.rejected or "").strip()):
        return EMPTY_SIDE
    if target.preference and texts.chosen == texts.rejected:
        return SAME_TEXT
    if record is not None and record.verified is False and not include_unverified:
        return UNVERIFIED
    return target.refuses(example)
