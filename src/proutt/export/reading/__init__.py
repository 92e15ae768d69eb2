"""Preference and SFT data in: runs, exports, ProUtt's released files, and what other trainers read.

path → files → records → Row (a PreferencePair or a TextPair, and its place) → Subject of an audit
"""

from proutt.export.reading.formats import SHAPES
from proutt.export.reading.rows import Row, pairs_in, rows_in
from proutt.export.reading.subjects import subject_of, subjects_in, with_language
from proutt.export.reading.textpair import Message, TextPair, texts_of

__all__ = [
    "SHAPES",
    "Message",
    "Row",
    "TextPair",
    "pairs_in",
    "rows_in",
    "subject_of",
    "subjects_in",
    "texts_of",
    "with_language",
]
