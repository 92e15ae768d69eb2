"""One SQLite file in an output folder: for one process alone, and what is written to it survives any kill."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from proutt.errors import UserError

_SETTINGS = "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)"


class Database:
    """A folder's file, for this process alone until `close`. key: the secret of the page's link, drawn once."""

    def __init__(self, path: Path, tables: Iterable[str], settings: Mapping[str, Any] | None, *, verb: str) -> None:
        """Opens or begins it.

        tables    statements that make what is not there yet
        settings  all that decides what the rows mean; None: whatever it was begun with, and it is there already
        verb      the command that writes such files, for messages

        Raises UserError where it was begun with other settings, another process has it, or it can't be used.
        """
        self._path, self._verb = path, verb
        try:
            if settings is None and not path.is_file():
                raise self._not_begun()
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds the keys of the page
            self._connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            for statement in (_SETTINGS, *tables):
                self._connection.execute(statement)
            known = dict(self._connection.execute("SELECT name, value FROM settings"))
            if settings is None and not known:
                raise self._not_begun()
            self.key = known.pop("key", None) or secrets.token_urlsafe(24)
            wanted = known if settings is None else {name: json.dumps(value) for name, value in settings.items()}
            if known and known != wanted:
                raise self._begun_otherwise(known, wanted)
            if not known:
                self._connection.executemany("INSERT INTO settings VALUES (?, ?)", [*wanted.items(), ("key", self.key)])
            self._connection.execute("COMMIT")
        except OSError as error:
            raise UserError(
                f"can't be written ({error.strerror}).", where=str(path.parent), remedy="Mend --out."
            ) from error
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        self.settings: dict[str, Any] = {name: json.loads(value) for name, value in wanted.items()}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._told():
            return list(self._connection.execute(query))

    def write(self, statement: str, *values: Any) -> None:
        """Do one statement; it is on disk when this returns."""
        with self._told():
            self._connection.execute(statement, values)

    def write_all(self, statements: Iterable[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        """Do each statement for each of its values: all of them, or none."""
        with self._told():
            self._connection.execute("BEGIN")
            for statement, values in statements:
                self._connection.executemany(statement, values)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _not_begun(self) -> UserError:
        where = str(self._path.parent)
        return UserError(f"{self._verb} has written nothing here.", where=where, remedy="Name its --out.")

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
                f"another {self._verb} has this folder open.",
                where=str(self._path),
                remedy="Use its page, or stop it first.",
            )
        return UserError(
            f"can't be used ({error}).", where=str(self._path), remedy="Is the disk full, or the file damaged?"
        )
