"""Calls that finish together share a transaction: none counts before it is there to stay, and all hear of a failure."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from proutt.errors import UserError
from proutt.llm import Reply, Usage
from proutt.runs.commits import Commits
from proutt.runs.journal import Item, Journal


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def seen(journal):
    """How many calls somebody else sees in the file."""
    other = sqlite3.connect(journal.path)
    yield lambda: other.execute("SELECT COUNT(*) FROM calls").fetchone()[0]
    other.close()


def add(commits: Commits, key: str, text: str = "a") -> asyncio.Future[None]:
    return commits.add_reply(key, Reply(text, "stop", Usage(1, 1), 0.1), step="s", role="r", model="m")


async def test_calls_that_finish_together_are_there_together(journal, seen):
    """None is seen before all are, and whoever was told finds its call in the file."""
    commits = Commits(journal)
    written = [add(commits, key) for key in "abc"]
    assert seen() == 0
    await written[0]
    assert seen() == 3
    await asyncio.gather(*written)
    await add(commits, "d")
    assert seen() == 4


async def test_who_no_longer_waits_has_its_call_written_all_the_same(journal, seen):
    """It is paid; those beside it are told as ever."""
    commits = Commits(journal)
    gone, beside = add(commits, "a"), add(commits, "b")
    gone.cancel()
    await beside
    assert seen() == 2


async def test_what_else_is_written_meanwhile_is_there_at_once(journal, seen):
    """A decided item does not wait for the calls, and takes them along."""
    commits = Commits(journal)
    written = add(commits, "a")
    journal.add_item(Item(0, 1, "skipped", "no-new-path"))
    assert seen() == 1
    await written


async def test_all_hear_that_they_could_not_be_written(journal, seen):
    """Where the file can grow no more none of them is there, no waiting call counts as finished; then all goes on."""
    commits = Commits(journal)
    journal.write("PRAGMA max_page_count = 1")  # as many as there are
    written = [add(commits, key) for key in "ab"]
    with pytest.raises(UserError, match=r"is full.* Make room"):
        add(commits, "c", text="long " * 10_000)
    for each in written:
        with pytest.raises(UserError, match="is full"):
            await each
    assert seen() == 0
    journal.write("PRAGMA max_page_count = 100000")
    await add(commits, "c", text="long " * 10_000)
    assert seen() == 1


def test_closing_a_journal_writes_what_was_begun(tmp_path):
    """Even where nobody ended the transaction."""
    journal = Journal(tmp_path / "journal.sqlite")
    journal.begin()
    journal.add_reply("a", Reply("a", "stop", Usage(1, 1), 0.1), step="s", role="r", model="m")
    journal.close()
    again = Journal(tmp_path / "journal.sqlite")
    assert again.reply("a") is not None
    again.close()
