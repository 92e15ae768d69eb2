"""The SQLite file behind a journal: where it can't be read or written, an error says so and what helps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from proutt.errors import UserError

#: What comes of a file that is damaged; a name or text that is no UTF-8 is damage, too.
_BROKEN = (sqlite3.DatabaseError, UnicodeDecodeError)

Values = tuple[Any, ...]


class Database:
    """One file. Used from one thread. Every method raises UserError where the file can't be used."""

    def __init__(self, path: Path, *, reading: bool = False) -> None:
        """Opens or makes it. reading: it is there already, and nothing is written to it."""
        self._path = path
        self._together = False
        self._held = False
        self._lost: UserError | None = None
        place = f"{path.resolve().as_uri()}?mode={'ro' if reading else 'rwc'}"
        try:
            self._connection = sqlite3.connect(place, uri=True, isolation_level=None)
        except _BROKEN as error:
            raise self.damaged(error) from error

    def damaged(self, error: Exception) -> UserError:
        """The error for the user, for what is wrong with the file."""
        return UserError(
            f"the journal can't be used ({error}).",
            where=str(self._path),
            remedy="Is the disk full? Make room and run the same command. Is the file damaged? Recover what is in "
            "it with `sqlite3 journal.sqlite .recover`, or start a new run with another --out.",
        )

    @property
    def changes(self) -> int:
        """Rows that this process has written so far."""
        return self._connection.total_changes

    def close(self) -> None:
        try:
            self.commit()
        finally:
            self._connection.close()

    # Reading.

    def read(self, query: str, values: Values = ()) -> Iterator[Values]:
        """The rows of a query, one at a time."""
        try:
            yield from self._connection.execute(query, values)
        except _BROKEN as error:
            raise self.damaged(error) from error

    def row(self, query: str, values: Values = ()) -> Values | None:
        """The first row of a query, or None."""
        try:
            found: Values | None = self._connection.execute(query, values).fetchone()
        except _BROKEN as error:
            raise self.damaged(error) from error
        return found

    # Writing.

    def write(self, *statements: tuple[str, Values]) -> None:
        """Change the file, all or nothing; it is there to stay when this returns, with all that came since `begin`, or
        within `together` when that ends."""
        if len(statements) > 1 and not self._together:
            self.begin()
        for statement, values in statements:
            self.execute(statement, values)
        self._end()

    def begin(self) -> None:
        """Let what is executed next be written in one transaction: a commit costs more than a row."""
        self.execute("BEGIN IMMEDIATE")
        self._together = True

    def commit(self) -> None:
        """End what `begin` began. Raises UserError where any of it could not be written: none of it is there then."""
        with suppress(UserError):  # it is raised below
            self._end()
        lost, self._lost = self._lost, None
        if lost is not None:
            raise lost

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is written within goes into one transaction. Raises UserError as `commit`."""
        self.begin()
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self.commit()

    def execute(self, statement: str, values: Values = ()) -> None:
        """Change the file: at once, or after `begin` when `commit` returns."""
        try:
            self._connection.execute(statement, values)
        except _BROKEN as error:
            failure = self.damaged(error)
            if self._together:  # who wrote before in this transaction must hear of it, too
                self._together, self._lost = False, failure
            with suppress(sqlite3.Error):
                self._connection.rollback()
            raise failure from error

    def _end(self) -> None:
        if self._together and not self._held:
            self.execute("COMMIT")
            self._together = False
