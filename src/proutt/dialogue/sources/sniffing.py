"""Which container a stream is, told from its first bytes alone. Pure."""

from __future__ import annotations

import io
import re
from enum import StrEnum
from typing import Any

from proutt.dialogue.sources.jsontext import JsonError, JsonText
from proutt.errors import UserError

#: keys under which a record keeps its messages
MESSAGE_KEYS = ("messages", "conversation", "conversations")

_PACKED = {
    b"PK\x03\x04": ("a zip archive", "Unpack it first (unzip)."),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "Unpack it first (zstd -d)."),
    b"BZh": ("packed with bzip2", "Unpack it first (bunzip2)."),
    b"\xfd7zXZ\x00": ("packed with xz", "Unpack it first (unxz)."),
}
_MESSAGES = re.compile(rb'"(?:messages|conversations?)"\s*:\s*\[')
_WIDE = (b"\xff\xfe", b"\xfe\xff")
BOM = b"\xef\xbb\xbf"


class Container(StrEnum):
    """How records lie in a stream.

    LINES   one JSON value a line
    ARRAY   one JSON array of records
    OBJECT  one JSON object from id to record
    VALUES  JSON values over several lines each, one after the other; most often a single dialogue, indented
    """

    LINES = "lines"
    ARRAY = "array"
    OBJECT = "object"
    VALUES = "values"
    PARQUET = "parquet"


def refuse_foreign(name: str, head: bytes) -> None:
    """Raises UserError, saying what the bytes are, where they cannot be dialogues in any container."""
    for magic, (what, remedy) in _PACKED.items():
        if head.startswith(magic):
            raise UserError(f"is {what}.", where=name, remedy=remedy)
    if head.startswith(_WIDE) or (head[:4].count(0) >= 2 and head.strip(b"\x00")[:1] in (b"{", b"[")):
        raise UserError(
            "is not UTF-8 text (it looks like UTF-16).", where=name, remedy="Convert it: iconv -f UTF-16 -t UTF-8."
        )
    if b"\x00" in head and not head.startswith(b"PAR1") and head.lstrip()[:1] not in (b"{", b"["):
        raise UserError(
            "is a binary file, not dialogues.",
            where=name,
            remedy="Give JSON, JSON Lines or Parquet, plain or packed with gzip.",
        )


def container_of(head: bytes, *, whole: bool = False) -> Container:
    """The container of a stream that begins so. In doubt, lines: their reader says what is wrong with each.

    whole  a record is any object, be it a dialogue or not
    """
    if head.startswith(b"PAR1"):
        return Container.PARQUET
    head = head.removeprefix(BOM).lstrip()
    text = JsonText(io.BytesIO(head))
    match text.peek():
        case "[":
            text.skip("[")
            return _at_top(head) if not whole and _is_message(_next(text)) else Container.ARRAY
        case "{":
            return Container.OBJECT if not whole and _maps_ids(head) else _at_top(head, whole=whole)
    return Container.LINES


def _maps_ids(head: bytes) -> bool:
    """An object that is no record itself, and whose first value is one, as far as the window shows it."""
    text = JsonText(io.BytesIO(head))
    if _holds_messages(_next(text)):
        return False
    text = JsonText(io.BytesIO(head))
    try:
        text.skip("{")
        if not isinstance(text.value()[0], str):
            return False
        text.skip(":")
        if text.peek() != "{":
            return False
        # What follows the value tells an object from a line that breaks off before the next line.
        return _holds_messages(text.value()[0]) and text.peek() in (",", "}")
    except JsonError as error:
        return error.cut and text.peek() == "{" and _MESSAGES.search(head) is not None
    except RecursionError:
        return False


def _at_top(head: bytes, *, whole: bool = False) -> Container:
    """Records stand at the top level: a line each, unless the first one is sound JSON only beyond its line."""
    first_line, _, rest = head.partition(b"\n")
    if not rest.strip() or _next(JsonText(io.BytesIO(first_line))) is not None:
        return Container.LINES
    try:
        JsonText(io.BytesIO(head)).value()
    except JsonError as error:
        second = _next(JsonText(io.BytesIO(rest.split(b"\n", 1)[0])))
        lines = isinstance(second, dict) if whole else _holds_messages(second)
        return Container.VALUES if error.cut and not lines else Container.LINES
    except RecursionError:
        return Container.LINES
    return Container.VALUES


def _next(text: JsonText) -> Any:
    """The next value, or None where the window does not hold one."""
    try:
        return text.value()[0]
    except (JsonError, RecursionError):
        return None


def _holds_messages(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(key), list) for key in MESSAGE_KEYS)


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and not _holds_messages(value) and any(key in value for key in ("role", "from"))
