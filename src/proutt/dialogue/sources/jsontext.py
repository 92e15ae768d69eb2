"""JSON read value by value from a stream: arrays of records, objects from id to record, values one after the other.

A window of text moves over the stream; each record is decoded by the standard library's decoder as soon as the window
holds all of it. So an array means exactly what the same records mean as JSON Lines (NaN, lone surrogates, bytes that
are not UTF-8), where an event parser would give up on the whole file, and memory holds one record and one chunk.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from proutt.dialogue.raw import Record, bad_record
from proutt.dialogue.sources.naming import Source
from proutt.errors import ItemFailed, UserError

CHUNK = 64 * 1024
#: an error this near to the end of the window may be a token that the window cuts, "-Infinity" or "\ud83d\ude00"
_TOKEN = 16
_SPACE = re.compile(r"[ \t\r\n]*")
_UNDECODED = re.compile("[\udc80-\udcff]")
_DECODER = json.JSONDecoder()


class JsonError(Exception):
    """The text is not JSON from here on. cut: only because it ends too early."""

    def __init__(self, message: str, *, cut: bool, line: int, column: int) -> None:
        super().__init__(message)
        self.cut, self.line, self.column = cut, line, column


class JsonText:
    """A window on a stream of JSON text. Bytes that are not UTF-8 come as surrogates U+DC80..U+DCFF."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text, self._at, self._ended = "", 0, False
        self._lines_before, self._columns_before = 0, 0
        self._more()
        self._at = 1 if self._text.startswith("\ufeff") else 0

    def peek(self) -> str:
        """The next character that is not white space, or "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self, wanted: str) -> None:
        """Step over the one character that must stand here. Raises JsonError."""
        found = self.peek()
        if found != wanted:
            raise self.error(f"expected {wanted!r}", self._at, cut=not found)
        self._at += 1

    def value(self) -> tuple[Any, bool]:
        """The next JSON value, and whether its bytes were all UTF-8. Raises JsonError; RecursionError when too deep."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                maybe_cut = error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _TOKEN
                if maybe_cut and self._more():
                    continue
                raise self.error(error.msg, error.pos, cut=maybe_cut) from None
            except ValueError as error:  # a number of thousands of digits
                raise self.error(str(error), self._at, cut=False) from None
            if end == len(self._text) and not isinstance(value, (dict, list)) and self._more():
                continue  # 12 may be the beginning of 123
            sound = _UNDECODED.search(self._text, self._at, end) is None
            self._at = end
            return value, sound

    def error(self, message: str, at: int, *, cut: bool) -> JsonError:
        """A JsonError at this place of the window, with line and column in the whole stream, from 1."""
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if lines else self._columns_before + at + 1
        return JsonError(message, cut=cut, line=self._lines_before + lines + 1, column=column)

    def _more(self) -> bool:
        """Move the window on: drop what was read, append at least as much as is left. False at the end."""
        if self._ended:
            return False
        gone, left = self._text[: self._at], self._text[self._at :]
        newlines = gone.count("\n")
        self._lines_before += newlines
        self._columns_before = len(gone) - gone.rfind("\n") - 1 + (0 if newlines else self._columns_before)
        raw = self._stream.read(max(CHUNK, len(left)))
        self._ended = not raw
        self._text, self._at = left + self._decode(raw, final=self._ended), 0
        return True


def array_records(source: Source, stream: BinaryIO) -> Iterator[Record]:
    """The elements of one JSON array. Raises UserError where the text breaks off or is no JSON, after those before."""
    text, position = JsonText(stream), 0
    try:
        text.skip("[")
        while text.peek() != "]":
            if position:
                text.skip(",")
            yield _record(source, text, f"[{position}]", made_id=f"{source.stem}-{position}")
            position += 1
        text.skip("]")
        _at_end(text)
    except (JsonError, RecursionError) as error:
        raise _broken(source, error, position) from None


def object_records(source: Source, stream: BinaryIO) -> Iterator[Record]:
    """The values of one JSON object, each with its key. Raises UserError as `array_records` does."""
    text, position = JsonText(stream), 0
    try:
        text.skip("{")
        while text.peek() != "}":
            if position:
                text.skip(",")
            if text.peek() not in ('"', ""):
                text.skip('"')
            key, _ = text.value()
            text.skip(":")
            suffix = f"[{json.dumps(key, ensure_ascii=False)}]"
            yield _record(source, text, suffix, made_id=f"{source.stem}-{position}", key=str(key))
            position += 1
        text.skip("}")
        _at_end(text)
    except (JsonError, RecursionError) as error:
        raise _broken(source, error, position) from None


def value_records(source: Source, stream: BinaryIO) -> Iterator[Record]:
    """JSON values that follow each other. Raises UserError as `array_records` does."""
    text, position = JsonText(stream), 0
    try:
        while text.peek():
            yield _record(source, text, f"[{position}]", made_id=f"{source.stem}-{position}")
            position += 1
    except (JsonError, RecursionError) as error:
        raise _broken(source, error, position) from None


def _record(source: Source, text: JsonText, suffix: str, *, made_id: str, key: str | None = None) -> Record:
    value, sound = text.value()
    return Record(source.name, suffix, made_id, value, key, None if sound else not_utf8())


def not_utf8() -> ItemFailed:
    """The problem of a record whose bytes are not UTF-8."""
    return bad_record("encoding", "it holds bytes that are not UTF-8. Save the file as UTF-8 (iconv -t UTF-8).")


def _at_end(text: JsonText) -> None:
    if text.peek():
        text.skip("")


def _broken(source: Source, error: JsonError | RecursionError, read: int) -> UserError:
    if isinstance(error, RecursionError):
        return UserError(
            f"is nested too deeply after {read} records.", where=source.name, remedy="Is it a dialogue file?"
        )
    where = f"{source.name}:{error.line}:{error.column}"
    if error.cut:
        return UserError(
            f"the file ends in the middle, after {read} whole records.",
            where=where,
            remedy="It was cut off: fetch it again.",
        )
    return UserError(f"is not JSON from here on, after {read} records: {error}.", where=where, remedy="Mend it there.")
