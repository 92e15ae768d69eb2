"""Progress of an audit that takes more than a moment: rows, and when it will be done where the rows were counted."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from proutt.export.reading.places import DataFile

#: Nothing is shown before; then a terminal is refreshed this often, a log gets a line this often.
PATIENCE_S, REFRESH_S, PLAIN_EVERY_S = 2.0, 0.5, 30.0


class Ticker:
    """Counts rows and says so on standard error, from the third second on."""

    def __init__(self, total: int | None, *, quiet: bool, stream: TextIO | None = None) -> None:
        self._total, self._quiet, self._stream = total, quiet, stream or sys.stderr
        self._began, self._rows, self._live = time.monotonic(), 0, self._stream.isatty()
        self._next = self._began + PATIENCE_S
        self._shown = False

    def __enter__(self) -> Ticker:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if self._shown and self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def tick(self) -> None:
        """One row more."""
        self._rows += 1
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        self._next = now + (REFRESH_S if self._live else PLAIN_EVERY_S)
        text = self.line(now - self._began)
        self._stream.write(f"\r\x1b[2K{text}" if self._live else f"{text}\n")
        self._stream.flush()
        self._shown = True

    def line(self, seconds: float) -> str:
        """Where it stands after so many seconds."""
        text = f"Audited {self._rows:,}" + (f" of {self._total:,}" if self._total else "") + " rows"
        text += f", {self._rows / seconds:.0f} a second" if seconds else ""
        if self._total and self._rows < self._total:
            left = (self._total - self._rows) * seconds / self._rows
            text += f", about {int(left) // 60}:{int(left) % 60:02} left"
        return text


def rows_of(files: Sequence[DataFile]) -> int | None:
    """How many rows the files have, where that is quickly told: lines of JSON Lines. None elsewhere."""
    total = 0
    for file in files:
        path = Path(file.source.name)
        if file.source.kind != "file" or path.suffix != ".jsonl":
            return None
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                total += chunk.count(b"\n")
    return total
