"""Workers look at rows ahead of the audit; what they find is what it would have found, whoever of them is killed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.quality.audit import CHECKS
from proutt.quality.audit.processes import Processes
from proutt.quality.audit.side_by_side import TRIES_ALONE, Looker, outcomes_ahead
from quality.audit.begun import Begin, subject


def test_outcomes_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    """Of the checks that see one row alone, and of no other; nothing of a row that nobody looks at."""
    begin = Begin(tmp_path, {}, tuple(CHECKS))
    with closing(Processes(1, begin)) as processes:
        found = list(outcomes_ahead(range(40), subject, processes))
    assert [number for number, _ in found] == list(range(40))
    assert all(known == {} for number, known in found if number % 7 == 0)
    assert [known for _, known in found] == Looker(begin).look([subject(number) for number in range(40)])
    assert {name for name in CHECKS if name not in found[39][1]} >= {"near-duplicates", "chosen-longer"}


def test_rows_of_a_killed_process_are_looked_at_again(tmp_path: Path) -> None:
    """Nothing is lost of those rows, nor of those that its fellows had."""
    with closing(Processes(2, Begin(tmp_path, {"rows.jsonl:20": 2}))) as processes:
        found = list(outcomes_ahead(range(60), subject, processes))
    assert len(list(tmp_path.iterdir())) == 2
    assert [known for _, known in found] == Looker(Begin(tmp_path, {})).look([subject(number) for number in range(60)])


def test_a_row_that_kills_every_process_is_named(tmp_path: Path) -> None:
    """No audit that waits for ever, and none without its rows."""
    processes = Processes(1, Begin(tmp_path, {"rows.jsonl:2": 99}))
    with closing(processes), pytest.raises(UserError, match=r"rows\.jsonl:2: .*was killed"):
        list(outcomes_ahead(range(5), subject, processes))
    assert len(list(tmp_path.iterdir())) == 1 + TRIES_ALONE
