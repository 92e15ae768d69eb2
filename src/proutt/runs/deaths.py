"""What workers of a shard died of: a record that kills whoever works on it is found, and left out.

One that is killed tells nobody what it was at. So a session of a worker leaves a note in the shard's directory, and
takes it away at its end: who finds one knows that the session before was killed, and whether over nothing. Then the
records that were begun are worked on alone, one after the other, and the note says which. One at which session after
session is killed is given up: its items fail, and the others go on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from proutt.errors import UserError
from proutt.runs.journal import Journal

NOTE = "at-work.json"
#: How often workers of a shard may be killed over nothing: without a call or an item more than when they began.
DEATHS = 10
#: How often at one record alone.
DEATHS_AT_ONE = 4

#: Why an item failed that was given up.
KILLED = "worker-killed"
GIVEN_UP = f"{DEATHS_AT_ONE} workers were killed while they worked on this record alone."


@dataclass(frozen=True)
class _Note:
    """done: calls and items of the journal when the session began; deaths: of sessions before it, over nothing;
    record: which it works on alone; at_record: sessions before it that were killed at that one."""

    done: int
    deaths: int = 0
    record: int | None = None
    at_record: int = 0


@dataclass(frozen=True)
class Deaths:
    """suspects: numbers of records to be worked on alone; given_up: of those that are worked on no more."""

    suspects: frozenset[int] = frozenset()
    given_up: frozenset[int] = frozenset()
    _folder: Path | None = None
    _note: _Note = field(default_factory=lambda: _Note(0))

    @contextmanager
    def watching(self, number: int) -> Iterator[None]:
        """While a record is worked on: of a suspect it is noted."""
        if self._folder is None or number not in self.suspects:
            yield
            return
        at_record = self._note.at_record if number == self._note.record else 0
        _write(self._folder, replace(self._note, record=number, at_record=at_record))
        yield
        _write(self._folder, replace(self._note, record=None, at_record=0))

    def ended(self) -> None:
        """The session ends by itself."""
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / NOTE).unlink(missing_ok=True)


#: Nobody takes over.
NONE = Deaths()


def deaths_before(folder: Path, journal: Journal) -> Deaths:
    """What the note of a shard tells; the one of the session that begins is there then.

    Raises UserError where workers are killed again and again, and no record is to blame.
    """
    before, now = _read(folder), done_in(journal)
    if before is None or before.done != now:
        _write(folder, _Note(now))
        return Deaths(_folder=folder, _note=_Note(now))
    deaths = before.deaths + 1
    if deaths > DEATHS:
        raise killed_over_nothing(folder)
    at_record = before.at_record + 1 if before.record is not None else 0
    given_up = {before.record} if before.record is not None and at_record >= DEATHS_AT_ONE else set()
    note = _Note(now, deaths, None if given_up else before.record, 0 if given_up else at_record)
    _write(folder, note)
    return Deaths(frozenset(_begun(journal)) - given_up, frozenset(given_up), folder, note)


def killed_over_nothing(folder: Path) -> UserError:
    """What to tell of a shard whose workers are killed again and again."""
    said = f"its process was killed {DEATHS} times over nothing. Is there memory enough?"
    return UserError(said, where=str(folder), remedy="The same command goes on with it; fewer --workers need less.")


def done_in(journal: Journal) -> int:
    """Calls and items that a journal holds."""
    ((done,),) = journal.rows("SELECT (SELECT COUNT(*) FROM calls) + (SELECT COUNT(*) FROM items)")
    return int(done)


def _begun(journal: Journal) -> Iterator[int]:
    """Numbers of the records that were begun and have undecided items."""
    query = "SELECT number FROM dialogues d WHERE items > (SELECT COUNT(*) FROM items i WHERE i.number = d.number)"
    return (number for (number,) in journal.rows(query))


def _read(folder: Path) -> _Note | None:
    try:
        return _Note(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(folder: Path, note: _Note) -> None:
    """Where it can't be written the work goes on: its own files will say what is wrong."""
    draft = folder / f".{NOTE}.new"
    with suppress(OSError):
        draft.write_text(json.dumps(asdict(note)), encoding="utf-8")
        draft.replace(folder / NOTE)
