"""Opens a source: unpacks gzip, looks at the first bytes, and hands the stream to whoever reads such a container.

Foreign errors (I/O, gzip) become a UserError here, in one place. What was readable before the error has been delivered.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from proutt.dialogue.raw import Record
from proutt.dialogue.sources import hub, jsonlines, jsontext, parquet, remote
from proutt.dialogue.sources.naming import Source
from proutt.dialogue.sources.sniffing import Container, container_of, refuse_foreign
from proutt.errors import UserError

#: bytes looked at before the container is known
HEAD = 128 * 1024
GZIP = b"\x1f\x8b"


class Replayed(io.RawIOBase):
    """A stream whose first bytes were read already: gives those again, then the rest or the error that came instead."""

    def __init__(self, head: bytes, rest: BinaryIO, error: Exception | None = None) -> None:
        self._head, self._rest, self._error = memoryview(head), rest, error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if self._head:
            part = self._head[: len(buffer)]
            self._head = self._head[len(part) :]
        elif self._error is not None:
            raise self._error
        else:
            part = memoryview(_read_some(self._rest, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


def records(source: Source, stdin: BinaryIO, *, whole: bool = False) -> Iterator[Record]:
    """Every record of the source in order, as a stream. stdin is read where the source is standard input.

    whole  records are not dialogues: read all columns of a table, and take an object for one record, never for many

    Raises UserError where the source cannot be read, or not to its end.
    """
    if source.kind == "hub":
        yield from hub.hub_records(source, whole=whole)
        return
    with ExitStack() as opened, _our_errors(source):
        yield from _records(source, _stream(source, stdin, opened), opened, whole=whole)


def _stream(source: Source, stdin: BinaryIO, opened: ExitStack) -> BinaryIO:
    if source.kind == "stdin":
        return stdin
    if source.remote is not None:
        return opened.enter_context(remote.opened(source.name, source.remote))
    return opened.enter_context(open(source.name, "rb"))


def _records(source: Source, stream: BinaryIO, opened: ExitStack, *, whole: bool) -> Iterator[Record]:
    stream, head = _looked_at(stream)
    if head.startswith(GZIP):
        unpacked = opened.enter_context(gzip.GzipFile(fileobj=stream))
        stream, head = _looked_at(unpacked)  # type: ignore[arg-type]  # it reads like any binary stream
    refuse_foreign(source.name, head)
    match container_of(head, whole=whole):
        case Container.PARQUET:
            yield from parquet.parquet_records(source, stream, whole=whole)
        case Container.ARRAY:
            yield from jsontext.array_records(source, stream)
        case Container.OBJECT:
            yield from jsontext.object_records(source, stream)
        case Container.VALUES:
            yield from jsontext.value_records(source, stream)
        case Container.LINES:
            yield from jsonlines.line_records(source, stream)


def _looked_at(stream: BinaryIO) -> tuple[BinaryIO, bytes]:
    """The stream from its beginning, and its first bytes. An error among them waits until the reader comes there."""
    head, error = b"", None
    try:
        while len(head) < HEAD and (some := _read_some(stream, HEAD - len(head))):
            head += some
    except (OSError, EOFError, zlib.error) as stopped:
        error = stopped
    return io.BufferedReader(Replayed(head, stream, error)), head  # type: ignore[type-var]  # RawIOBase is enough


def _read_some(stream: BinaryIO, size: int) -> bytes:
    """What one read gives: all bytes before an error come out before the error does."""
    read1 = getattr(stream, "read1", None)
    some: bytes = read1(size) if read1 else stream.read(size)
    return some


@contextmanager
def _our_errors(source: Source) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(
            f"the gzip data is cut off or damaged ({error}).", where=source.name, remedy="Fetch or pack the file again."
        ) from error
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror or error}.", where=source.name, remedy="Check the file and its rights."
        ) from error
