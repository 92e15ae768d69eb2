"""The answers on disk: one SQLite file in the output folder. An answer that was confirmed survives any kill."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from proutt.errors import UserError
from proutt.web.turns import Answer

FILE = "annotations.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
  at INTEGER PRIMARY KEY, item INTEGER NOT NULL, annotator TEXT NOT NULL, seconds REAL NOT NULL,
  winner TEXT, first TEXT, score REAL, UNIQUE (item, annotator));
CREATE TABLE IF NOT EXISTS released (
  at INTEGER, item INTEGER, annotator TEXT, seconds REAL, winner TEXT, first TEXT, score REAL);
"""


class Store:
    """One folder's answers, for this process alone until `close`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Opens or begins it. settings: all that decides which item has which number.

        Raises UserError where it was begun with other settings, another process has it, or it can't be used.
        """
        self._path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds the key of the page
            self._connection = sqlite3.connect(self._path, timeout=1.0, isolation_level=None)
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            for statement in _TABLES.split(";\n"):
                self._connection.execute(statement)
            known = dict(self._connection.execute("SELECT name, value FROM settings"))
            self.key = known.pop("key", None) or secrets.token_urlsafe(24)
            wanted = {name: json.dumps(value) for name, value in settings.items()}
            if known and known != wanted:
                raise self._begun_otherwise(known, wanted)
            if not known:
                self._connection.executemany("INSERT INTO settings VALUES (?, ?)", [*wanted.items(), ("key", self.key)])
            self._connection.execute("COMMIT")
        except OSError as error:
            raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def answers(self) -> list[Answer]:
        """All of them, in the order in which they were first given."""
        rows = self._connection.execute(
            "SELECT item, annotator, seconds, winner, first, score FROM answers ORDER BY at"
        )
        return [Answer(*row) for row in rows]

    def keep(self, answer: Answer) -> None:
        """Write an answer; it is on disk when this returns. One that was given before is replaced, in its place."""
        values = (answer.item, answer.annotator, answer.seconds, answer.winner, answer.first, answer.score)
        try:
            self._connection.execute(
                "INSERT INTO answers (item, annotator, seconds, winner, first, score) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (item, annotator) DO UPDATE SET seconds = seconds + excluded.seconds, "
                "winner = excluded.winner, first = excluded.first, score = excluded.score",
                values,
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def release(self, answers: Iterable[Answer]) -> None:
        """Set these answers aside: they stay in the file, but count for nothing."""
        places = [(answer.item, answer.annotator) for answer in answers]
        try:
            self._connection.execute("BEGIN")
            for statement in ("INSERT INTO released SELECT * FROM answers", "DELETE FROM answers"):
                self._connection.executemany(f"{statement} WHERE item = ? AND annotator = ?", places)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begun_otherwise(self, known: Mapping[str, str], wanted: Mapping[str, str]) -> UserError:
        self._connection.close()
        names = [name for name in sorted({*known, *wanted}) if known.get(name) != wanted.get(name)]
        return UserError(
            f"was begun with other {', '.join(names)}.",
            where=str(self._path),
            remedy="Give the same to go on, or another --out to begin anew.",
        )

    def _unusable(self, error: sqlite3.Error) -> UserError:
        if "locked" in str(error):
            return UserError(
                "another proutt annotate has this folder open.",
                where=str(self._path),
                remedy="Use its page, or stop it first.",
            )
        return UserError(
            f"can't be used ({error}).", where=str(self._path), remedy="Is the disk full, or the file damaged?"
        )
