"""Which examples are not exported, and why: each reason is counted on screen and in the manifest."""

from __future__ import annotations

from proutt.export.example import Example
from proutt.export.formats import Format
from proutt.export.reading.textpair import TextPair
from proutt.quality.audit.personal import personal_data
from proutt.quality.audit.secrets import secrets
from proutt.quality.audit.subject import Side, Subject

UNVERIFIED = "not verified"
SAME_TEXT = "chosen and rejected read the same"
NO_CANDIDATES = "no candidates"
ONE_SIDE = "no rejected side"
EMPTY_SIDE = "an empty side"
NO_RECORD = "no record of how the pair came about"
SENSITIVE = "personal data or a secret"

#: What takes the examples of a reason all the same.
TAKEN_BY = {UNVERIFIED: "--include-unverified", SENSITIVE: "--include-personal"}


def left_out_reason(
    example: Example, target: Format, *, include_unverified: bool, include_personal: bool
) -> str | None:
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
    if not include_personal and is_sensitive(texts):
        return SENSITIVE
    return target.refuses(example)


def is_sensitive(texts: TextPair) -> bool:
    """Whether a row holds what an audit calls personal data or a secret: a model that learns it may say it again."""
    prompt = "\n".join(message.content for message in texts.messages)
    rejected = None if texts.rejected is None else Side(texts.rejected)
    subject = Subject(texts.id, texts.where, prompt, Side(texts.chosen), rejected)
    return any(True for check in (personal_data, secrets) for _ in check(subject))
