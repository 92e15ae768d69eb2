"""What is shown of a run while it works."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

from proutt.cli.progress import Shown, line, progressing
from proutt.llm import ScriptedModel, Usage
from proutt.prompts import Role
from proutt.runs.calls import Calls, Tally
from proutt.runs.journal import Journal
from proutt.runs.standing import standing
from proutt.runs.stream import Progress


def shown_as(progress: Progress, tmp_path: Any, tally: Tally | None = None, **facts: Any) -> dict[str, Any]:
    journal = Journal(tmp_path / "journal.sqlite")
    calls = Calls(dict.fromkeys(Role, ScriptedModel({})), journal, 16, 0)
    calls.tally = tally or Tally()
    given = {"total": 60, "seconds": 100.0, "before": 30, "currency": "USD"} | facts
    try:
        return standing(progress, calls, **given)
    finally:
        journal.close()


def test_the_rest_is_estimated_from_what_was_finished_now(tmp_path):
    """What earlier sessions did says nothing about how fast this one is."""
    progress = Progress(made=8, skipped=1, failed=1, marks=Counter(low=3, high=5), failures=Counter(timeout=1))
    tally = Tally(made=70, in_flight=4, usage=Usage(12_340, 560), cost=0.01234)
    text = line(shown_as(progress, tmp_path, tally))
    assert text == (
        "40/60 turns, 8 pairs (4.8/min), 1 skipped, 1 failed (timeout 1), 70 calls (4 in flight of 16), "
        "12.3k+0.6k tokens, 0.01234 USD, 1:40, about 3:20 left, high 5 middle 0 low 3"
    )


def test_nothing_is_estimated_from_nothing(tmp_path):
    """Before the first turn is done, or where the input was not counted, there is no estimate."""
    assert "left" not in line(shown_as(Progress(), tmp_path, seconds=3700.0))
    uncounted = line(shown_as(Progress(made=1), tmp_path, total=None, seconds=3700.0, before=0))
    assert uncounted.startswith("1 turns, 1 pairs")
    assert "1:01:40" in line(shown_as(Progress(), tmp_path, seconds=3700.0))


def test_turns_that_are_left_out_are_no_work(tmp_path):
    """With --turns last the estimate is of those that are selected."""
    aside = Progress(made=1, skipped=6, reasons=Counter({"turn-not-selected": 5, "no-new-path": 1}))
    text = line(shown_as(aside, tmp_path, total=12, before=0))
    assert text.startswith("2/12 turns, 1 pairs (0.6/min), 1 skipped")
    assert "about 8:20 left" in text


def test_calls_that_wait_for_a_batch_are_not_in_flight(tmp_path):
    """They are told apart: nobody pays for them yet, and a stop does not wait for them."""
    text = line(shown_as(Progress(), tmp_path, Tally(in_flight=503), waiting=500))
    assert "0 calls (3 in flight of 16, 500 waiting for a batch)" in text


def test_money_is_not_shown_where_a_price_is_not_known(tmp_path):
    """Unknown is not nothing."""
    assert "USD" not in line(shown_as(Progress(), tmp_path, Tally(made=1, cost=None)))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_a_live_line_is_taken_away_at_the_end():
    """Elsewhere than on a terminal nothing of the kind is written, nor where it is to be quiet."""
    streams = {"terminal": Terminal(), "file": io.StringIO(), "quiet": Terminal()}
    for name, stream in streams.items():
        async with progressing(lambda seconds: {}, Shown(quiet=name == "quiet", stream=stream)):
            pass
    assert streams["terminal"].getvalue().endswith("\r\x1b[2K")
    assert streams["file"].getvalue() == streams["quiet"].getvalue() == ""


def test_notes_are_lines_for_people_and_events_for_machines():
    """Whatever an endpoint said, it reaches the terminal as text."""
    for_people, for_machines, for_nobody = Terminal(), io.StringIO(), io.StringIO()
    Shown(stream=for_people).note("gone \x1b[2J")
    Shown(as_json=True, stream=for_machines).note("gone \x1b[2J")
    Shown(quiet=True, stream=for_nobody).note("gone")
    assert for_people.getvalue() == "\r\x1b[2Kgone \\u001b[2J\n"
    assert json.loads(for_machines.getvalue()) == {"event": "note", "text": "gone \x1b[2J"}
    assert for_nobody.getvalue() == ""
