"""A run's directory: who may write in it, and the files that are derived from its journal.

RUN/run.yaml  journal.sqlite  pairs.jsonl  failures.jsonl  summary.json
"""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from proutt.dialogue.sources import shown
from proutt.errors import UserError
from proutt.runs.config import differences
from proutt.runs.journal import Journal, State

JOURNAL = "journal.sqlite"
#: What runs that make dialogues write them to; pairs go to `pairs.jsonl` (`runs/pairs.py`).
DIALOGUES = "dialogues.jsonl"
FAILURES = "failures.jsonl"
SUMMARY = "summary.json"
CONFIG = "run.yaml"
#: Where an engine's workers work, each in a run of its own (`sharded.py`).
SHARDS = "shards"
LOCK = "lock"
LOCKED = "another proutt is working in this directory."


class RunDirectory:
    """A run's directory, locked for this process until `close`; a lock whose process died counts for nothing."""

    def __init__(self, path: Path) -> None:
        """Raises UserError where another process has it, or it is a folder with other things in it."""
        self.path = path
        if path.exists() and not path.is_dir():
            raise UserError("is a file, not a directory.", where=str(path), remedy="Give another --out.")
        if path.is_dir() and any(path.iterdir()) and not (path / JOURNAL).exists() and not (path / LOCK).exists():
            raise UserError(
                "holds files that are not of a run.", where=str(path), remedy="Give a new or empty directory as --out."
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = locked(path)
        except OSError as error:
            remedy = "Give another --out."
            raise UserError(f"can't be written to ({error.strerror}).", where=str(path), remedy=remedy) from error
        try:
            if (path / CONFIG).exists() and not ((path / JOURNAL).is_file() and (path / JOURNAL).stat().st_size):
                raise _lost(path / JOURNAL)  # before anything is written
            self.journal = Journal(path / JOURNAL)
        except BaseException:
            os.close(self._lock)
            raise

    def reuse(self, older: Path) -> None:
        """Take the answers of an older run where a question is the same. Raises UserError where it is no run."""
        journal = older / JOURNAL if older.is_dir() else older
        if not journal.is_file():
            raise UserError("is no run: it has no journal.", where=str(older), remedy="Mend --reuse.")
        if journal.resolve() == self.journal.path.resolve():
            raise UserError("is this run itself.", where=str(older), remedy="Leave --reuse out to resume it.")
        self.journal.reuse(journal)

    def begin(self, config: Mapping[str, Any]) -> bool:
        """Write down the configuration, or compare with the one that is there. True where the run is resumed.

        A URL among the inputs is kept, and compared, without its secrets. Raises UserError, naming what differs, where
        the run was begun with another configuration.
        """
        if config.get("inputs"):
            config = {**config, "inputs": [shown(each) for each in config["inputs"]]}
        before = self.journal.config()
        if before is None and (self.path / CONFIG).exists():
            raise _lost(self.path / JOURNAL)
        changed = [] if before is None else list(differences(before, config))
        if before is not None and not changed:
            self._write_config(before)  # a kill may have come between the journal and the file
            return True
        if changed and not self.journal.untouched:  # settings that never got an answer are no run to protect
            raise UserError(
                f"this run was begun with other settings ({'; '.join(changed)}).",
                where=str(self.path),
                remedy="Give the same settings to resume it, or another --out for a new run; "
                "there --reuse takes over the answers that stay the same.",
            )
        if changed:
            self.journal.write("DELETE FROM dialogues")  # of inputs that nothing was answered for
        self.journal.set_meta("config", json.dumps(config, ensure_ascii=False))
        self._write_config(config)  # after the journal: where it is there, the journal has begun
        return False

    def _write_config(self, config: Mapping[str, Any]) -> None:
        text = yaml.safe_dump(dict(config), allow_unicode=True, sort_keys=False)
        self.write(CONFIG, lambda: [text])

    def write(self, name: str, pieces: Callable[[], Iterable[str]]) -> None:
        """Write a file whole, then put it in its place: a reader sees the old one or the new one, never half.

        One that would be the same stays as it is.
        """
        target, draft = self.path / name, self.path / f".{name}.new"
        try:
            with draft.open("w", encoding="utf-8", newline="\n") as out:
                for piece in pieces():
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if _same(draft, target):
                draft.unlink()
            else:
                draft.replace(target)
                _sync(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise UserError(
                f"can't be written ({error.strerror or error}).",
                where=str(target),
                remedy="Nothing is lost: mend it and run the same command.",
            ) from error

    def derive(
        self, name: str, lines: Iterable[str], summary: Mapping[str, Any], *, failures: Iterable[str] | None = None
    ) -> None:
        """Write the derived files: what the run made, what failed, the summary.

        name      of the file of what it made
        failures  the lines of `failures.jsonl`, where they are to tell something else than `failures()` does
        """
        self.write(name, lambda: lines)
        self.write(FAILURES, lambda: self.failures() if failures is None else failures)
        self.write(SUMMARY, lambda: [json.dumps(summary, ensure_ascii=False, indent=2), "\n"])

    def records(self, state: State) -> Iterable[str]:
        """The records of the items that ended in that state, a line each."""
        return (f"{item.record}\n" for item, _ in self.journal.items(state))

    def failures(self) -> Iterable[str]:
        """The lines of `failures.jsonl`."""
        for item, dialogue_id in self.journal.items("failed"):
            record = {
                "dialogue_id": dialogue_id,
                "k": item.k,
                "reason": item.reason,
                "stage": item.stage,
                "message": item.message,
                "raw": item.raw,
            }
            yield json.dumps(record, ensure_ascii=False) + "\n"

    def close(self) -> None:
        self.journal.close()
        os.close(self._lock)


def _lost(journal: Path) -> UserError:
    """What is said where a run was begun and its journal does not know of it: beginning anew would pay it all again."""
    return UserError(
        "the run's journal is gone or empty.",
        where=str(journal),
        remedy="Bring the file back (with its -wal, if there is one), or start a new run with another --out.",
    )


def _same(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; the second need not be there."""
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _sync(folder: Path) -> None:
    """Make a rename last through a power failure, where the system has a way to."""
    if os.name == "nt":  # pragma: no cover
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def locked(folder: Path) -> int:
    """An open file that this process alone has; the system lets go of it when the process ends, however it ends.

    Raises UserError where another process has it.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if os.name == "nt":  # pragma: no cover
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UserError(
            LOCKED,
            where=str(folder),
            remedy="Wait for it, or give another --out.",
        ) from None
    return handle
