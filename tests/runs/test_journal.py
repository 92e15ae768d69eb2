"""The journal: what is written stays, once, in the order of the input."""

from __future__ import annotations

import re
import sqlite3

import pytest

from proutt.errors import UserError
from proutt.llm import Reply, Usage
from proutt.runs.journal import Item, Journal

REPLY = Reply("你好 <|im_end|>", "stop", Usage(7, 3, 2), 0.5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def add(journal: Journal, key: str, reply: Reply = REPLY) -> None:
    journal.add_reply(key, reply, step="judge", role="judge", model="m")


def test_a_reply_comes_back_as_it_was(journal, path):
    """Text, finish, usage and time, in this session and the next."""
    add(journal, "k")
    again = Journal(path)
    assert journal.reply("k") == again.reply("k") == REPLY
    assert again.reply("other") is None
    again.close()


def test_the_first_answer_to_a_call_stays(journal):
    """A second one under the same key changes nothing, so neither bytes nor sums can change."""
    add(journal, "k")
    add(journal, "k", Reply("other", "stop", Usage(1, 1), 1.0))
    assert journal.reply("k") == REPLY


def test_half_a_character_can_be_written_down(journal):
    """A lone surrogate, which no file can hold, becomes a question mark."""
    add(journal, "k", Reply("a\ud800b", "stop", Usage(), 0.0))
    assert journal.reply("k").text == "a?b"


def test_items_come_in_the_order_of_the_input(journal):
    """By dialogue and K, whatever the order in which they were decided; each with its dialogue's id."""
    for number in (1, 0):
        journal.add_dialogue(number, f"d{number}", "f", 10)
        for k in (10, 2):
            journal.add_item(Item(number, k, "paired", record="{}"))
    journal.add_item(Item(0, 3, "failed", "empty", "paths", "message", "raw"))
    found = [(id, item.k) for item, id in journal.items("paired")]
    assert found == [("d0", 2), ("d0", 10), ("d1", 2), ("d1", 10)]
    assert [item.raw for item, _ in journal.items("failed")] == ["raw"]
    assert journal.decided(0) == {2, 3, 10}


def test_a_dialogue_is_known_by_its_place(journal):
    """The fingerprint that was written first stays."""
    journal.add_dialogue(0, "a", "first", 2)
    journal.add_dialogue(0, "a", "second", 2)
    assert journal.fingerprint(0) == "first"
    assert journal.fingerprint(1) is None


def test_what_is_written_outlives_a_process_that_is_not_closed(journal, path):
    """Another connection sees it at once: there is no transaction left open."""
    add(journal, "k")
    assert sqlite3.connect(path).execute("SELECT COUNT(*) FROM calls").fetchone() == (1,)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be told from one\n" * 40, None])
def test_what_is_no_journal_is_refused(path, content):
    """A file of another kind, and a directory in its place, with the remedy."""
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"the journal can't be used .* another --out"):
        Journal(path)


@pytest.mark.parametrize("version", ["2", "1000", "one"])
def test_a_version_of_the_future_is_refused(journal, path, version):
    """It says which version it is."""
    journal.set_meta("version", version)
    with pytest.raises(UserError, match=f"is of version {version}; this proutt reads up to 1"):
        Journal(path)


def test_damage_that_shows_while_working_is_a_clear_error(journal, path):
    """Reading and writing alike name the file and the remedy."""
    sqlite3.connect(path).execute("DROP TABLE calls")
    with pytest.raises(UserError, match="can't be used"):
        journal.reply("k")
    with pytest.raises(UserError, match="can't be used"):
        add(journal, "k")
    with pytest.raises(UserError, match=re.escape(str(path))):
        journal.rows("SELECT * FROM calls")
