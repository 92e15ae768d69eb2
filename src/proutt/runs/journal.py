"""The journal of a run: every finished call by content hash, and the state of every (dialogue, K); one SQLite file.

The journal is the truth; `pairs.jsonl` and the other files are derived from it. A call is written when its answer is
there, and an item when it is decided, each in a transaction of its own: killed at any instant, what is in it is whole.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from proutt.errors import UserError
from proutt.llm import Reply, Usage

VERSION = 1

#: Journals up to this size are checked from end to end when they are opened, which takes a second or two.
CHECKED_WHOLE_BYTES = 256 * 2**20

#: What comes of a file that is damaged; a name or text that is no UTF-8 is damage, too.
_BROKEN = (sqlite3.DatabaseError, UnicodeDecodeError)

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

State = Literal["paired", "skipped", "failed"]


def _digest(values: Sequence[Any]) -> str:
    """What tells that a row is as it was written."""
    return hashlib.blake2b(repr(tuple(values)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _as_written(row: Sequence[Any]) -> Sequence[Any]:
    """A whole row of a table without its digest. Raises DatabaseError where it is not what was written."""
    *values, digest = row
    if _digest(values) != digest:
        raise sqlite3.DatabaseError("a row is not what was written")
    return values


@dataclass(frozen=True, slots=True)
class Item:
    """How one (dialogue, K) ended. record: the pair as one line of JSON where it was paired, else empty."""

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
        try:
            place = f"{path.resolve().as_uri()}?mode={'ro' if reading else 'rwc'}"
            self._db = sqlite3.connect(place, uri=True, isolation_level=None)
        except _BROKEN as error:
            raise self._damaged(error) from error
        try:
            if not reading:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
            self._check_version()
            if not reading:
                self._db.executescript(_SCHEMA)
                self.set_meta("version", str(VERSION))
            self._check_rows()
        except _BROKEN as error:
            self._db.close()
            raise self._damaged(error) from error
        except BaseException:
            self._db.close()
            raise

    def _check_version(self) -> None:
        """Before anything is written: a newer journal stays as it is."""
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        version = (self.meta("version") if "meta" in tables else None) or "0"
        if not version.isdecimal() or int(version) > VERSION:
            raise UserError(
                f"the journal is of version {version}; this proutt reads up to {VERSION}.",
                where=str(self.path),
                remedy="Use the proutt that made it, or a newer one, or another --out.",
            )

    def _check_rows(self) -> None:
        """Raises DatabaseError where the file's structure or a row is not as it was written: bits do rot.

        A large journal is not read as a whole for that; its rows are checked when they are used.
        """
        if self.path.stat().st_size > CHECKED_WHOLE_BYTES:
            return
        ((found,),) = self._db.execute("PRAGMA quick_check(1)")
        if found != "ok":
            raise sqlite3.DatabaseError(" ".join(found.split()))
        for table in ("calls", "items"):
            for row in self._db.execute(f"SELECT * FROM {table}"):
                _as_written(row)

    def _damaged(self, error: Exception) -> UserError:
        return UserError(
            f"the journal can't be used ({error}).",
            where=str(self.path),
            remedy="Is the disk full? Make room and run the same command. Is the file damaged? Recover what is in "
            "it with `sqlite3 journal.sqlite .recover`, or start a new run with another --out.",
        )

    def close(self) -> None:
        for older in self._older:
            older.close()
        self._db.close()

    @property
    def changes(self) -> int:
        """Rows that this process has written so far."""
        return self._db.total_changes

    # Configuration and other facts of the run.

    def meta(self, name: str) -> str | None:
        row = self._row("SELECT value FROM meta WHERE name = ?", (name,))
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
        row = self._row("SELECT * FROM calls WHERE key = ?", (key,))
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
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def reuse(self, path: Path) -> None:
        """Take answers of an older run's journal, too, where this one has none. Raises UserError where it is none."""
        self._older.append(Journal(path, reading=True))

    def add_reply(self, key: str, reply: Reply, *, step: str, role: str, model: str, paid: bool = True) -> None:
        """Write down a finished call; `paid` is false where an older run paid it."""
        usage = reply.usage
        counts = (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, float(reply.seconds), int(paid))
        text = reply.text.encode("utf-8", "replace").decode("utf-8")
        values = (key, step, role, model, text, reply.finish, *counts)
        self.write(f"INSERT OR IGNORE INTO calls VALUES ({'?, ' * len(values)}?)", (*values, _digest(values)))

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
        row = self._row("SELECT fingerprint FROM dialogues WHERE number = ?", (number,))
        return None if row is None else str(row[0])

    def add_dialogue(self, number: int, id: str, fingerprint: str, items: int) -> None:
        """Note a dialogue of the input and how many (dialogue, K) it has."""
        values = (number, id, fingerprint, items)
        self.write("INSERT OR IGNORE INTO dialogues VALUES (?, ?, ?, ?, 0)", values)

    def rounds(self, number: int) -> int:
        """How often a dialogue was taken up again after failures."""
        row = self._row("SELECT rounds FROM dialogues WHERE number = ?", (number,))
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
            self.write("BEGIN IMMEDIATE")
            try:
                self.write(f"UPDATE dialogues SET rounds = rounds + 1 WHERE number IN ({again})", values)
                self.write(f"DELETE FROM items WHERE {where}", values)
                self.write("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
        return int(count)

    def decided(self, number: int) -> set[int]:
        """The K of a dialogue that are decided."""
        return {row[0] for row in self._read("SELECT k FROM items WHERE number = ?", (number,))}

    def add_item(self, item: Item) -> None:
        said = (each.encode("utf-8", "replace").decode() for each in (item.message, item.raw, item.record))
        values = (item.number, item.k, item.state, item.reason, item.stage, *said)
        self.write(f"INSERT OR REPLACE INTO items VALUES ({'?, ' * len(values)}?)", (*values, _digest(values)))

    def items(self, state: State) -> Iterator[tuple[Item, str]]:
        """Every item in that state, in the order of the input, with its dialogue's id."""
        rows = self._read(
            "SELECT i.*, d.id FROM items i JOIN dialogues d USING (number) WHERE state = ? ORDER BY i.number, i.k",
            (state,),
        )
        for *row, dialogue_id in rows:
            yield Item(*self._checked(row)), dialogue_id

    # What the summary needs.

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows of a reading query."""
        return list(self._read(query, values))

    def config(self) -> Mapping[str, Any] | None:
        """The configuration that the run was begun with, or None."""
        text = self.meta("config")
        return None if text is None else json.loads(text)

    def _read(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(query, values)
        except _BROKEN as error:
            raise self._damaged(error) from error

    def _row(self, query: str, values: tuple[Any, ...]) -> tuple[Any, ...] | None:
        return next(self._read(query, values), None)

    def write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Change the journal, in a transaction of its own. Raises UserError where it can't be written."""
        try:
            self._db.execute(statement, values)
        except _BROKEN as error:
            raise self._damaged(error) from error
