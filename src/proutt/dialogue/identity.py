"""Keeps ids unique over one reading; SQLite's private temporary database spills to disk, so memory does not grow."""

from __future__ import annotations

import hashlib
import json
import sqlite3

from proutt.dialogue.dialogue import Dialogue
from proutt.dialogue.normal import to_messages


class Identities:
    """Every id of one reading, with the hash of what stands under it."""

    def __init__(self) -> None:
        self._seen = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._seen.execute("CREATE TABLE contents (id TEXT, hash BLOB, PRIMARY KEY (id, hash)) WITHOUT ROWID")
        self._seen.execute("CREATE TABLE names (id TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID")
        self._seen.execute("BEGIN")  # one transaction: nothing here outlives the reading

    def close(self) -> None:
        self._seen.close()

    def unique(self, dialogue: Dialogue) -> str | None:
        """An id that no dialogue before had: its own, or with ~2, ~3, ...; None where the dialogue was there before."""
        return self.unique_of(dialogue.id, content_hash(dialogue))

    def unique_of(self, id: str, content: bytes) -> str | None:
        """The same of any record. content: a hash of what is in it."""
        if self._seen.execute("SELECT 1 FROM contents WHERE id = ? AND hash = ?", (id, content)).fetchone():
            return None
        name = self._free_name(id)
        for key in {id, name}:
            self._seen.execute("INSERT INTO contents VALUES (?, ?)", (key, content))
        return name

    def _free_name(self, id: str) -> str:
        number = self._last(id)
        name = id
        while self._last(name):
            number += 1
            name = f"{id}~{number}"
        self._seen.execute("INSERT INTO names VALUES (?, 1)", (name,))
        if name != id:
            self._seen.execute("UPDATE names SET last = ? WHERE id = ?", (number, id))
        return name

    def _last(self, name: str) -> int:
        """The highest number given under this name; 0 where the name is free."""
        row = self._seen.execute("SELECT last FROM names WHERE id = ?", (name,)).fetchone()
        return int(row[0]) if row else 0


def content_hash(dialogue: Dialogue) -> bytes:
    """SHA-256 of what is said in the dialogue; id, source and language apart."""
    return hashlib.sha256(json.dumps(to_messages(dialogue)["messages"]).encode()).digest()
