"""Processes look at rows ahead of the audit; what they find is what it would have found."""

from __future__ import annotations

import pytest

from proutt.errors import UserError
from proutt.export.reading import subject_of
from proutt.quality.audit import CHECKS, Setup
from proutt.quality.audit.auditing import Started
from proutt.quality.audit.side_by_side import outcomes_ahead
from quality.audit.begun import begin, killed
from quality.audit.pairs import clean_pair


def subject(number):
    """A row; of every seventh there is none to look at."""
    return None if number % 7 == 0 else subject_of(clean_pair(dialogue_id=f"d{number}"), where=f"rows.jsonl:{number}")


def test_outcomes_come_in_the_order_of_the_rows():
    """Of the checks that see one row alone, and of no other; nothing of a row that nobody looks at."""
    alone = Started(Setup(), {name: check for name, check in CHECKS.items() if check.by_itself})
    found = list(outcomes_ahead(range(40), subject, begin, 1))
    assert [number for number, _ in found] == list(range(40))
    assert all(known == {} for number, known in found if number % 7 == 0)
    assert found[39][1] == alone.outcomes(subject(39))
    assert {name for name in CHECKS if name not in found[39][1]} >= {"near-duplicates", "chosen-longer"}


def test_a_killed_process_is_an_error_with_a_remedy():
    """No audit that waits for ever, and none without its rows."""
    with pytest.raises(UserError, match="was killed"):
        list(outcomes_ahead(range(3), subject, killed, 1))
