"""What a shard's workers died of, from the notes that they leave."""

from __future__ import annotations

import pytest

from proutt.errors import UserError
from proutt.runs.deaths import DEATHS, DEATHS_AT_ONE, NOTE, Deaths, deaths_before
from proutt.runs.journal import Item, Journal


@pytest.fixture
def journal(tmp_path):
    """Of a shard with two records, of which the first is done."""
    journal = Journal(tmp_path / "journal.sqlite")
    for number in (0, 1):
        journal.add_dialogue(number, f"d{number}", "print", 1)
    journal.add_item(Item(0, 1, "skipped"))
    yield journal
    journal.close()


def killed_at(number: int, deaths: Deaths) -> None:
    """A session that never ends what it began."""
    deaths.watching(number).__enter__()


def test_a_session_that_ends_leaves_no_note(journal, tmp_path):
    """The next one knows of no death."""
    deaths_before(tmp_path, journal).ended()
    assert not (tmp_path / NOTE).exists()
    assert deaths_before(tmp_path, journal).suspects == frozenset()


def test_a_death_after_something_was_done_accuses_nobody(journal, tmp_path):
    """Machines do fail."""
    deaths_before(tmp_path, journal)
    journal.add_dialogue(2, "d2", "print", 1)
    journal.add_item(Item(2, 1, "skipped"))
    assert deaths_before(tmp_path, journal).suspects == frozenset()


def test_a_death_over_nothing_makes_what_was_begun_suspect(journal, tmp_path):
    """And not what is done."""
    deaths_before(tmp_path, journal)
    found = deaths_before(tmp_path, journal)
    assert (found.suspects, found.given_up) == ({1}, frozenset())


def test_a_record_that_kills_again_and_again_alone_is_given_up(journal, tmp_path):
    """Once or twice is not enough: machines are lost, too."""
    deaths_before(tmp_path, journal)
    for _ in range(DEATHS_AT_ONE):
        found = deaths_before(tmp_path, journal)
        assert found.given_up == frozenset()
        killed_at(1, found)
    found = deaths_before(tmp_path, journal)
    assert (found.suspects, found.given_up) == (frozenset(), {1})


def test_a_record_that_was_ended_is_not_to_blame(journal, tmp_path):
    """Whatever killed the worker then, it was not at that one."""
    deaths_before(tmp_path, journal)
    for _ in range(DEATHS_AT_ONE + 1):
        with deaths_before(tmp_path, journal).watching(1):
            pass
    assert deaths_before(tmp_path, journal).given_up == frozenset()


def test_deaths_without_end_are_told(journal, tmp_path):
    """No record is at work when they come: it is the reader, or the machine."""
    for _ in range(1 + DEATHS):
        deaths_before(tmp_path, journal)
    with pytest.raises(UserError, match=f"killed {DEATHS} times over nothing"):
        deaths_before(tmp_path, journal)


def test_a_note_that_nobody_can_read_is_none(journal, tmp_path):
    """A torn write is no reason to stop."""
    (tmp_path / NOTE).write_text('{"done": 1, "dea', encoding="utf-8")
    assert deaths_before(tmp_path, journal).suspects == frozenset()


def test_a_folder_that_takes_no_note_stops_nothing(journal, tmp_path):
    """The run's own files say what is wrong with it."""
    deaths = deaths_before(tmp_path / "gone", journal)
    deaths.ended()
    assert deaths_before(tmp_path / "gone", journal).suspects == frozenset()
