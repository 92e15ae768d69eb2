"""The answers on disk: one SQLite file in the output folder. An answer that was confirmed survives any kill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from proutt.web.database import Database
from proutt.web.turns import Answer

FILE = "annotations.sqlite"

_TABLES = (
    """
CREATE TABLE IF NOT EXISTS answers (
  at INTEGER PRIMARY KEY, item INTEGER NOT NULL, annotator TEXT NOT NULL, seconds REAL NOT NULL,
  winner TEXT, first TEXT, score REAL, UNIQUE (item, annotator))""",
    """
CREATE TABLE IF NOT EXISTS released (
  at INTEGER, item INTEGER, annotator TEXT, seconds REAL, winner TEXT, first TEXT, score REAL)""",
)


class Store(Database):
    """One folder's answers, for this process alone until `close`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Opens or begins it. settings: all that decides which item has which number. Raises UserError."""
        super().__init__(folder / FILE, _TABLES, settings, verb="proutt annotate")

    def answers(self) -> list[Answer]:
        """All of them, in the order in which they were first given."""
        rows = self.rows("SELECT item, annotator, seconds, winner, first, score FROM answers ORDER BY at")
        return [Answer(*row) for row in rows]

    def keep(self, answer: Answer) -> None:
        """Write an answer; it is on disk when this returns. One that was given before is replaced, in its place."""
        self.write(
            "INSERT INTO answers (item, annotator, seconds, winner, first, score) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (item, annotator) DO UPDATE SET seconds = seconds + excluded.seconds, "
            "winner = excluded.winner, first = excluded.first, score = excluded.score",
            *(answer.item, answer.annotator, answer.seconds, answer.winner, answer.first, answer.score),
        )

    def release(self, answers: Iterable[Answer]) -> None:
        """Set these answers aside: they stay in the file, but count for nothing."""
        places = [(answer.item, answer.annotator) for answer in answers]
        statements = ("INSERT INTO released SELECT * FROM answers", "DELETE FROM answers")
        self.write_all((f"{statement} WHERE item = ? AND annotator = ?", places) for statement in statements)
