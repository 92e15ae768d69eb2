"""The batches of a run, in its journal: which are on their way, so that a killed session's are found again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from proutt.llm.batch_ledger import Job
from proutt.runs.journal import Journal

_TABLE = """
CREATE TABLE IF NOT EXISTS batches (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, model TEXT NOT NULL, state TEXT NOT NULL,
  file_id TEXT, batch_id TEXT, requests INTEGER NOT NULL, keys TEXT NOT NULL
)
"""

_SETTLE = """
UPDATE batches SET state = 'done', keys = '[]' WHERE state != 'done' AND NOT EXISTS (
  SELECT 1 FROM json_each(batches.keys) AS line WHERE NOT EXISTS (SELECT 1 FROM calls WHERE calls.key = line.value)
)
"""


class BatchLedger:
    """A `Ledger` in a run's journal: a table of its own, a row for each job.

    state     "uploading", "uploaded", "sent", "answered", "done"
    requests  how many there were; keys  those whose answers may yet be had of it, as JSON

    An answer is safe once the journal has it under its key. Raises UserError where the journal can't be written.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        journal.write(_TABLE)

    def begin(self, name: str, model: str, keys: Sequence[str]) -> None:
        insert = "INSERT INTO batches (name, model, state, requests, keys) VALUES (?, ?, 'uploading', ?, ?)"
        self._journal.write(insert, (name, model, len(keys), json.dumps(list(keys))))

    def uploaded(self, name: str, file_id: str) -> None:
        self._journal.write("UPDATE batches SET state = 'uploaded', file_id = ? WHERE name = ?", (file_id, name))

    def sent(self, name: str, batch_id: str) -> None:
        self._journal.write("UPDATE batches SET state = 'sent', batch_id = ? WHERE name = ?", (batch_id, name))

    def answered(self, name: str, keys: Sequence[str]) -> None:
        update = "UPDATE batches SET state = 'answered', keys = ? WHERE name = ?"
        self._journal.write(update, (json.dumps(list(keys)), name))

    def forget(self, name: str) -> None:
        self._journal.write("DELETE FROM batches WHERE name = ?", (name,))

    def open_jobs(self, model: str) -> list[Job]:
        self.settle()
        query = "SELECT name, keys, file_id, batch_id FROM batches WHERE model = ? AND state != 'done' ORDER BY number"
        return [
            Job(name, tuple(key for key in json.loads(keys) if not self.safe(key)), file_id, batch_id)
            for name, keys, file_id, batch_id in self._journal.rows(query, (model,))
        ]

    def safe(self, key: str) -> bool:
        """Whether the journal has the answer of a request."""
        return self._journal.reply(key) is not None

    def settle(self) -> None:
        self._journal.write(_SETTLE)
