"""The journal of a run: every finished call by content hash, and the state of every (dialogue, K); one SQLite file.

The journal is the truth; `pairs.jsonl` and the other files are derived from it. A call is written when its answer is
there, and an item when it is decided, in transactions: killed at any instant, what is in it is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from proutt.errors import UserError
from proutt.llm import Reply, Usage
from proutt.runs.database import Database

VERSION = 1

#: Journals up to this size are checked from end to end when they are opened, which takes a second or two.
CHECKED_WHOLE_BYTES = 256 * 2**20

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
  key TEXT PRIMARY KEY, step TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, text TEXT NOT NULL,
  finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL, seconds REAL NOT NULL, paid INTEGER NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dialogues (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, fingerprint TEXT NOT NULL, items INTEGER NOT NULL,
  rounds INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS items (
  number INTEGER NOT NULL, k INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, stage TEXT NOT NULL,
  message TEXT NOT NULL, raw TEXT NOT NULL, record TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (number, k)
) WITHOUT ROWID;
"""

_INSERT_CALL = f"INSERT OR IGNORE INTO calls VALUES ({'?, ' * 11}?)"

#: How an item ended: well, by what it became, or not.
State = Literal["paired", "predicted", "simulated", "grown", "inquired", "evaluated", "skipped", "failed"]


#: A finished call: key, answer, step, role, model, and whether this run paid it.
Call = tuple[str, Reply, str, str, str, bool]


class _Altered(Exception):
    """The file is whole, but not what it says is what was written."""


def _digest(values: Sequence[Any]) -> str:
    """What tells that a row is as it was written."""
    return hashlib.blake2b(repr(tuple(values)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _as_written(row: Sequence[Any]) -> Sequence[Any]:
    """A whole row of a table without its digest. Raises _Altered where it is not what was written."""
    *values, digest = row
    if _digest(values) != digest:
        raise _Altered("a row is not what was written")
    return values


@dataclass(frozen=True, slots=True)
class Item:
    """How one (dialogue, K) ended. record: what was made, as one line of JSON; else empty."""

    number: int
    k: int
    state: State
    reason: str = ""
    stage: str = ""
    message: str = ""
    raw: str = ""
    record: str = ""


class Journal:
    """One run's journal. Used from one thread, by one process: the run's lock sees to that."""

    def __init__(self, path: Path, *, reading: bool = False) -> None:
        """Opens or makes it. Raises UserError where the file is no journal, is damaged, or is of a newer version.

        reading  it is there already, and nothing is written to it
        """
        self.path = path
        self._older: list[Journal] = []
        self._db = Database(path, reading=reading)
        try:
            if not reading:
                self._db.row("PRAGMA journal_mode=WAL")
                self._db.row("PRAGMA synchronous=NORMAL")
            self._check_version()
            if not reading:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self.set_meta("version", str(VERSION))
            self._check_rows()
        except BaseException:
            self._db.close()
            raise

    def _check_version(self) -> None:
        """Before anything is written: a newer journal stays as it is."""
        tables = {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        version = (self.meta("version") if "meta" in tables else None) or "0"
        if not version.isdecimal() or int(version) > VERSION:
            raise UserError(
                f"the journal is of version {version}; this proutt reads up to {VERSION}.",
                where=str(self.path),
                remedy="Use the proutt that made it, or a newer one, or another --out.",
            )

    def _check_rows(self) -> None:
        """Raises UserError where the file's structure or a row is not as it was written: bits do rot.

        A large journal is not read as a whole for that; its rows are checked when they are used.
        """
        if self.path.stat().st_size > CHECKED_WHOLE_BYTES:
            return
        ((found,),) = self.rows("PRAGMA quick_check(1)")
        if found != "ok":
            raise self._db.damaged(_Altered(" ".join(found.split())))
        for table in ("calls", "items"):
            for row in self._db.read(f"SELECT * FROM {table}"):
                self._checked(row)

    def close(self) -> None:
        for older in self._older:
            older.close()
        self._db.close()

    @property
    def changes(self) -> int:
        """Rows that this process has written so far."""
        return self._db.changes

    # Configuration and other facts of the run.

    def meta(self, name: str) -> str | None:
        row = self._db.row("SELECT value FROM meta WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        if self.meta(name) != value:  # a run that has nothing to do changes no byte
            self.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @property
    def untouched(self) -> bool:
        """Whether no call has finished and no item is decided."""
        return not self.rows("SELECT 1 FROM calls LIMIT 1") and not self.rows("SELECT 1 FROM items LIMIT 1")

    # Calls.

    def reply(self, key: str) -> Reply | None:
        """The answer of a finished call, of this run or of one that is reused; or None."""
        found = self._call(key)
        if found is None:
            found = self._reused(key)
        return None if found is None else Reply(found[4], found[5], Usage(found[6], found[7], found[8]), found[9])

    def _call(self, key: str) -> Sequence[Any] | None:
        row = self._db.row("SELECT * FROM calls WHERE key = ?", (key,))
        return None if row is None else self._checked(row)

    def _reused(self, key: str) -> Sequence[Any] | None:
        """The answer of an older run, written down here too: this run then needs that one no more."""
        for older in self._older:
            row = older._call(key)
            if row is not None:
                reply = Reply(row[4], row[5], Usage(row[6], row[7], row[8]), row[9])
                self.add_reply(key, reply, step=row[1], role=row[2], model=row[3], paid=False)
                return row
        return None

    def _checked(self, row: Sequence[Any]) -> Sequence[Any]:
        try:
            return _as_written(row)
        except _Altered as error:
            raise self._db.damaged(error) from error

    def reuse(self, path: Path) -> None:
        """Take answers of an older run's journal, too, where this one has none. Raises UserError where it is none."""
        self._older.append(Journal(path, reading=True))

    def add_reply(self, key: str, reply: Reply, *, step: str, role: str, model: str, paid: bool = True) -> None:
        """Write down a finished call; `paid` is false where an older run paid it.

        It is there to stay at once, or after `begin` when `commit` returns.
        """
        usage = reply.usage
        counts = (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, float(reply.seconds), int(paid))
        text = reply.text.encode("utf-8", "replace").decode("utf-8")
        values = (key, step, role, model, text, reply.finish, *counts)
        self._db.execute(_INSERT_CALL, (*values, _digest(values)))

    def calls(self) -> Iterator[Call]:
        """Every finished call, in the order of keys."""
        for row in self._db.read("SELECT * FROM calls ORDER BY key"):
            key, step, role, model, text, finish, prompt, completion, cached, seconds, paid = self._checked(row)
            yield key, Reply(text, finish, Usage(prompt, completion, cached), seconds), step, role, model, bool(paid)

    def usage_by_model(self) -> dict[str, Usage]:
        """Model → what this run paid for it, over all sessions."""
        rows = self.rows(
            "SELECT model, SUM(prompt_tokens), SUM(completion_tokens), SUM(cached_tokens) FROM calls WHERE paid "
            "GROUP BY model"
        )
        return {model: Usage(*counts) for model, *counts in rows}

    # Dialogues and items.

    def fingerprint(self, number: int) -> str | None:
        """What was written down of the dialogue at this place of the input, or None where it has not come up."""
        row = self._db.row("SELECT fingerprint FROM dialogues WHERE number = ?", (number,))
        return None if row is None else str(row[0])

    def add_dialogue(self, number: int, id: str, fingerprint: str, items: int) -> None:
        """Note a dialogue of the input and how many (dialogue, K) it has."""
        values = (number, id, fingerprint, items)
        self.write("INSERT OR IGNORE INTO dialogues VALUES (?, ?, ?, ?, 0)", values)

    def records(self) -> Iterator[tuple[int, str, str, int, int]]:
        """Number, id, fingerprint, items and rounds of each record that came up, in the order of the input."""
        for row in self._db.read("SELECT number, id, fingerprint, items, rounds FROM dialogues ORDER BY number"):
            yield (row[0], row[1], row[2], row[3], row[4])

    def rounds(self, number: int) -> int:
        """How often a dialogue was taken up again after failures."""
        row = self._db.row("SELECT rounds FROM dialogues WHERE number = ?", (number,))
        return 0 if row is None else int(row[0])

    @property
    def undecided(self) -> bool:
        """Whether items of dialogues that came up are undecided: the run was stopped."""
        query = "SELECT (SELECT COALESCE(SUM(items), 0) FROM dialogues) > (SELECT COUNT(*) FROM items)"
        return bool(self.rows(query)[0][0])

    def failed_by_reason(self) -> dict[str, int]:
        """Reason → how many items have failed for it."""
        query = "SELECT reason, COUNT(*) FROM items WHERE state = 'failed' GROUP BY reason ORDER BY 2 DESC, 1"
        return dict(self.rows(query))

    def retry_failed(self, reason: str | None = None) -> int:
        """Make failed items undecided again, all or those of one reason; how many there were."""
        where, values = ("state = 'failed'", ()) if reason is None else ("state = 'failed' AND reason = ?", (reason,))
        ((count,),) = self.rows(f"SELECT COUNT(*) FROM items WHERE {where}", values)
        if count:
            again = f"SELECT number FROM items WHERE {where}"
            self._db.write(
                (f"UPDATE dialogues SET rounds = rounds + 1 WHERE number IN ({again})", values),
                (f"DELETE FROM items WHERE {where}", values),
            )
        return int(count)

    def decided(self, number: int) -> set[int]:
        """The K of a dialogue that are decided."""
        return {row[0] for row in self._db.read("SELECT k FROM items WHERE number = ?", (number,))}

    def add_item(self, item: Item) -> None:
        said = (each.encode("utf-8", "replace").decode() for each in (item.message, item.raw, item.record))
        values = (item.number, item.k, item.state, item.reason, item.stage, *said)
        self.write(f"INSERT OR REPLACE INTO items VALUES ({'?, ' * len(values)}?)", (*values, _digest(values)))

    def items(self, state: State) -> Iterator[tuple[Item, str]]:
        """Every item in that state, in the order of the input, with its dialogue's id."""
        rows = self._db.read(
            "SELECT i.*, d.id FROM items i JOIN dialogues d USING (number) WHERE state = ? ORDER BY i.number, i.k",
            (state,),
        )
        for *row, dialogue_id in rows:
            yield Item(*self._checked(row)), dialogue_id

    def item(self, number: int, k: int) -> Item | None:
        """How one item ended, or None where it is not decided."""
        rows = list(self._db.read("SELECT * FROM items WHERE number = ? AND k = ?", (number, k)))
        return Item(*self._checked(rows[0])) if rows else None

    # What the summary needs.

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows of a reading query."""
        return list(self._db.read(query, values))

    def config(self) -> Mapping[str, Any] | None:
        """The configuration that the run was begun with, or None."""
        text = self.meta("config")
        return None if text is None else json.loads(text)

    def write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Change the journal, there to stay when this returns. Raises UserError where it can't be written."""
        self._db.write((statement, values))

    def together(self) -> AbstractContextManager[None]:
        """Whatever is written within is there to stay when it ends, not before. Raises UserError."""
        return self._db.together()

    def begin(self) -> None:
        """Let the next calls be written down in one transaction. Raises UserError."""
        self._db.begin()

    def commit(self) -> None:
        """End what `begin` began. Raises UserError where any of it could not be written: none of it is there then."""
        self._db.commit()
